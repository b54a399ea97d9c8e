"""The edits that OpenCV can really do."""

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np

from adapters.imaging.arrays import Mask, Pixels
from adapters.imaging.edit_words import Edits
from adapters.imaging.mixing import blended, foreground
from adapters.imaging.subject import subject

# Background colours that photo shops use for ID photographs.
BACKGROUNDS = {
    "white": (255, 255, 255), "red": (217, 0, 27), "blue": (67, 142, 219), "grey": (200, 200, 200),
    "black": (0, 0, 0), "green": (0, 177, 64), "pink": (255, 192, 203),
}  # fmt: skip


def apply(edits: Edits, pixels: Pixels, own: Mask | None = None) -> Pixels:
    """Return the edited pixels; the background is changed behind the subject, given the picture's `own` alpha.

    Raises PictureUnreadable if the background is to change and no subject is found.
    """
    toned = pixels
    for tone in edits.tones:
        toned = CHANGES[tone](toned)
    if edits.background:  # the network sees the unedited picture, and the background gets the exact colour
        alpha = subject(pixels, own)
        colours = toned if alpha is own else foreground(toned, alpha)
        return blended(colours, alpha, BACKGROUNDS[edits.background])
    return toned


def _gamma(pixels: Pixels, gamma: float) -> Pixels:
    return cv2.LUT(pixels, (255 * (np.arange(256) / 255) ** gamma + 0.5).astype(np.uint8))


def _scaled(pixels: Pixels, factors: tuple[float, float, float]) -> Pixels:
    scales = np.clip(np.arange(256)[:, None] * np.array(factors) + 0.5, 0, 255).astype(np.uint8)
    return cv2.LUT(pixels, scales[None])


def _saturated(pixels: Pixels, factor: float) -> Pixels:
    grey = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return cv2.addWeighted(pixels, factor, grey, 1 - factor, 0)


def _contrasted(pixels: Pixels) -> Pixels:
    """Apply an S-curve to the tones, so that neither end is clipped."""
    steps = np.arange(256) / 255
    curve = steps + 0.12 * np.sin(2 * np.pi * (steps - 0.5))
    return cv2.LUT(pixels, (np.clip(curve, 0, 1) * 255).astype(np.uint8))


def _flattened(pixels: Pixels) -> Pixels:
    return cv2.LUT(pixels, (127.5 + 0.8 * (np.arange(256) - 127.5) + 0.5).astype(np.uint8))


CHANGES: dict[str, Callable[[Pixels], Pixels]] = {
    "darker": partial(_gamma, gamma=1.28),
    "brighter": partial(_gamma, gamma=0.78),
    "contrast": _contrasted,
    "flatter": _flattened,
    "warmer": partial(_scaled, factors=(1.08, 1.0, 0.9)),
    "cooler": partial(_scaled, factors=(0.92, 1.0, 1.08)),
    "vivid": partial(_saturated, factor=1.3),
    "muted": partial(_saturated, factor=0.7),
    "monochrome": partial(_saturated, factor=0),
}
