"""Makes the copy of a picture that a model is sent where the picture itself is more than the model takes."""

import math

from PIL import Image, ImageOps

from adapters.imaging.colour import to_srgb
from adapters.imaging.decode import decode
from adapters.imaging.encode import as_jpeg, flattened
from adapters.imaging.limits import Limits
from domain.ports import EncodedImage, InputLimits

LONG_SIDES = (4096, 3072, 2048, 1024)  # pixels; models make no more than 4K of any picture, and take more than that
EDGES = "#808080"
THICK = 0.9  # of the widest ratio


def reduce(picture: EncodedImage, takes: InputLimits, aspect_ratio: str, limits: Limits) -> EncodedImage:
    """Return a JPEG in sRGB, upright, white where transparent, no smaller than it must be. Raises PictureUnreadable.

    A picture that is too narrow gets equal edges on both sides: what a model makes of it is cut to the original's
    proportions later (finish/framing.py), which takes them off again.
    """
    image = flattened(to_srgb(decode(picture, limits)))
    if takes.is_too_narrow(*image.size):
        image = _with_edges(image, aspect_ratio, takes.widest or 1)
    for side in LONG_SIDES:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        reduced = as_jpeg(image)
        if takes.most_bytes is None or len(reduced.data) <= takes.most_bytes:
            break
    return reduced


def _with_edges(image: Image.Image, aspect_ratio: str, widest: float) -> Image.Image:
    """Lay a picture in the middle of a sheet of the ratio that is asked of the model, if it takes that.

    Edges are never so thin that they would pass for a difference of rounding, and stay.
    """
    across, _, down = aspect_ratio.partition(":")
    wanted = float(across) / float(down) if down else 1
    ratio = min(max(wanted, 1 / (THICK * widest)), THICK * widest)
    width, height = max(image.width, math.ceil(image.height * ratio)), max(image.height, math.ceil(image.width / ratio))
    sheet = ImageOps.pad(image, (width, height), color=EDGES)
    sheet.info = dict(image.info)
    return sheet
