"""Compares one face before and after: by its landmarks, and by how far dense optical flow says that each part moved.

Landmarks tell another person from the same one, but a network that has learnt how faces look corrects small changes:
an eye enlarged by a fifth moves them by less than a blur does. Optical flow on the same crops sees such changes.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np

from adapters.imaging.arrays import Grey, Mask, Pixels, grey_of
from adapters.imaging.networks.faces import Face, Points

SIDE = 160  # pixels of the compared crops; the eyes are about 55 apart
SURROUNDINGS = 12  # pixels; contrast is made equal within this reach, so that light does not count
LEFT_EYE, RIGHT_EYE = (33, 133), (263, 362)  # outer and inner corner, in the mesh
MOUTH, LIPS, JAW, CHEEKS, HEIGHT, NOSE = (61, 291), (0, 17), (172, 397), (234, 454), (10, 152), (48, 278)
PARTS = {"eyes": (LEFT_EYE, RIGHT_EYE), "mouth": (MOUTH, LIPS), "jaw": (JAW, CHEEKS, HEIGHT), "nose": (NOSE,)}
TEXTURED = 0.6  # share of the face, the one with the most structure, where flow can be trusted


@dataclass(frozen=True)
class Change:
    """How a face changed. Distances are shares of the distance between the outer corners of the eyes."""

    landmarks: float  # Procrustes error: the mean over all landmarks, after the best move, turn and scale
    parts: dict[str, float]  # of each part: by what share its proportions changed
    moved: float  # by how much the parts of the face moved against each other: the 95th percentile
    likeness: float  # correlation once every part is moved back, -1 to 1: another person stays different


def change_of(old: Pixels, new: Pixels, before: Face, after: Face) -> Change:
    """Compare a face of aligned pictures of one size."""
    apart = _distance(before.points, (LEFT_EYE[0], RIGHT_EYE[0]))
    error = _procrustes(before.points, after.points) / apart
    moved, likeness = _flow(old, new, before)
    return Change(error, {part: _changed(part, before, after) for part in PARTS}, moved, likeness)


def _procrustes(before: Points, after: Points) -> float:
    """Return the root mean square distance of two sets of points, one brought onto the other."""
    first, second = before - before.mean(axis=0), after - after.mean(axis=0)
    left, strengths, right = np.linalg.svd(second.T @ first)
    fitted = second @ (left @ right) * strengths.sum() / np.square(second).sum()
    return float(np.sqrt(np.square(first - fitted).sum(axis=1).mean()))


def _changed(part: str, before: Face, after: Face) -> float:
    """Return the largest change of a part's lengths, each as a share of the distance of the eyes."""
    scale = _distance(before.points, (LEFT_EYE[0], RIGHT_EYE[0])) / _distance(after.points, (LEFT_EYE[0], RIGHT_EYE[0]))
    return max(abs(_distance(after.points, ends) * scale / _distance(before.points, ends) - 1) for ends in PARTS[part])


def _flow(old: Pixels, new: Pixels, face: Face) -> tuple[float, float]:
    first, points = _crop(old, face)
    second, _ = _crop(new, face)
    flow = np.asarray(_estimator().calc(first, second, None))
    inside, apart = _inside(points), _distance(points, (LEFT_EYE[0], RIGHT_EYE[0]))
    structure = cv2.magnitude(cv2.Sobel(first, cv2.CV_32F, 1, 0), cv2.Sobel(first, cv2.CV_32F, 0, 1))
    trusted = inside & (structure > np.quantile(structure[inside], 1 - TEXTURED))
    down, across = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    places = np.column_stack((across[trusted], down[trusted]))
    residue = _without_move(places, flow[trusted])
    moved = float(np.quantile(np.linalg.norm(residue, axis=1), 0.95)) / apart
    back = cv2.remap(second, across + flow[..., 0], down + flow[..., 1], cv2.INTER_LINEAR)
    return moved, float(np.corrcoef(first[inside], back[inside])[0, 1])


def _crop(pixels: Pixels, face: Face) -> tuple[Grey, Points]:
    """Return the face's luma with even contrast, upright, and its landmarks there."""
    centre, side, angle = face.crop
    finer = min(8, max(1, round(side / SIDE)))
    length = SIDE * finer
    turn = np.array(((np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle)))) * side / length
    corner = centre - turn @ np.full(2, length / 2)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    crop = cv2.warpAffine(
        pixels, np.column_stack((turn, corner)), (length, length), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    grey = grey_of(cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_AREA))
    return _even(grey), (face.points - corner) @ np.linalg.inv(turn).T / finer


def _even(grey: Grey) -> Mask:
    """Return the luma with the same contrast everywhere, as uint8."""
    soft = cv2.GaussianBlur(grey, (0, 0), 1.2)
    centred = soft - cv2.GaussianBlur(soft, (0, 0), SURROUNDINGS)
    spread = np.sqrt(cv2.GaussianBlur(centred * centred, (0, 0), SURROUNDINGS))
    even: Mask = np.clip(128 + 45 * centred / (spread + 4), 0, 255).astype(np.uint8)
    return even


def _inside(points: Points) -> Mask:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(points.astype(np.int32)), 1)
    inside: Mask = cv2.dilate(mask, np.ones((7, 7), np.uint8)) > 0
    return inside


def _without_move(places: Points, flow: Points) -> Points:
    """Subtract how the whole face moved and turned, but not how it grew: alignment has seen to the scale."""
    first, second = places - places.mean(axis=0), places + flow
    second = second - second.mean(axis=0)
    left, _, right = np.linalg.svd(second.T @ first)
    residue: Points = second @ (left @ right) - first
    return residue


def _distance(points: Points, ends: tuple[int, int]) -> float:
    return max(float(np.linalg.norm(points[ends[0]] - points[ends[1]])), 1e-3)


@cache
def _estimator() -> Any:
    return cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
