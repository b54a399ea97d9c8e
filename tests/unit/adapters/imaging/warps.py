"""Spoils the geometry of a picture a little, as image models do."""

import cv2
import numpy as np

from adapters.imaging.arrays import Pixels
from adapters.imaging.networks.faces import Face


def pushed(pixels: Pixels, centre: tuple[float, float], radius: float, by: tuple[float, float]) -> Pixels:
    """Push what lies around a centre; nothing moves at the radius."""
    down, across = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]].astype(np.float32)
    weight = np.clip(1 - ((across - centre[0]) ** 2 + (down - centre[1]) ** 2) / radius**2, 0, 1) ** 2
    return cv2.remap(pixels, across - by[0] * weight, down - by[1] * weight, cv2.INTER_CUBIC)


def with_one_eye_lower(pixels: Pixels, face: Face, share: float) -> Pixels:
    """Move the left eye down by a share of the face."""
    x, y = face.points[33]
    return pushed(pixels, (float(x), float(y)), 0.3 * face.side, (0, share * face.side))


def slimmed(pixels: Pixels, face: Face, share: float) -> Pixels:
    """Move both sides of the jaw inwards, by a share of the jaw's width in all."""
    for corner, opposite in ((172, 397), (397, 172)):
        (x, y), across = face.points[corner], face.points[opposite] - face.points[corner]
        reach = float(np.linalg.norm(across)) / 2
        pixels = pushed(pixels, (float(x), float(y)), reach, tuple(across * share / 2))
    return pixels


def widened(pixels: Pixels, face: Face, share: float) -> Pixels:
    """Stretch the whole face sideways."""
    x = float(face.points[:, 0].mean())
    across = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]].astype(np.float32)[1]
    down = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]].astype(np.float32)[0]
    weight = np.clip(1 - ((across - x) / face.side) ** 2, 0, 1) ** 2
    return cv2.remap(pixels, across - (across - x) * share * weight, down, cv2.INTER_CUBIC)
