"""Why a picture is refused: by the name of its reason, under which the catalogue has the words."""

from domain.errors import PictureUnreadable
from domain.texts import TEXTS


def refusal(reason: str, **values: str | float) -> PictureUnreadable:
    """Return the error for a reason, with its sentence. Raises KeyError for one that the catalogue lacks."""
    return PictureUnreadable(TEXTS["en"].text(f"picture.{reason}", values), reason, **values)
