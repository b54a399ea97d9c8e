"""The copy of a picture that strangers may see: its pixels, scaled down, without any metadata."""

from PIL import Image

from adapters.imaging.colour import to_srgb
from adapters.imaging.decode import decode
from adapters.imaging.encode import as_jpeg
from adapters.imaging.labels import labelled, read
from adapters.imaging.labels.visible import drawn_on
from adapters.imaging.limits import Limits
from domain.ports import EncodedImage

LONG_SIDE = 2048  # pixels
QUALITY = 88


def clean(picture: EncodedImage, limits: Limits) -> EncodedImage:
    """Return a JPEG in sRGB, upright, white where transparent, without metadata. Raises PictureUnreadable.

    Only a label that tells of a model stays.
    """
    image = to_srgb(decode(picture, limits))
    image.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
    label = read(picture.data)
    image = drawn_on(image) if label else image  # no customer can waive it for strangers
    image.info = {}  # a broken colour profile may reveal whose device it was
    return labelled(as_jpeg(image, quality=QUALITY), label)
