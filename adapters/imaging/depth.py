"""Converts pictures of any mode and depth to 8-bit RGB or RGBA."""

import math
from typing import Any

import numpy as np
from PIL import Image

from adapters.imaging.arrays import Pixels
from adapters.imaging.colour import cmyk_to_srgb, grey_to_srgb, lab_to_srgb, sound_profile

OPAQUE = 255
LEAST_DPI, MOST_DPI = 10, 10_000
FULL_NUMBERS, FULL_FRACTIONS = (2**16, 2**31, 2**32), (1, 255)
GREYS = {"1", "L", "LA", "La", "I", "F"}


def eight_bit(image: Image.Image) -> Image.Image:
    """Return the picture as RGB, or RGBA if any pixel is transparent.

    `info` has its ICC profile if it is one of RGB, its resolution in dpi, and whether it was stored as grey.
    """
    profile = image.info.get("icc_profile")
    is_grey = image.mode in GREYS or image.mode.startswith("I;")
    result, kept = _rgb(image, profile)
    if result.mode == "RGBA" and result.getchannel("A").getextrema()[0] == OPAQUE:
        result = result.convert("RGB")
    facts = {"icc_profile": kept, "dpi": _dpi(image.info.get("dpi")), "is_grey": is_grey}
    result.info = {name: fact for name, fact in facts.items() if fact}
    return result


def _rgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, bytes | None]:
    """Return the picture in RGB or RGBA, and the profile that still describes it."""
    if image.mode == "CMYK":
        return cmyk_to_srgb(image, profile), None
    if image.mode == "LAB":
        return lab_to_srgb(image), None
    if image.mode.startswith(("I", "F")):
        return Image.fromarray(_from_deep(np.asarray(image))).convert("RGB"), None
    if image.mode == "L" and profile and not image.has_transparency_data:
        return grey_to_srgb(image, profile), None
    plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    return plain, sound_profile(profile) if image.mode in {"RGB", "RGBA", "P"} else None


def _from_deep(values: Any) -> Pixels:
    """Keep the highest byte of grey that is deeper than 8 bits; Pillow's own conversion turns all above 255 to white.

    Numbers of 32 bits may hold 16 bits, and fractions 0 to 1 or 0 to 255: the largest value tells.
    """
    whole = np.nan_to_num(values.astype(np.float32)).clip(0)
    top = float(whole.max(initial=0))
    if values.dtype.kind == "f":
        full = next((full for full in FULL_FRACTIONS if top <= full), top)
    else:
        full = next((full for full in FULL_NUMBERS if top < full), FULL_NUMBERS[-1])
    bytes_: Pixels = (whole * ((256 if full in FULL_NUMBERS else 255) / full)).clip(0, 255).astype(np.uint8)
    return bytes_


def _dpi(stated: Any) -> tuple[int, int] | None:
    """Return the resolution if it is sane; files state zero, fractions of zero and millions."""
    try:
        across = float(stated[0] if isinstance(stated, tuple) else stated)
    except (TypeError, ValueError, ZeroDivisionError, IndexError):
        return None
    if not math.isfinite(across) or not LEAST_DPI <= across <= MOST_DPI:
        return None
    return round(across), round(across)
