"""Brings a result onto its original, so that the two can be compared pixel by pixel.

Features (SIFT) and RANSAC find the homography, ECC (Evangelidis and Psarakis 2008) refines it, and dense optical flow
(DIS, Kroeger et al. 2016) measures what moves within the picture after that. Everything works on small copies.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np

from adapters.imaging.arrays import Grey, Mask, Pixels, grey_of

WORKING_PIXELS = 1_000_000  # of the compared copies
FEATURE_PIXELS = 140_000
FLOW_PIXELS = 120_000
FEATURES = 600
RATIO = 0.8  # of the distances to the best and second-best match (Lowe 2004)
LEAST_MATCHES = 12  # that agree on one homography
MANY_MATCHES = 60
NEAR = 0.007  # of the long side, by which matches may miss it, and at least a pixel
GREATEST_CHANGE = 3.0  # of size, between the result's frame and the original's
SMOOTHING = 5  # pixels, so that ECC sees shapes and not grain
OPAQUE = 255
FARTHEST_REFINED = 4.0  # pixels at feature size
SAME = 0.6  # pixels at feature size: a smaller movement is resampling, and not corrected


_ecc: Any = cv2.findTransformECC  # its type hints lack the last argument


@dataclass(frozen=True)
class Aligned:
    """Both pictures at the same working size, in the original's frame."""

    old: Pixels
    new: Pixels
    valid: Mask  # bool: where the result covers the original
    homography: Mask  # 3 x 3: from the result's pixels to the original's, both at working size
    matches: int  # that agree; 0: no homography was found, and the result is only scaled


