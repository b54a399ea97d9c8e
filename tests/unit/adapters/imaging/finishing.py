"""A small photograph, finished and checked as an order's picture is."""

from PIL import Image, ImageFilter

from adapters.imaging.check import check
from adapters.imaging.finish import finish
from adapters.imaging.limits import Limits
from domain.ports import Deliverable, EncodedImage, FileCheck, Wish
from domain.vocabulary.pictures import Operation, TargetSize
from tests.unit.adapters.imaging.pictures import encoded, photograph, scene

LIMITS = Limits()
CAT = photograph("chelsea.png")
PHOTO = encoded(CAT.filter(ImageFilter.GaussianBlur(1.2)), "JPEG", quality=95)
SHARP = encoded(CAT.resize((320, 240)))


def subject() -> EncodedImage:
    """A raw picture that has an alpha channel of its own."""
    picture, alpha = scene(160, 120, "RGBA"), Image.new("L", (160, 120))
    alpha.paste(255, (20, 12, 120, 108))
    picture.putalpha(alpha)
    return encoded(picture)


def made(operation: Operation, raw: EncodedImage = SHARP, size: TargetSize | None = None) -> Deliverable:
    return finish(PHOTO, raw, Wish(operation, "", size), LIMITS)


def checked(operation: Operation, result: Deliverable, size: TargetSize | None = None) -> FileCheck:
    return check(PHOTO, result.file, result.view, Wish(operation, "", size), LIMITS)


def as_deliverable(file: EncodedImage, view: EncodedImage | None = None) -> Deliverable:
    return Deliverable(file, view or file, "any")
