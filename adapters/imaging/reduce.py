"""Makes the copy of a picture that a model is sent where the picture itself is larger than the model takes."""

from PIL import Image

from adapters.imaging.colour import to_srgb
from adapters.imaging.decode import decode
from adapters.imaging.encode import as_jpeg
from adapters.imaging.limits import Limits
from domain.ports import EncodedImage

LONG_SIDES = (4096, 3072, 2048, 1024)  # pixels; models make no more than 4K of any picture


def reduce(picture: EncodedImage, most_bytes: int, limits: Limits) -> EncodedImage:
    """Return a JPEG in sRGB, upright, white where transparent, no smaller than it must be. Raises PictureUnreadable."""
    image = to_srgb(decode(picture, limits))
    for side in LONG_SIDES:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        reduced = as_jpeg(image)
        if len(reduced.data) <= most_bytes:
            break
    return reduced