def aligned(before: Pixels, after: Pixels) -> Aligned:
    """Return both pictures at working size, the result brought onto the original."""
    size = size_of(before, WORKING_PIXELS)
    old, new = scaled(before, size), scaled(after, size)
    seen = min(FEATURE_PIXELS, after.shape[0] * after.shape[1])  # an enlarged result has no finer features
    homography, matches = _registered(old, new, seen)
    if matches == 0 or moved(homography, size) <= SAME * _scale(size, FEATURE_PIXELS):
        return Aligned(old, new, np.ones(size[::-1], bool), np.eye(3), matches)
    laid = cv2.warpPerspective(new, homography, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    valid = cv2.warpPerspective(np.full(size[::-1], 255, np.uint8), homography, size, flags=cv2.INTER_LINEAR) == OPAQUE
    return Aligned(old, laid, cv2.erode(valid.astype(np.uint8), np.ones((3, 3))) > 0, homography, matches)


def moved(homography: Mask, size: tuple[int, int]) -> float:
    """Return the largest movement of a corner, in pixels."""
    frame = corners(size)
    return float(np.linalg.norm(cv2.perspectiveTransform(frame, homography) - frame, axis=2).max())


def corners(size: tuple[int, int]) -> Mask:
    """Return the corners of a frame as OpenCV's functions take them."""
    width, height = size
    return np.array([[[0, 0]], [[width, 0]], [[width, height]], [[0, height]]], np.float32)


def covered(homography: Mask, size: tuple[int, int]) -> float:
    """Return the share of the frame that is covered by a result with this homography."""
    frame = corners(size)
    area, _ = cv2.intersectConvexConvex(cv2.perspectiveTransform(frame, homography), frame)
    return min(1.0, area / (size[0] * size[1]))


def scaled(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Return the pixels scaled to (width, height)."""
    if pixels.shape[1::-1] == size:
        return pixels
    is_smaller = size[0] * size[1] < pixels.shape[0] * pixels.shape[1]
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if is_smaller else cv2.INTER_CUBIC)


def flow(old: Pixels, new: Pixels) -> tuple[Mask, Mask]:
    """Return how far each pixel moves, as a share of the long side, and where that is certain (bool), at flow size."""
    size = size_of(old, FLOW_PIXELS)
    first, second = (_normalised(grey_of(scaled(one, size))) for one in (old, new))
    there, back = _flow().calc(first, second, None), _flow().calc(second, first, None)
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    returned: Mask = cv2.remap(
        back, x + there[..., 0], y + there[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    length = np.linalg.norm(there, axis=2)
    certain = np.linalg.norm(there + returned, axis=2) < 0.5 + 0.1 * length
    return length / max(size), certain


def _registered(old: Pixels, new: Pixels, most: int) -> tuple[Mask, int]:
    """Return the homography from new to old at working size, and how many matches agree on it."""
    size = size_of(old, most)
    first, second = (_equalised(scaled(one, size)) for one in (old, new))
    found, matches = _by_features(first, second)
    if found is None:
        return np.eye(3), 0
    refined = _refined(first, second, found)
    scale = np.diag([old.shape[1] / size[0], old.shape[0] / size[1], 1.0])
    return scale @ refined @ np.linalg.inv(scale), matches


def _by_features(first: Pixels, second: Pixels) -> tuple[Mask | None, int]:
    points, marks = _sift().detectAndCompute(first, None)
    others, other_marks = _sift().detectAndCompute(second, None)
    if min(len(points), len(others)) < LEAST_MATCHES:
        return None, 0
    pairs = cv2.BFMatcher().knnMatch(other_marks, marks, k=2)
    good = [best for best, *rest in pairs if rest and best.distance < RATIO * rest[0].distance]
    if len(good) < LEAST_MATCHES:
        return None, 0
    source = np.array([others[match.queryIdx].pt for match in good], np.float32)
    target = np.array([points[match.trainIdx].pt for match in good], np.float32)
    cv2.setRNGSeed(1)  # the same pair must give the same facts
    near = max(1.0, NEAR * max(first.shape))
    found, agreeing = _similarity(source, target, 2 * near)
    if agreeing >= MANY_MATCHES:  # few points would bend a homography
        found, inliers = cv2.findHomography(source, target, cv2.USAC_MAGSAC, near, maxIters=1000, confidence=0.999)
        agreeing = int(inliers.sum()) if found is not None else 0
    if found is None or agreeing < LEAST_MATCHES or not _is_sensible(found, first.shape[1::-1]):
        return None, 0
    return found, agreeing


def _similarity(source: Mask, target: Mask, near: float) -> tuple[Mask | None, int]:
    """Return the shift, turn and zoom between points, as a homography, and how many agree on it."""
    found, inliers = cv2.estimateAffinePartial2D(source, target, ransacReprojThreshold=near)
    return (None, 0) if found is None else (np.vstack([found, [0, 0, 1]]), int(inliers.sum()))


def _is_sensible(homography: Mask, size: tuple[int, int]) -> bool:
    """Whether it keeps the frame a convex four-sided shape of about its size."""
    frame = cv2.perspectiveTransform(corners(size), homography).reshape(-1, 2)
    area = cv2.contourArea(frame) / (size[0] * size[1])
    return bool(cv2.isContourConvex(frame)) and 1 / GREATEST_CHANGE**2 < area < GREATEST_CHANGE**2


def _refined(first: Pixels, second: Pixels, found: Mask) -> Mask:
    """Refine a homography by ECC, unless that makes it worse or does not converge."""
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 15, 1e-4)
    half = np.diag([0.5, 0.5, 1.0])
    small = [cv2.resize(one, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for one in (first, second)]
    start = np.linalg.inv(half @ found @ np.linalg.inv(half)).astype(np.float32)
    try:
        _, warp = _ecc(small[0], small[1], start, cv2.MOTION_HOMOGRAPHY, stop, None, SMOOTHING)
    except cv2.error:
        return found
    refined: Mask = np.linalg.inv(half) @ np.linalg.inv(warp.astype(np.float64)) @ half
    size = first.shape[1::-1]
    is_better = _is_sensible(refined, size) and moved(refined @ np.linalg.inv(found), size) < FARTHEST_REFINED
    return refined / refined[2, 2] if is_better else found


def _equalised(pixels: Pixels) -> Pixels:
    """Return the luma with even local contrast, so that faded and restored pictures have the same features."""
    return cv2.createCLAHE(3, (8, 8)).apply(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))


def _normalised(grey: Grey) -> Pixels:
    """Return the luma with zero mean and even deviation around each pixel, since flow assumes constant brightness."""
    mean = cv2.blur(grey, (31, 31))
    deviation = np.sqrt(np.maximum(cv2.blur(grey * grey, (31, 31)) - mean * mean, 0)) + 8
    even: Pixels = np.clip(128 + 50 * (grey - mean) / deviation, 0, 255).astype(np.uint8)
    return even


def size_of(pixels: Pixels, most: int) -> tuple[int, int]:
    """Return the (width, height) of a copy with at most so many pixels."""
    height, width = pixels.shape[:2]
    shrink = min(1.0, math.sqrt(most / (width * height)))
    return max(1, round(width * shrink)), max(1, round(height * shrink))


def _scale(size: tuple[int, int], most: int) -> float:
    return max(1.0, math.sqrt(size[0] * size[1] / most))


@cache
def _sift() -> Any:
    return cv2.SIFT.create(FEATURES, contrastThreshold=0.02)


@cache
def _flow() -> Any:
    return cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
