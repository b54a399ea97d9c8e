"""Refusals of pictures by the key of the reason; the sentences are in the catalogue."""

from domain.texts.catalogue import TEXTS
from domain.vocabulary.errors import PictureUnreadable


def refusal(reason: str, **values: str | float) -> PictureUnreadable:
    """Return the error for a reason, with its sentence. Raises KeyError if the catalogue lacks it."""
    return PictureUnreadable(TEXTS["en"].text(f"picture.{reason}", values), reason, **values)
