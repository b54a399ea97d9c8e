"""Finds scratches and creases, and tells them from wires, hair, text and other thin lines of the picture.

A line of the picture separates things, or lies among its like: it has an edge partner, or follows a structure. A
scratch went through the paper after the picture was taken. A line is taken for one only if all of this is measured:

- it is lighter than both sides, since the paper shows; dark lines (legs of a tripod, wires, cracks) are never touched;
- it is nearly as light as the lightest of the picture, and evenly so: nothing was photographed in it;
- both sides are alike, near it and further away, so it is neither an edge nor the light side of something round;
- it lies alone: no other light lines beside it, as in hair, brickwork, rails and rigging;
- it keeps its direction for a while, and is no stroke of text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from adapters.imaging.arrays import Grey, Mask

Place = tuple[Any, Any]  # rows and columns of pixels

ANGLES, STEP = 24, 2  # directions, and how many of them a bent scratch may take
LENGTH = 0.032  # of the long side: how far a line is followed in one direction
WIDTHS = (2, 4, 7)  # pixels at 1024
LIGHTER = 10  # grey levels above both sides
LIGHT = 58  # grey levels below the lightest of the picture, down to which a pixel may be the paper
PAPER = 48  # the same for a whole line
UNEVEN = 0.065  # deviation of the lighter part of a line, of the contrast: nothing was photographed in a scratch
LESS_EVEN, AGED = 0.085, 0.13  # the same, once the paper is known to show; and in a photograph that has yellowed
MORE = 5  # times as many less even lines as sure scratches
SAME_PAPER = 10  # grey levels between scratches of one photograph
LIGHTER_PART = 40  # percentile
SUPPORT = 0.66  # share of the length on which it is lighter
LONG = 0.08  # of the long side
CONTRAST = 16
UNLIKE = 0.22  # difference of the sides, of the contrast
PARTNER = 0.22  # difference of the near and the far surroundings on one side, of the contrast
FAR = 7  # pixels at 1024 from the near to the far surroundings
CROWDED = 0.12  # share of light thin details around it
ASIDE, BESIDE = 0.12, 1.2  # of the least length: nearer is the same line, further is no neighbour
KIN, FAMILY = 0.6, 2  # of the least length, from which others count, and how many make a line one of a family
PATTERN = 8  # lines of one direction in a picture: more are bricks or bars
MOST_DAMAGE = 0.035  # share of the picture; more is texture, not damage


@dataclass(frozen=True)
class Lines:
    """Where light lines are, in which direction each pixel's runs (radians), and how wide it is."""

    mask: Mask
    angle: Grey
    width: Grey


@dataclass(frozen=True)
class Line:
    """A line that may be a scratch: its pixels, how light it is, and how unevenly, as a share of its contrast."""

    place: Place
    lightness: float
    unevenness: float


def scratches(grey: Grey, *, is_aged: bool = False) -> Mask:
    """Return a uint8 mask, 255 on scratches, of a picture of at most 1024 pixels a side.

    Once a scratch is found for certain, or in a photograph that has yellowed, less even lines of the same lightness
    are taken for scratches, too.
    """
    lines = light_lines(grey)
    found = [line for line in _candidates(grey, lines) if line.unevenness <= (AGED if is_aged else LESS_EVEN)]
    sure = [line for line in found if line.unevenness <= UNEVEN]
    if sure or is_aged:
        paper = float(np.median([line.lightness for line in sure or found])) if found else 0.0
        more = [line for line in found if abs(line.lightness - paper) < SAME_PAPER]
        sure = more if is_aged or len(more) <= MORE * len(sure) else sure  # else they are a pattern
    mask = np.zeros(grey.shape, np.uint8)
    for line in sure:
        mask[line.place] = 1
    if mask.mean() > MOST_DAMAGE:
        return np.zeros_like(mask)
    for line in sure:
        mask |= _grown(line, lines)
    return mask


def _candidates(grey: Grey, lines: Lines) -> Iterator[Line]:
    paper = float(np.percentile(grey, 99.7))
    for number in range(0, ANGLES, STEP):
        apart = (np.round(lines.angle * ANGLES / np.pi) - number) % ANGLES
        alike = ((lines.mask > 0) & ((apart <= STEP) | (apart >= ANGLES - 1))).astype(np.uint8)
        for place in _loners(alike, LONG * max(grey.shape), np.pi * number / ANGLES):
            if line := _measured(grey, lines, paper, place):
                yield line


