"""Where a result's fine structure is no longer the original's: a cheap sign of where to look closer."""

import cv2
import numpy as np

from adapters.imaging.arrays import Mask
from adapters.imaging.check.pair import Pair

WINDOW = 11  # pixels at working size: about a letter
STRUCTURED = 12  # grey levels of deviation; flatter windows hold no letters
SAME_STRUCTURE = 0.85  # correlation; sharpening and compression leave more


def changed_structure(pair: Pair) -> Mask:
    """Return where windows that have structure correlate badly with the original's, as bool."""
    size = (WINDOW, WINDOW)
    old, new = pair.old_luma, pair.new_luma
    old_mean, new_mean = cv2.blur(old, size), cv2.blur(new, size)
    both = cv2.blur(old * new, size) - old_mean * new_mean
    old_var = np.maximum(cv2.blur(old * old, size) - old_mean * old_mean, 0)
    new_var = np.maximum(cv2.blur(new * new, size) - new_mean * new_mean, 0)
    alike = both / np.sqrt(old_var * new_var + 1)
    changed: Mask = (old_var > STRUCTURED**2) & (alike < SAME_STRUCTURE) & pair.valid
    return changed
