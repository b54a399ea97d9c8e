"""Where text stands in a picture, so that what changes pixels leaves it as it is."""

import cv2
import numpy as np

from adapters.imaging.arrays import Mask, Pixels
from adapters.imaging.networks.reading import find_lines, read_line

MOST_READ = 24  # lines; the largest
ALL_TEXT = 0.5  # share of the lines read that are text, from which the others count as text, too


def text_mask(pixels: Pixels) -> Mask:
    """Return a uint8 mask of the picture's size, 255 in lines of text with their margins. Raises WeightsMissing."""
    boxes = find_lines(pixels)
    tried = [read_line(pixels, box) for box in boxes[:MOST_READ]]
    lines = [line.corners for line in tried if line.is_sure]
    if len(lines) > ALL_TEXT * len(tried):
        lines += boxes[MOST_READ:]
    mask = np.zeros(pixels.shape[:2], np.uint8)
    for corners in lines:
        middle = corners.mean(axis=0)
        cv2.fillPoly(mask, [np.round(middle + 1.08 * (corners - middle)).astype(np.int32)], 255)
    return mask
