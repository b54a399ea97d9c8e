"""Takes the colours of a subject and its background apart where they mix, and lays pictures over each other."""

import cv2
import numpy as np

from adapters.imaging.arrays import Mask, Pixels, at_most
from adapters.imaging.stripes import enlarged, stripes

SIDE = 1024  # pixels: the neighbourhoods are estimated at this size
WIDE, NARROW = 12, 120  # the radius of a neighbourhood, as a part of the side


def foreground(pixels: Pixels, alpha: Mask) -> Pixels:
    """Estimate the subject's own colours where they mix with the background (blur fusion, Forte 2021).

    Without it hair and edges show a fringe of the old background on the new one.
    """
    front, back = _estimated(pixels, alpha)
    result = np.empty_like(pixels)
    for rows in stripes(pixels.shape):
        near_front, near_back = (enlarged(part, pixels.shape, rows) for part in (front, back))
        result[rows] = _corrected(pixels[rows], alpha[rows, :, None], near_front, near_back) + 0.5
    return result


def blended(above: Pixels, alpha: Mask, below: Pixels | tuple[int, int, int]) -> Pixels:
    """Lay one picture over another one, or over a colour."""
    result = np.empty_like(above)
    for rows in stripes(above.shape):
        weight = alpha[rows, :, None]
        ground = np.array(below) if isinstance(below, tuple) else below[rows]
        result[rows] = above[rows] * weight + ground * (1 - weight) + 0.5
    return result


def _estimated(pixels: Pixels, alpha: Mask) -> tuple[Mask, Mask]:
    """Return the colours of subject and background around each pixel, at a size of at most SIDE."""
    small = at_most(pixels, SIDE).astype(np.float32)
    cover = cv2.resize(alpha, small.shape[1::-1], interpolation=cv2.INTER_AREA)
    weight = cover[..., None]
    front = back = small
    for part in (WIDE, NARROW):
        radius = max(1, max(small.shape) // part)
        window = (2 * radius + 1, 2 * radius + 1)
        share = cv2.blur(cover, window)[..., None]
        front = cv2.blur(front * weight, window) / (share + 1e-5)
        back = cv2.blur(back * (1 - weight), window) / (1 - share + 1e-5)
        front = _corrected(small, weight, front, back)
    return front, back


def _corrected(pixels: Pixels, weight: Mask, front: Mask, back: Mask) -> Mask:
    """Correct the subject's colours by what the mixture of both lacks of the picture."""
    corrected: Mask = np.clip(front + weight * (pixels - weight * front - (1 - weight) * back), 0, 255)
    return corrected
