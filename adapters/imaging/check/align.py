"""Brings a result onto its original, so that the two can be compared pixel by pixel."""

from dataclasses import dataclass

import cv2
import numpy as np

from adapters.imaging.arrays import Mask, Pixels

WORKING_PIXELS = 1_000_000  # of the compared copies


@dataclass(frozen=True)
class Aligned:
    """Both pictures at the same working size, in the original's frame."""

    old: Pixels
    new: Pixels
    valid: Mask  # bool: where the result covers the original
    homography: Mask  # 3 x 3: from the result's pixels to the original's, both at working size


def aligned(before: Pixels, after: Pixels) -> Aligned:
    """Return both pictures at working size, the result scaled onto the original."""
    height, width = before.shape[:2]
    shrink = min(1.0, (WORKING_PIXELS / (width * height)) ** 0.5)
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    old, new = scaled(before, size), scaled(after, size)
    return Aligned(old, new, np.ones(size[::-1], bool), np.eye(3))


def scaled(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Return the pixels scaled to (width, height)."""
    if pixels.shape[1::-1] == size:
        return pixels
    is_smaller = size[0] * size[1] < pixels.shape[0] * pixels.shape[1]
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if is_smaller else cv2.INTER_CUBIC)
