"""Draws an SVG from elsewhere, once it is known that it fetches and runs nothing."""

import io
import re
from xml.parsers import expat

import resvg_py
from PIL import Image

from adapters.imaging.handed_in.kinds import not_taken
from domain.texts.phrase import said
from domain.vocabulary.errors import PictureUnreadable

ACTIVE = {"script", "foreignObject", "iframe", "embed", "object", "animate", "set", "handler"}
OUTSIDE = re.compile(r"url\(\s*['\"]?(?!#)|@import|javascript:", re.IGNORECASE)
LARGEST = 20 * 2**20  # bytes
SMALL, VIEW_SIDE = 64, 2048  # pixels


def check_drawing(data: bytes) -> None:
    """Refuse an SVG with scripts, links to other files, or entities. Raises PictureUnreadable."""
    if len(data) > LARGEST:
        raise _refusal("too_many_bytes", megabytes=f"{len(data) / 2**20:.0f}", most=LARGEST >> 20)
    parser = expat.ParserCreate()

    def started(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] in ACTIVE or any(_is_active(*attribute) for attribute in attributes.items()):
            raise _refusal("active_drawing")

    def declared(*_: object) -> None:
        raise _refusal("active_drawing")

    def written(text: str) -> None:
        if OUTSIDE.search(text):
            raise _refusal("active_drawing")

    parser.StartElementHandler, parser.EntityDeclHandler, parser.CharacterDataHandler = started, declared, written
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise _refusal("broken") from error


def drawn(data: bytes) -> bytes:
    """Return a checked SVG as a PNG of VIEW_SIDE pixels on the long side. Raises PictureUnreadable."""
    try:
        text = data.decode("utf-8-sig")
        width, height = Image.open(_png(text, SMALL)).size
        return _png(text, round(VIEW_SIDE * width / max(width, height))).getvalue()
    except (ValueError, OSError) as error:
        raise _refusal("broken") from error


def _png(text: str, width: int) -> io.BytesIO:
    return io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=text, width=width, skip_system_fonts=True)))


def _is_active(name: str, value: str) -> bool:
    plain = name.rpartition(":")[2].lower()
    is_link = plain in {"href", "src"} and not value.startswith(("#", "data:image/"))
    return plain.startswith("on") or is_link or OUTSIDE.search(value) is not None


def _refusal(reason: str, **values: str | float) -> PictureUnreadable:
    return not_taken(said(f"handed_in.{reason}", **values))
