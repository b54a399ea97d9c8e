"""What a picture looks like, as 64 bits: pictures that look alike differ in few of them."""

import imagehash
from PIL import Image

from adapters.imaging.encode import flattened


def likeness(picture: Image.Image) -> str:
    """Return the perceptual hash (pHash) in 16 hex digits; what is transparent counts as white."""
    return str(imagehash.phash(flattened(picture)))
