"""Work on large pictures in stripes of rows, so that no array of floats is as large as the picture."""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

PIXELS = 2_000_000  # of a stripe
Rows = slice


def stripes(shape: tuple[int, ...]) -> Iterator[Rows]:
    """Yield the rows of each stripe of an array of this shape, from top to bottom."""
    height, width = shape[:2]
    step = max(1, PIXELS // width)
    for top in range(0, height, step):
        yield slice(top, min(height, top + step))


def enlarged(small: Any, shape: tuple[int, ...], rows: Rows) -> Any:
    """Return these rows of `small` as if it had been enlarged (bilinear) to a picture of this shape."""
    height, width = shape[:2]
    down, right = small.shape[0] / height, small.shape[1] / width
    # Pixel centres, not corners, lie on the same place of both pictures.
    places = np.array([[right, 0, right / 2 - 0.5], [0, down, (rows.start + 0.5) * down - 0.5]], np.float32)
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (width, rows.stop - rows.start)
    return cv2.warpAffine(small, places, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
