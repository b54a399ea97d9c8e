"""Repairs old photographs before enlarging them: scratches, creases, fading, yellowing and grain."""

import cv2
import numpy as np

from adapters.imaging.arrays import Grey, Mask, Pixels, grey_of
from adapters.imaging.measure import noise

LONGEST_WIDTH = 9  # pixels at 1024 on the long side; anything wider is not a scratch
DISTINCT, FAINT = 28, 16  # grey levels: at which a scratch is certain, and down to which it is followed
FINE_GRAIN = 1.5  # grey levels; invisible noise
MOST_DAMAGE = 0.06  # share of the picture; more is texture, not damage


def restore(pixels: Pixels) -> Pixels:
    """Return the photograph in the same size, with damage filled, colours balanced and grain softened."""
    return _unfaded(_without_grain(_mended(pixels)))


def damage(pixels: Pixels) -> Mask:
    """Return a uint8 mask, 255 on scratches and creases: thin, long, far brighter or darker than both sides."""
    side = max(pixels.shape)
    width = max(5, round(LONGEST_WIDTH * side / 1024)) | 1
    thin = _thin(grey_of(pixels), width)
    activity = cv2.blur(thin, (width * 8, width * 8))  # fur and leaves are also thin and bright, but everywhere
    seeds = _long((thin > DISTINCT) & (thin > 3.5 * activity), side)
    if seeds.mean() > MOST_DAMAGE:
        return np.zeros(seeds.shape, np.uint8)
    reach = cv2.dilate(seeds, np.ones((side // 20, side // 20), np.uint8))
    mask = _touching((thin > FAINT) & (reach > 0), seeds)
    return cv2.dilate(mask * 255, np.ones((3, 3), np.uint8))


def _thin(grey: Grey, width: int) -> Grey:
    """Return by how much each pixel of a detail narrower than `width` differs from its surroundings."""
    smooth = cv2.GaussianBlur(grey, (0, 0), 0.7)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    bright = cv2.morphologyEx(smooth, cv2.MORPH_TOPHAT, kernel)
    return np.maximum(bright, cv2.morphologyEx(smooth, cv2.MORPH_BLACKHAT, kernel))


def _long(found: Mask, side: int) -> Mask:
    """Keep only long thin shapes, since eyes and buttons are also small and bright."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(found.astype(np.uint8), connectivity=8)
    length = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    thickness = stats[:, cv2.CC_STAT_AREA] / np.maximum(length, 1)
    keep = (length > side * 0.06) & (thickness < length * 0.15)
    keep[0] = False  # the background
    kept: Mask = keep[labels].astype(np.uint8)
    return kept


def _touching(found: Mask, seeds: Mask) -> Mask:
    """Follow scratches where they grow faint (hysteresis): keep the shapes that contain a seed."""
    _, labels = cv2.connectedComponents(found.astype(np.uint8), connectivity=8)
    kept = np.unique(labels[seeds > 0])
    return (np.isin(labels, kept[kept > 0]) | (seeds > 0)).astype(np.uint8)


def _mended(pixels: Pixels) -> Pixels:
    mask = damage(pixels)
    return cv2.inpaint(pixels, mask, 3, cv2.INPAINT_TELEA) if mask.any() else pixels


def _unfaded(pixels: Pixels) -> Pixels:
    """Stretch each channel towards the full scale, which also removes a yellow cast, then the lightness locally."""
    low, high = np.percentile(pixels.reshape(-1, 3), (0.5, 99.5), axis=0)
    stretched = (pixels - low) / np.maximum(high - low, 32) * 255
    balanced = np.clip(0.15 * pixels + 0.85 * stretched, 0, 255).astype(np.uint8)
    lab: Pixels = cv2.cvtColor(balanced, cv2.COLOR_RGB2LAB)
    light = cv2.createCLAHE(clipLimit=1.3, tileGridSize=(4, 4)).apply(lab[..., 0])
    lab[..., 0] = cv2.addWeighted(light, 0.5, lab[..., 0], 0.5, 0)
    result: Pixels = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
    return result


def _without_grain(pixels: Pixels) -> Pixels:
    strength = noise(pixels)
    if strength < FINE_GRAIN:
        return pixels
    softened: Pixels = cv2.fastNlMeansDenoisingColored(pixels, None, strength, 10, 5, 15)
    return softened
