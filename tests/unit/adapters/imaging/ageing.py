"""Ages photographs: scratches through to the paper, brown stains, yellowing."""

import cv2
import numpy as np

from adapters.imaging.arrays import Mask, Pixels


def scratch_mask(shape: tuple[int, int], dice: np.random.Generator, number: int) -> Mask:
    """Return long, slightly bent lines of 1 to 4 pixels, 0 to 1."""
    height, width = shape
    mask: Mask = np.zeros(shape, np.float32)
    for _ in range(number):
        angle = dice.uniform(-0.35, 0.35) + (np.pi / 2 if dice.random() < 0.7 else dice.uniform(0, np.pi))
        length, along = dice.uniform(0.25, 0.9) * max(shape), np.linspace(-0.5, 0.5, 60)
        bend = dice.uniform(-0.04, 0.04) * length * np.cos(along * 3)
        across = dice.uniform(0.1, 0.9) * width + along * length * np.cos(angle) - bend * np.sin(angle)
        down = dice.uniform(0.1, 0.9) * height + along * length * np.sin(angle) + bend * np.cos(angle)
        points = np.round(np.stack([across, down], axis=1) * 8).astype(np.int32)
        cv2.polylines(mask, [points], False, dice.uniform(0.75, 1), int(dice.integers(1, 5)), cv2.LINE_AA, 3)
    return mask


def scratched(pixels: Pixels, mask: Mask, paper: tuple[int, int, int] = (238, 234, 224)) -> Pixels:
    """Let the paper show."""
    result = pixels * (1 - mask[..., None]) + np.array(paper) * mask[..., None]
    shown: Pixels = np.clip(result, 0, 255).astype(np.uint8)
    return shown


def stain_density(shape: tuple[int, int], dice: np.random.Generator, number: int) -> Mask:
    """Return blots with soft or hard outlines and darker rims."""
    _, width = shape
    density: Mask = np.zeros(shape, np.float32)
    for _ in range(number):
        blot: Mask = np.zeros(shape, np.float32)
        middle, radius = dice.uniform(0.1, 0.9, 2) * shape[::-1], dice.uniform(0.04, 0.14) * width
        turns = np.linspace(0, 2 * np.pi, 14)[:-1]
        reach = radius * dice.uniform(0.7, 1.2, (13, 2))
        points = middle + reach * np.stack([np.cos(turns), np.sin(turns)], axis=1)
        cv2.fillPoly(blot, [points.astype(np.int32)], 1)
        blot = cv2.GaussianBlur(blot, (0, 0), dice.uniform(1.5, 12))
        rim = np.abs(cv2.Laplacian(cv2.GaussianBlur(blot, (0, 0), 4), cv2.CV_32F))
        density = np.maximum(density, blot * dice.uniform(0.25, 0.7) + 0.25 * rim / max(float(rim.max()), 1e-6))
    return density


def yellowed(pixels: Pixels, density: Mask, dice: np.random.Generator, grain: float = 2) -> Pixels:
    """Fade and yellow a photograph, and stain it."""
    faded = (pixels * 0.72 + 45) * np.array([1.02, 0.95, 0.775])
    faded *= np.exp(-density[..., None] * np.array([0.35, 0.7, 1.3]))
    aged: Pixels = np.clip(faded + dice.normal(0, grain, (*density.shape, 1)), 0, 255).astype(np.uint8)
    return aged
