"""Checks an SVG from elsewhere, and draws it."""

from adapters.imaging.drawings import contents, drawn_within
from adapters.imaging.handed_in.kinds import not_taken
from adapters.imaging.limits import MEBIBYTE, exceeding
from domain.texts.phrase import said
from domain.vocabulary.errors import PictureUnreadable

LARGEST = 20 * MEBIBYTE
VIEW_SIDE = 2048  # pixels


def view_of(data: bytes) -> bytes:
    """Draw an SVG as a PNG. One with scripts, links to other files, or entities is not drawn: PictureUnreadable."""
    if len(data) > LARGEST:
        raise _refusal("too_many_bytes", megabytes=exceeding(len(data), MEBIBYTE), most=LARGEST // MEBIBYTE)
    try:
        if contents(data).forbidden:
            raise _refusal("active_drawing")
        return drawn_within(data, VIEW_SIDE)
    except (ValueError, OSError) as error:
        raise _refusal("broken") from error


def _refusal(reason: str, **values: str | float) -> PictureUnreadable:
    return not_taken(said(f"handed_in.{reason}", **values))
