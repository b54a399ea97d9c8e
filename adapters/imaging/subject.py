"""The subject of a picture that may be transparent itself: its own alpha and the network's cut-out, combined."""

import cv2
import numpy as np
from scipy.ndimage import distance_transform_edt

from adapters.imaging.arrays import Mask, Pixels, at_most
from adapters.imaging.mixing import blended
from adapters.imaging.networks.cut_out import find_subject, with_subject

OUTLINE_SIDE, EXTENDED_SIDE = 256, 320  # pixels
VISIBLE, ALMOST_VISIBLE = 0.5, 0.7  # alpha
FRAME = 0.96  # of its convex hull: a window, a card with rounded corners or a round portrait fills it
LITTLE = 0.1  # a share of the picture: so little transparency cuts nothing out
WHOLE = 0.9  # of what is visible: the subject fills it, so that it is cut out already


def subject(pixels: Pixels, own: Mask | None = None) -> Mask:
    """Return how much each pixel belongs to the subject, 0 to 1, given the picture's `own` alpha if it has one.

    A picture whose alpha is the outline of a thing is cut out already. One whose alpha is only a frame (rounded
    corners, a window and its shadow) still has a background, which is removed inside of the frame.
    Raises PictureUnreadable if no subject is found. Raises WeightsMissing.
    """
    if own is None:
        return find_subject(pixels)
    if not is_frame(own):
        return with_subject(own)
    found = find_subject(extended(pixels, own)) * own
    is_whole = float(found.sum()) > WHOLE * float(own.sum()) and float(own.mean()) < 1 - LITTLE
    return with_subject(own if is_whole else found)


def is_frame(own: Mask) -> bool:
    """Whether an alpha channel only frames the picture, instead of cutting something out."""
    small = cv2.resize(own, (OUTLINE_SIDE, OUTLINE_SIDE), interpolation=cv2.INTER_AREA)
    visible = (small > VISIBLE).astype(np.uint8)
    if visible.mean() > 1 - LITTLE:
        return True
    corners = cv2.findNonZero(visible)
    if corners is None:  # hardly anything is visible
        return False
    hull = cv2.fillConvexPoly(np.zeros_like(visible), cv2.convexHull(corners), 1)
    return float(visible.sum()) > FRAME * float(hull.sum())


def extended(pixels: Pixels, own: Mask) -> Pixels:
    """Mirror the visible part of a picture into what is transparent, since the colours there may be anything.

    The network would take any other filling for a background, and the frame for the outline of the subject.
    """
    small = at_most(pixels, EXTENDED_SIDE)
    visible = cv2.resize(own, small.shape[1::-1], interpolation=cv2.INTER_AREA) > ALMOST_VISIBLE
    nearest = distance_transform_edt(~visible, return_distances=False, return_indices=True)
    limits = np.array(visible.shape)[:, None, None] - 1
    mirrored = np.clip(2 * nearest - np.indices(visible.shape), 0, limits)
    places = np.where(visible[tuple(mirrored)], mirrored, nearest)
    filled = cv2.resize(small[tuple(places)], pixels.shape[1::-1])
    return blended(pixels, (own > VISIBLE).astype(np.float32), filled)
