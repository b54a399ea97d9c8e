"""Takes lines of text apart from a picture: their strokes by colour, and the ground below filled in."""

from dataclasses import dataclass

import cv2
import numpy as np

from adapters.imaging.arrays import Mask, Pixels, at_most
from adapters.imaging.mixing import blended, foreground
from adapters.imaging.networks.reading import find_lines, read_line

MOST_LINES = 60
CELL = 16  # of the scale of a colour, 256
MARGIN = 0.15  # of a line's height, around it
LINE_SIDE = 1024  # pixels; a longer line is measured and filled in at this size
DISTINCT = 0.75  # share of the variance between strokes and ground: less is texture, a face or a shadow
THINNEST, THICKEST = 0.03, 0.55  # share of a line that its strokes cover
DIFFERENT = 2.5  # grey levels: text and ground laid over each other have to be the picture again
GROUND_RADIUS = 4  # pixels


@dataclass(frozen=True)
class Lettering:
    """The text of a picture: colours and opacity (uint8), and the picture without it."""

    colours: Pixels
    alpha: Pixels
    below: Pixels


def lettering(pixels: Pixels) -> Lettering | None:
    """Take apart the text on even ground; return None if there is none. Text on texture stays in the picture."""
    lines = [corners for corners in find_lines(pixels)[:MOST_LINES] if read_line(pixels, corners).is_sure]
    if not lines:
        return None
    colours, below, alpha = pixels.copy(), pixels.copy(), np.zeros(pixels.shape[:2], np.uint8)
    for corners in lines:
        left, top, wide, high = cv2.boundingRect(corners)
        margin = round(MARGIN * min(wide, high)) + 1
        area = slice(max(0, top - margin), top + high + margin), slice(max(0, left - margin), left + wide + margin)
        strokes = strokes_of(pixels[area])
        if strokes is None:
            continue
        front, ground = foreground(pixels[area], strokes), _filled(below[area], strokes)
        if float(cv2.absdiff(blended(front, strokes, ground), pixels[area]).mean()) > DIFFERENT:
            continue
        colours[area], below[area] = front, ground
        alpha[area] = np.maximum(alpha[area], cv2.convertScaleAbs(strokes, alpha=255))
    return Lettering(colours, alpha, below) if alpha.any() else None


def strokes_of(line: Pixels) -> Mask | None:
    """Return how much each pixel of a line belongs to a stroke, or None if strokes and ground cannot be told apart."""
    small = at_most(line, LINE_SIDE)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    distance = np.linalg.norm(lab - _commonest(lab), axis=2)
    scaled = (distance * (255 / max(1.0, float(distance.max())))).astype(np.uint8)
    limit, found = cv2.threshold(scaled, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    scaled[_at_border(found)] = 0
    found = (scaled > limit).astype(np.uint8)
    share = float(found.mean())
    if not THINNEST < share < THICKEST:
        return None
    ground, stroke = float(scaled[found == 0].mean()), float(scaled[found > 0].mean())
    between = share * (1 - share) * (stroke - ground) ** 2
    if between < DISTINCT * float(scaled.var()):
        return None
    low = (ground + limit) / 2
    mask = np.clip((scaled - low) / max(1.0, (stroke + limit) / 2 - low), 0, 1).astype(np.float32)
    enlarged: Mask = cv2.resize(mask, line.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return enlarged


def _commonest(lab: Pixels) -> Mask:
    """Return the commonest colour: the ground's, which is more even than strokes or what lies around a line."""
    cells = (lab // CELL).astype(np.int32) @ np.array((1, 256, 65536), np.int32)
    _, numbers, counts = np.unique(cells, return_inverse=True, return_counts=True)
    commonest: Mask = lab[numbers.reshape(cells.shape) == counts.argmax()].mean(axis=0)
    return commonest


def _at_border(found: Pixels) -> Mask:
    """Return where shapes touch the border of the line: text has a margin, other things go on."""
    _, shapes = cv2.connectedComponents(found)
    touching = np.unique(np.concatenate([shapes[0], shapes[-1], shapes[:, 0], shapes[:, -1]]))
    at_border: Mask = np.isin(shapes, touching[touching > 0])
    return at_border


def _filled(line: Pixels, strokes: Mask) -> Pixels:
    small = at_most(line, LINE_SIDE)
    cover = cv2.resize(strokes, small.shape[1::-1], interpolation=cv2.INTER_AREA)
    hole = cv2.dilate((cover > 0.05).astype(np.uint8), np.ones((5, 5), np.uint8))  # noqa: PLR2004 - nearly nothing
    patch = cv2.inpaint(small, hole, GROUND_RADIUS, cv2.INPAINT_TELEA)
    weight = np.clip(cv2.GaussianBlur(hole.astype(np.float32), (0, 0), 1) * 2, 0, 1)
    size = line.shape[1::-1]
    return blended(cv2.resize(patch, size), cv2.resize(weight, size), line)