def _loners(alike: Mask, least: float, angle: float) -> Iterator[Place]:
    """Yield the long lines of one direction that have not several others beside them, as bars and rails have."""
    _, labels, stats, middles = cv2.connectedComponentsWithStats(alike, connectivity=8)
    lengths = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    lengths[0] = 0
    lateral, along = middles @ (-np.sin(angle), np.cos(angle)), middles @ (np.cos(angle), np.sin(angle))
    if len(np.unique(np.round(lateral[lengths > KIN * least] / (ASIDE * least)))) > PATTERN:
        return
    for number in np.flatnonzero(lengths > least):
        apart = np.abs(lateral - lateral[number])
        is_beside = (apart > ASIDE * least) & (apart < BESIDE * least)
        is_beside &= np.abs(along - along[number]) < (lengths + lengths[number]) / 2
        if (is_beside & (lengths > KIN * least)).sum() < FAMILY:
            rows, columns = np.nonzero(labels == number)
            yield rows, columns


def light_lines(grey: Grey) -> Lines:
    """Find lines that are lighter than both sides for a good part of their length, in any direction."""
    side, paper = max(grey.shape), float(np.percentile(grey, 99.7))
    best, angle, width = (np.zeros(grey.shape, np.float32) for _ in range(3))
    for turn, wide, support in _supports(grey, max(9, round(LENGTH * side)), side / 1024, paper - LIGHT):
        better = support > best
        best[better], angle[better], width[better] = support[better], turn, wide
    return Lines((best >= SUPPORT).astype(np.uint8), angle, width)


def _supports(grey: Grey, length: int, scale: float, least: float) -> Iterator[tuple[float, float, Grey]]:
    """Yield angle, width and for each pixel the share of the line through it that is lighter than both sides."""
    height, width = grey.shape
    side = int(np.hypot(height, width)) + 4
    for number in range(ANGLES):
        turn = np.pi * number / ANGLES
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), np.degrees(turn), 1)
        matrix[:, 2] += (side - width) / 2, (side - height) / 2
        flat = cv2.warpAffine(grey, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)
        flat = cv2.blur(flat, (5, 1))
        for wide in WIDTHS:
            thick = max(1, round(wide * scale))
            centre = cv2.blur(flat, (1, thick)) if thick > 1 else flat
            apart = thick // 2 + 2
            above, below = np.roll(flat, apart, axis=0), np.roll(flat, -apart, axis=0)
            is_lighter = ((centre - np.maximum(above, below) > LIGHTER) & (centre > least)).astype(np.float32)
            support = cv2.blur(is_lighter, (length, 1)) * (cv2.blur(is_lighter, (3, 3)) > 0)
            back = cv2.warpAffine(support, matrix, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
            yield turn, thick, back


def _measured(grey: Grey, lines: Lines, paper: float, place: Place) -> Line | None:
    """Return the line if the paper may show in it: light, alone, and with sides that are alike near and far."""
    scale = max(grey.shape) / 1024
    near, far = (_beside(grey, lines, place, 3 + more) for more in (0, FAR * scale))
    own = grey[place]
    contrast, lightness = float(np.median(own - near.max(axis=0))), float(np.median(own))
    if contrast < CONTRAST or lightness < paper - PAPER:
        return None
    if abs(float(np.median(near[0] - near[1]))) > UNLIKE * contrast:
        return None
    partner = float(np.abs(np.median(near - far, axis=1)).max())
    if partner > PARTNER * contrast or _crowding(lines, place) > CROWDED:
        return None
    lighter = own[own >= np.percentile(own, LIGHTER_PART)]
    return Line(place, lightness, float(lighter.std()) / contrast)


def _beside(grey: Grey, lines: Lines, place: Place, apart: float) -> Grey:
    """Return the values on both sides of each pixel of a line, so far from its edges."""
    angle, reach = lines.angle[place], lines.width[place] / 2 + apart
    smooth = cv2.GaussianBlur(grey, (0, 0), 1)
    sides = []
    for way in (-reach, reach):
        rows = np.clip(np.round(place[0] + way * np.cos(angle)), 0, grey.shape[0] - 1).astype(int)
        columns = np.clip(np.round(place[1] - way * np.sin(angle)), 0, grey.shape[1] - 1).astype(int)
        sides.append(smooth[rows, columns])
    return np.stack(sides)


def _crowding(lines: Lines, place: Place) -> float:
    """Return the share of other light lines in a band on both sides of this one."""
    own = np.zeros(lines.mask.shape, np.uint8)
    own[place] = 1
    near = cv2.dilate(own, np.ones((3, 3), np.uint8), iterations=3)
    band = cv2.dilate(own, np.ones((3, 3), np.uint8), iterations=18) - near
    return float(lines.mask[band > 0].mean()) if band.any() else 1.0


def _grown(line: Line, lines: Lines) -> Mask:
    """Return the mask of a line, grown to its edges."""
    mask = np.zeros(lines.mask.shape, np.uint8)
    mask[line.place] = 255
    size = (round(float(np.median(lines.width[line.place]))) + 4) | 1
    return cv2.dilate(mask, np.ones((size, size), np.uint8))
