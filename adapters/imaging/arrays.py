"""Pictures as NumPy arrays: types, conversion from and to Pillow, and the guided filter that refines masks."""

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
        image.putalpha(Image.fromarray((alpha * 255 + 0.5).astype(np.uint8)))
    if profile:
        image.info["icc_profile"] = profile
    return image


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


def guided_filter(guide: Mask, mask: Mask, radius: int, epsilon: float) -> Mask:
    """Let a mask follow the edges of a guide (He, Sun and Tang 2010). `radius` in pixels, values 0 to 1."""
    window = (2 * radius + 1, 2 * radius + 1)

    def mean(values: Mask) -> Mask:
        return cv2.blur(values, window)

    mean_guide, mean_mask = mean(guide), mean(mask)
    variance = mean(guide * guide) - mean_guide * mean_guide
    slope = (mean(guide * mask) - mean_guide * mean_mask) / (variance + epsilon)
    offset = mean_mask - slope * mean_guide
    refined: Mask = np.clip(mean(slope) * guide + mean(offset), 0, 1)
    return refined
