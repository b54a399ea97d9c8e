"""Puts a raw picture whose frame moved back into the original's frame, where that loses nothing."""

import cv2
import numpy as np
from PIL import Image

from adapters.imaging import align, measure
from adapters.imaging.arrays import Mask, Pixels, alpha_of, image_of, pixels_of
from adapters.imaging.finish.framing import proportioned

IN_PLACE = 0.85  # likeness of the outlines from which the frame did not move
SURE = 40  # matches
LEAST_MOVED, LEAST_COVERED = 0.004, 0.998  # shares of the long side and of the original's frame
CURVED = 0.002  # the greatest projective part: more is a guess


def put_right(before: Image.Image, after: Image.Image) -> Image.Image:
    """Return the picture moved, scaled and cut to the original's frame if it shows all of that, else unchanged."""
    old, new = pixels_of(before), pixels_of(after)
    if measure.framing(old, new) > IN_PLACE:
        return after
    found = align.aligned(old, new)
    size = found.old.shape[1::-1]
    if found.matches < SURE or align.moved(found.homography, size) < LEAST_MOVED * max(size):
        return after
    if align.covered(found.homography, size) < LEAST_COVERED or np.abs(found.homography[2, :2]).max() > CURVED:
        return after
    return _moved(before, after, found.homography, size)


def _moved(before: Image.Image, after: Image.Image, homography: Mask, size: tuple[int, int]) -> Image.Image:
    """Apply a homography between pictures at working size to the picture at its own size."""
    target = proportioned(before, max(after.size))
    into = np.diag([size[0] / after.width, size[1] / after.height, 1.0])
    out_of = np.diag([target[0] / size[0], target[1] / size[1], 1.0])
    whole = out_of @ homography @ into
    alpha = np.clip(_warped(alpha_of(after), whole, target), 0, 1) if after.mode == "RGBA" else None
    return image_of(_warped(pixels_of(after), whole, target), alpha, after.info.get("icc_profile"))


def _warped(values: Pixels, matrix: Mask, size: tuple[int, int]) -> Pixels:
    return cv2.warpPerspective(values, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
