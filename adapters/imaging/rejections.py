"""Why a picture is refused: by the name of its reason, under which the catalogue has the words."""

from domain.texts.catalogue import TEXTS
from domain.vocabulary.errors import PictureUnreadable


def refusal(reason: str, **values: str | float) -> PictureUnreadable:
    """Return the error for a reason, with its sentence. Raises KeyError for one that the catalogue lacks."""
    return PictureUnreadable(TEXTS["en"].text(f"picture.{reason}", values), reason, **values)
