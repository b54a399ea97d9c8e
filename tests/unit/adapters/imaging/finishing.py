"""A small photograph, finished and checked as an order's picture is."""

from PIL import Image, ImageDraw, ImageFilter

from adapters.imaging.check import check
from adapters.imaging.finish import finish
from adapters.imaging.limits import Limits
from domain.ports import Deliverable, EncodedImage, FileCheck, Wish
from domain.vocabulary.pictures import Operation, TargetSize
from tests.unit.adapters.imaging.pictures import encoded, photograph, scene

LIMITS = Limits()
CAT = photograph("chelsea.png")
PHOTO = encoded(CAT.filter(ImageFilter.GaussianBlur(1.2)), "JPEG", quality=95)
SCENE = encoded(scene(160, 120))
SHARP = encoded(CAT.resize((320, 240)))


def subject() -> EncodedImage:
    """A raw picture of SCENE whose own alpha channel cuts its disc out."""
    alpha = Image.new("L", (640, 480))
    ImageDraw.Draw(alpha).ellipse((4 * 56 - 106, 4 * 48 - 106, 4 * 56 + 106, 4 * 48 + 106), fill=255)
    picture = scene(160, 120, "RGBA")
    picture.putalpha(alpha.resize((160, 120), Image.Resampling.BOX))
    return encoded(picture)


def made(operation: Operation, raw: EncodedImage = SHARP, size: TargetSize | None = None) -> Deliverable:
    return finish(PHOTO, raw, Wish(operation, "", size), LIMITS)


def checked(
    operation: Operation, result: Deliverable, size: TargetSize | None = None, original: EncodedImage = PHOTO
) -> FileCheck:
    return check(original, result.file, result.view, Wish(operation, "", size), LIMITS)


def as_deliverable(file: EncodedImage, view: EncodedImage | None = None) -> Deliverable:
    return Deliverable(file, view or file, "any")
