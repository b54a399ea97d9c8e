"""Makes a copy of a picture for a model that does not accept the original's size."""

import math

from PIL import Image, ImageOps

from adapters.imaging.colour import to_srgb
from adapters.imaging.decode import decode
from adapters.imaging.encode import as_jpeg, flattened
from adapters.imaging.labels import carried_over
from adapters.imaging.limits import Limits
from domain.ports import EncodedImage, InputLimits

LONG_SIDES = (4096, 3072, 2048, 1024)  # pixels; models produce at most 4K, and accept more than that
EDGES = "#808080"
THICK = 0.9  # share of the widest ratio


def reduce(picture: EncodedImage, takes: InputLimits, aspect_ratio: str, limits: Limits) -> EncodedImage:
    """Return a JPEG in sRGB, upright, white where transparent, and as large as allowed. Raises PictureUnreadable.

    A picture that is too narrow is padded equally on both sides. The result is cropped to the original's proportions
    later (finish/framing.py), which removes the padding.
    """
    image = flattened(to_srgb(decode(picture, limits)))
    if takes.is_too_narrow(*image.size):
        image = _with_edges(image, aspect_ratio, takes.widest or 1)
    for side in LONG_SIDES:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        reduced = as_jpeg(image)
        if takes.most_bytes is None or len(reduced.data) <= takes.most_bytes:
            break
    return carried_over(picture, reduced)


def _with_edges(image: Image.Image, aspect_ratio: str, widest: float) -> Image.Image:
    """Pad a picture to the aspect ratio requested from the model, if the model accepts that.

    The padding is never so thin that it would be taken for a rounding difference and left in.
    """
    across, _, down = aspect_ratio.partition(":")
    wanted = float(across) / float(down) if down else 1
    ratio = min(max(wanted, 1 / (THICK * widest)), THICK * widest)
    width, height = max(image.width, math.ceil(image.height * ratio)), max(image.height, math.ceil(image.width / ratio))
    sheet = ImageOps.pad(image, (width, height), color=EDGES)
    sheet.info = dict(image.info)
    return sheet
