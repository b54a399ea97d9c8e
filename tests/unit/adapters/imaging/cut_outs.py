"""A good cut-out of a demonstration's photograph, made once for all tests, when the first one needs it."""

from functools import cache

from PIL import Image

from adapters.imaging.arrays import Mask, Pixels, pixels_of
from adapters.imaging.mixing import foreground
from adapters.imaging.networks.cut_out import find_subject
from tests.unit.adapters.imaging.pictures import PHOTOS

PHOTO = Image.open(PHOTOS / "astronaut.jpg").convert("RGB").crop((0, 0, 460, 512))
PIXELS = pixels_of(PHOTO)


@cache
def alpha() -> Mask:
    return find_subject(PIXELS)


@cache
def colours() -> Pixels:
    return foreground(PIXELS, alpha())
