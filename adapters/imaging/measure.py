"""Measures pictures: sharpness, noise and colourfulness, and comparisons of two."""

import cv2
import numpy as np

from adapters.imaging.arrays import Grey, Pixels, at_most, grey_of

STRIPE = 1024  # rows
FINENESS = 100  # steps a grey level in which slopes are counted
MOST_SLOPE = 256 * FINENESS
FRAMING_SIDE = 128  # pixels; coarse enough to ignore retouching, fine enough to see a shift of 3 %


def edge_strength(pixels: Pixels) -> float:
    """Return the 99th percentile of the gradient, in grey levels a pixel: the slope of the steepest edges.

    Works in stripes, so that a picture of any size needs little memory.
    """
    counts = np.zeros(MOST_SLOPE, np.int64)
    for top in range(0, len(pixels), STRIPE):
        grey = grey_of(pixels[top : top + STRIPE + 2])
        across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
        slope = cv2.magnitude(across, down) * (FINENESS / 8)  # the weights of a Sobel kernel add up to 8
        found = cv2.calcHist([slope.astype(np.uint16)], [0], None, [MOST_SLOPE], [0, MOST_SLOPE])
        counts += found.ravel().astype(np.int64)
    return float(np.searchsorted(np.cumsum(counts), 0.99 * counts.sum())) / FINENESS


def sharpness(pixels: Pixels) -> float:
    """Return the edge strength at 512 px on the long side, so that pictures of any size are comparable."""
    return edge_strength(at_most(pixels, 512))


def change(original: Pixels, result: Pixels) -> tuple[float, float]:
    """Return the mean difference in grey levels, and how many times steeper the result's edges are.

    The original is resampled to the result's size.
    """
    plain = cv2.resize(original, result.shape[1::-1], interpolation=cv2.INTER_LANCZOS4)
    return float(cv2.absdiff(plain, result).mean()), edge_strength(result) / max(edge_strength(plain), 0.1)


def sharpness_gain(original: Pixels, result: Pixels) -> float:
    """Return how many times steeper the result's edges are than those of the original resampled to its size."""
    return change(original, result)[1]


def noise(pixels: Pixels) -> float:
    """Return the deviation of the noise in grey levels (Immerkaer 1996), over the smoother half of the picture."""
    grey = grey_of(pixels)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    residue = np.abs(cv2.filter2D(grey, cv2.CV_32F, kernel))
    smooth = residue <= np.median(residue) * 2
    return float(residue[smooth].mean() * np.sqrt(np.pi / 2) / 6)


def colourfulness(pixels: Pixels) -> float:
    """Return the colourfulness of Hasler and Suesstrunk (2003): 0 is grey, 15 faint, 60 and more vivid."""
    red, green, blue = (channel.astype(np.float32) for channel in cv2.split(pixels))
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    spread = np.hypot(red_green.std(), yellow_blue.std())
    return float(spread + 0.3 * np.hypot(red_green.mean(), yellow_blue.mean()))


def contrast(pixels: Pixels) -> float:
    """Return the share of the grey scale that a picture uses, from its 1st to its 99th percentile."""
    low, high = np.percentile(grey_of(pixels), (1, 99))
    return float(high - low) / 255


def business(pixels: Pixels) -> float:
    """Return the share of pixels on an edge, at 512 px on the long side."""
    edges = cv2.Canny(at_most(pixels, 512), 80, 160)
    return float((edges > 0).mean())


def framing(original: Pixels, result: Pixels) -> float:
    """Return how well the edges of two pictures coincide, 0 to 1: their correlation at a coarse size.

    Edges are compared because retouching changes colour and light but not outlines.
    """
    first, second = _outlines(original), _outlines(result)
    first, second = first - first.mean(), second - second.mean()
    norm = float(np.sqrt((first * first).sum() * (second * second).sum()))
    return max(0.0, float((first * second).sum()) / norm) if norm > 0 else 1.0


def _outlines(pixels: Pixels) -> Grey:
    grey = cv2.resize(grey_of(pixels), (FRAMING_SIDE, FRAMING_SIDE), interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(grey, (0, 0), 1)
    edges = cv2.magnitude(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    return np.sqrt(edges).astype(np.float32)  # else a few strong edges would dominate
