"""Pictures as NumPy arrays: types, and conversion from and to Pillow."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

# The element types are in comments because OpenCV's type hints lose them at every call.
Pixels = NDArray[Any]  # uint8, height x width x 3, RGB
Mask = NDArray[Any]  # float32, height x width, 0 to 1
Grey = NDArray[Any]  # float32, height x width, 0 to 255


def pixels_of(image: Image.Image) -> Pixels:
    """Return the RGB values of a picture, without its alpha."""
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    return np.asarray(rgb)


def alpha_of(image: Image.Image) -> Mask:
    """Return how opaque each pixel is; 1 everywhere for a picture without alpha."""
    if image.mode != "RGBA":
        return np.ones((image.height, image.width), np.float32)
    return np.asarray(image.getchannel("A"), np.float32) / 255


def image_of(pixels: Pixels, alpha: Mask | None = None, profile: bytes | None = None) -> Image.Image:
    """Return a Pillow picture of RGB pixels, with alpha and an ICC profile if given."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if alpha is not None:
        image.putalpha(Image.fromarray(opaque(alpha)))
    if profile:
        image.info["icc_profile"] = profile
    return image


def opaque(alpha: Mask) -> Pixels:
    """Return alpha as uint8, 0 to 255, without a float array in between."""
    return cv2.convertScaleAbs(alpha, alpha=255)


def grey_of(pixels: Pixels) -> Grey:
    """Return the luma of RGB pixels, 0 to 255."""
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)


def at_most(pixels: Pixels, side: int) -> Pixels:
    """Return the pixels scaled down until no side is longer than `side`; no side gets shorter than one pixel."""
    shrink = side / max(pixels.shape[:2])
    if shrink >= 1:
        return pixels
    height, width = (max(1, round(length * shrink)) for length in pixels.shape[:2])
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
