"""Facts about a resized picture: not stretched, and neither a face nor a line of text cut off."""

import cv2
import numpy as np

from adapters.imaging.arrays import Mask, Pixels, at_most, grey_of
from adapters.imaging.check.facts import Fact, FailureKind
from adapters.imaging.check.facts import at_most as limited
from adapters.imaging.check.pair import Pair
from adapters.imaging.check.text import original_lines
from adapters.imaging.networks.faces import Face, find_faces
from adapters.imaging.networks.reading import read_line
from domain.texts.phrase import said

SIDE = 720  # pixels
FEATURES, ALIKE, MATCHED = 600, 0.75, 20  # SIFT (Lowe 2004): features, ratio of the two best matches, least matches
TOLERANCE = 3  # pixels
STRETCHED = 0.03  # of the proportions
SMALLEST = 24  # pixels of a face
MARGIN = 0.02  # of a face's side that may be lost: landmarks end at the chin
MOST_READ = 10  # lines of text


def whole(pair: Pair) -> list[Fact]:
    """All facts about the new frame; nothing where the two pictures have too little in common to tell."""
    scale = min(1.0, SIDE / max(pair.old.shape[:2]))
    old, new = at_most(pair.old, SIDE), at_most(pair.full_new, SIDE)
    matrix = placement(old, new)
    if matrix is None:
        return []
    strengths = np.linalg.svd(matrix[:, :2], compute_uv=False)
    stretch = float(strengths[0] / max(strengths[1], 1e-6) - 1)
    faces = [face for face in find_faces(old) if face.side >= SMALLEST]
    cut = [face for face in faces if _is_cut(face, matrix, new)]
    facts = [limited("stretched", stretch, STRETCHED, FailureKind.FRAME, said("check.stretched"))]
    if faces:
        issue = said("check.face_cut", count=len(cut))
        facts.append(limited("faces_cut", len(cut), 0.5, FailureKind.FACE, issue, faces=len(faces)))
    return [*facts, *_text(pair, matrix, scale, new)]


def placement(old: Pixels, new: Pixels) -> Mask | None:
    """Return the affine matrix from the original to the result; None if too little matches."""
    finder = cv2.SIFT.create(FEATURES)
    (points, marks), (others, other_marks) = (finder.detectAndCompute(_grey(one), None) for one in (old, new))
    if marks is None or other_marks is None or len(other_marks) < MATCHED:
        return None
    pairs = cv2.BFMatcher().knnMatch(marks, other_marks, k=2)
    good = [best for best, second in pairs if best.distance < ALIKE * second.distance]
    if len(good) < MATCHED:
        return None
    first = np.array([points[match.queryIdx].pt for match in good], np.float32)
    second = np.array([others[match.trainIdx].pt for match in good], np.float32)
    cv2.setRNGSeed(1)
    matrix, inliers = cv2.estimateAffine2D(first, second, ransacReprojThreshold=TOLERANCE)
    return matrix if matrix is not None and int(inliers.sum()) >= MATCHED else None


def _text(pair: Pair, matrix: Mask, scale: float, new: Pixels) -> list[Fact]:
    """Only lines that reach over the border are read: the others are there."""
    over = [box for box in pair.of_original(original_lines) if _outside(box * scale, matrix, new, 0)]
    lines = [line for line in (read_line(pair.old, box) for box in over[:MOST_READ]) if line.is_sure]
    issue = said("check.text_cut", words=lines[0].words[:40] if lines else "")
    return [limited("text_cut", len(lines), 0.5, FailureKind.TEXT, issue)]


def _is_cut(face: Face, matrix: Mask, new: Pixels) -> bool:
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    return _outside(face.points, matrix, new, MARGIN * face.side * scale)


def _outside(points: Mask, matrix: Mask, new: Pixels, margin: float) -> bool:
    """Whether any of the points lies outside of the result, by more than a margin."""
    placed = points @ matrix[:, :2].T + matrix[:, 2]
    size = np.array(new.shape[1::-1])
    return bool((placed < -margin).any() or (placed > size + margin).any())


def _grey(pixels: Pixels) -> Pixels:
    return grey_of(pixels).astype(np.uint8)
