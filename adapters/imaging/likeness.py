"""A perceptual hash of 64 bits: similar pictures differ in few of them."""

import imagehash
from PIL import Image

from adapters.imaging.encode import flattened


def likeness(picture: Image.Image) -> str:
    """Return the perceptual hash (pHash) as 16 hex digits; transparent pixels count as white."""
    return str(imagehash.phash(flattened(picture)))
