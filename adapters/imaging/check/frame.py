"""Facts about the frame: whether the result shows the same part of the scene at the same place."""

import re
from dataclasses import dataclass

import cv2
import numpy as np

from adapters.imaging import align
from adapters.imaging.arrays import Mask
from adapters.imaging.check.facts import Fact, FailureKind, at_most
from adapters.imaging.check.pair import Pair
from adapters.imaging.check.wishes import changes_of
from domain.texts.phrase import said

FRAME = FailureKind.FRAME
SURE, CERTAIN = 20, 40  # matches from which the homography is trusted: roughly, and for a part of the picture
SHIFT, ZOOM, TURN, CROP, BENT = 0.012, 0.02, 0.8, 0.025, 0.012  # shares of a side; TURN in degrees
SAME_SHAPE = 0.02
LEAST_CERTAIN = 0.3  # of the picture; less is noise, or another picture
MOTION, RESTORED_MOTION = 0.013, 0.02  # share of the long side
ABOUT_FRAME = re.compile(
    r"裁|剪|转|旋|翻|镜像|移|挪|居中|放大|缩小|拉|扩|构图|比例|尺寸|角度|透视|变形|歪|斜|正|加边|边框|crop|rotat|turn|flip|mirror|"
    r"move|centre|center|zoom|stretch|expand|extend|straight|frame|border|perspective|aspect"
)
MOVING = 98  # percentile of the movement


@dataclass(frozen=True)
class Movement:
    """How the frame moved: shares of the long side, a factor of size less one, degrees."""

    shift: float
    zoom: float
    turn: float
    bend: float  # what shift, zoom and turn do not explain: stretching, perspective
    cropped: float  # share of the original's frame that the result does not cover


def movement(pair: Pair) -> Movement | None:
    """Return how the frame moved; None if too few features were found to tell."""
    if not is_found(pair):
        return None
    size = pair.old.shape[1::-1]
    frame = align.corners(size).reshape(-1, 2)
    moved = cv2.perspectiveTransform(align.corners(size), pair.homography).reshape(-1, 2)
    plain, _ = cv2.estimateAffinePartial2D(frame, moved, method=cv2.LMEDS)
    shape = np.hypot(plain[0, 0], plain[1, 0])
    straight = frame @ plain[:, :2].T + plain[:, 2]
    centre = np.array(size) / 2
    long_side = max(size)
    return Movement(
        shift=float(np.linalg.norm(moved.mean(axis=0) - centre)) / long_side,
        zoom=float(max(shape, 1 / shape)) - 1,
        turn=abs(float(np.degrees(np.arctan2(plain[1, 0], plain[0, 0])))),
        bend=float(np.linalg.norm(moved - straight, axis=1).max()) / long_side,
        cropped=1 - align.covered(pair.homography, size),
    )


def is_found(pair: Pair, least: int = SURE) -> bool:
    """Whether enough features agree on where the result lies in the original."""
    return pair.aligned.matches >= least


def frame(pair: Pair) -> list[Fact]:
    """The frame's shift, zoom, turn, crop and distortion; nothing if there are too few features to tell."""
    found = pair.once(movement)
    if found is None or not _is_same_shape(pair):
        return []
    return [
        at_most("frame_shift", found.shift, SHIFT, FRAME, said("check.shifted", percent=percent(found.shift))),
        at_most("frame_zoom", found.zoom, ZOOM, FRAME, said("check.zoomed", percent=percent(found.zoom))),
        at_most("frame_turn", found.turn, TURN, FRAME, said("check.turned", degrees=f"{found.turn:.1f}")),
        at_most("frame_bend", found.bend, BENT, FRAME, said("check.bent", percent=percent(found.bend))),
        at_most("frame_cropped", found.cropped, CROP, FRAME, said("check.cropped", percent=percent(found.cropped))),
    ]


def edited(pair: Pair) -> list[Fact]:
    """The frame of an edit, which may also be about the frame itself: then anything goes."""
    return [] if ABOUT_FRAME.search(changes_of(pair.wish)) else frame(pair)


def motion(pair: Pair) -> list[Fact]:
    """How far parts of the picture moved against the rest."""
    return _motion(pair, MOTION)


def restored_motion(pair: Pair) -> list[Fact]:
    """How far parts of an old photograph moved, where grain and damage make movements less certain."""
    return _motion(pair, RESTORED_MOTION)


def _motion(pair: Pair, limit: float) -> list[Fact]:
    length, certain = pair.once(moving)
    if certain.mean() < LEAST_CERTAIN:
        return []
    farthest = float(np.percentile(length[certain], MOVING))
    issue = said("check.part_moved", percent=percent(farthest))
    return [at_most("local_motion", farthest, limit, FailureKind.CONTENT, issue)]


def moving(pair: Pair) -> tuple[Mask, Mask]:
    """Return the movement of each pixel of the aligned pair, and where it is certain."""
    return align.flow(pair.old, pair.new)


def _is_same_shape(pair: Pair) -> bool:
    """Whether a size that was asked for has the original's proportions; else the frame has to change."""
    size = pair.wish.size
    return size is None or abs(size.width / size.height * pair.before.height / pair.before.width - 1) < SAME_SHAPE


def percent(share: float) -> str:
    """Return a share as a percentage with one digit."""
    return f"{100 * share:.1f}"
