"""Finds brown stains on monochrome photographs, and how much light they took.

In a photograph without colours the colour of a pixel follows from its lightness: paper, toning and yellowing give one
curve for all of it. What departs from the curve is a stain, whatever its shape. A stain takes most of the blue light
and least of the red, so the picture is still there in the red; how much of the red it took is the share that makes the
stain's outline vanish. Of a photograph in colours this cannot be told, so there nothing is done.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from adapters.imaging.arrays import Grey, Pixels

SIDE = 1024  # pixels at which a picture is looked at
BINS = 24
DARKEST = 45  # grey levels; below, colours are noise
COLOURED = {1: 0.08, 2: 0.14}  # departure of green and of blue from the curve that counts as a colour
FEW, MANY = 0.015, 0.45  # coloured shares of a picture: less is noise, more is a photograph in colours
BROWN = (0.15, 0.6)  # departure of green, as a share of that of blue
MOSTLY = 0.7  # of what is coloured is brown
FAINT = 0.05  # less is not seen
OUTLINES = 96  # percentile of the slope of a stain's density
PLAUSIBLE, SHARES = (0.26, 1.0), (0.2, 0.6)  # of the red, as measured; as used


@dataclass(frozen=True)
class Stains:
    """The density of the stains (small, in the logarithm of blue over red), and the share of it that the red lacks."""

    density: Grey
    share: float


@dataclass(frozen=True)
class Tone:
    """Whether a photograph has no colours of its own, and its stains if it has any."""

    is_monochrome: bool
    stains: Stains | None = None


def tone_of(pixels: Pixels) -> Tone:
    """Tell a monochrome photograph, stained or not, from one in colours; at most SIDE pixels a side."""
    red = pixels[..., 0].astype(np.float32)
    sure = red > DARKEST
    if not sure.any():
        return Tone(is_monochrome=False)
    green, blue = (cv2.GaussianBlur(_departure(pixels, channel), (0, 0), 1.5) for channel in (1, 2))
    coloured = sure & ((np.abs(green) > COLOURED[1]) | (np.abs(blue) > COLOURED[2]))
    share = float(coloured[sure].mean())
    if share < FEW:
        return Tone(is_monochrome=True)
    is_brown = (blue > 0) & (green > BROWN[0] * blue) & (green < BROWN[1] * blue)
    if share > MANY or float(is_brown[coloured].mean()) < MOSTLY:
        return Tone(is_monochrome=False)
    stains = _stains(red, blue, sure)
    return Tone(is_monochrome=stains is not None, stains=stains)


def _stains(red: Grey, blue: Grey, sure: Grey) -> Stains | None:
    """Return the stains, or None if their outlines do not show in the red as those of stains do."""
    sigma = max(1.0, 2.5 * max(red.shape) / SIDE)
    weight = sure.astype(np.float32)
    density = cv2.GaussianBlur(np.maximum(blue, 0) * weight, (0, 0), sigma)
    density = np.maximum(density / (cv2.GaussianBlur(weight, (0, 0), sigma) + 1e-3) - FAINT, 0)
    share = _share_of_red(red, density, sure)
    return Stains(density, float(np.clip(share, *SHARES))) if PLAUSIBLE[0] < share < PLAUSIBLE[1] else None


def without_stains(pixels: Pixels, stains: Stains, density: Grey) -> Pixels:
    """Return the grey photograph without stains; `density` is that of these pixels."""
    light = pixels[..., 0] * np.exp(stains.share * density)
    grey = np.clip(light + 0.5, 0, 255).astype(np.uint8)
    return cv2.merge((grey, grey, grey))


def _departure(pixels: Pixels, channel: int) -> Grey:
    """Return by how much less of a channel there is than the lightness lets expect, in logarithms."""
    red = pixels[..., 0].astype(np.float32)
    ratio = np.log((pixels[..., channel].astype(np.float32) + 4) / (red + 4))
    place = np.minimum((red * BINS / 256).astype(np.int32), BINS - 1)
    curve = np.array([np.median(ratio[place == one]) if (place == one).any() else np.nan for one in range(BINS)])
    known = ~np.isnan(curve)
    centres = (np.arange(BINS) + 0.5) * 256 / BINS
    expected = np.interp(red, centres[known], curve[known])
    departure: Grey = (expected - ratio).astype(np.float32)
    return departure


def _share_of_red(red: Grey, density: Grey, sure: Grey) -> float:
    """Return how much of a stain's density the red lacks: what makes most of its outline vanish from the picture."""
    light = np.log(cv2.GaussianBlur(red, (0, 0), 2) + 4)
    slopes = [(cv2.Sobel(light, cv2.CV_32F, *way), cv2.Sobel(density, cv2.CV_32F, *way)) for way in ((1, 0), (0, 1))]
    strong = np.hypot(slopes[0][1], slopes[1][1])
    outline = sure & (strong > np.percentile(strong, OUTLINES))
    (light_across, stain_across), (light_down, stain_down) = slopes
    both = light_across * stain_across + light_down * stain_down
    return float(np.median(-both[outline] / strong[outline] ** 2)) if outline.any() else 0.0
