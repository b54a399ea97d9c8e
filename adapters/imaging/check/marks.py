"""Facts about watermarks: one that was to be removed is gone, and none was added.

What a result adds is what a local affine fit of the original (He, Sun and Tang 2013) does not explain: tones, contrast
and sharpness are explained, letters laid over the picture are not.
"""

import re
from collections import Counter

import cv2
import numpy as np

from adapters.imaging.arrays import Grey, Mask, Pixels
from adapters.imaging.check.facts import Fact, FailureKind, at_most
from adapters.imaging.check.pair import Pair
from adapters.imaging.check.structure import changed_structure
from adapters.imaging.check.text import is_about_text, original_lines, rewritten
from adapters.imaging.check.wishes import asks_for_more, changes_of
from adapters.imaging.networks.reading import WHOLE, Line, Part, find_lines, read_line
from domain.ports import Wish
from domain.texts.phrase import said
from domain.vocabulary.pictures import Operation

REACH = 31  # pixels at working size: what is fitted at once
ADDED, ABOVE_NOISE, IN_TEXTURE = 5, 4, 0.6  # grey levels; times the usual residue; times the local deviation
LEAST_ADDED = 0.0015  # share of the picture; less is no mark that anyone reads
INKED = 0.15  # of its box that a letter or a part of one covers; an arc or a contour covers less
AROUND = 32  # pixels around what was added that the reader is shown
SCATTERED = 0.5  # share of the picture; a part that is larger is no part
CORNER, LOGO_SIDES, LOGO_FILLED = 0.18, (0.015, 0.15), 0.15  # shares of the sides, and of the logo's own box
LOGO_SEEN, LOGO_ALONE = 10, 0.6  # grey levels, and its share of all that was added
STEEP, STEEPER = 12, 2.5  # grey levels a pixel of an edge, and times what the original has near it
CORNER_SIDES, CORNER_EDGES = (0.4, 0.18), 0.005  # shares of the sides, and of the corner that are edges of a mark
TORN = (8, 247)  # grey levels: beyond them the corner is missing, and may be filled in
MOST_READ = 12
STRONGER = 12  # what was added is shown to the reader with this much more contrast
SAME = 0.34  # share of a line's characters that may be misread
REMOVE_MARK = re.compile(
    r"水印|watermark|(?:去|除|删|擦|抹|p)掉?.{0,6}(?:字|logo|标|日期)|(?:字|logo|标|日期).{0,4}(?:去|除|删|擦|抹|p)掉|"
    r"(?:remove|erase|delete).{0,20}(?:text|logo|date)"
)
# An edit that puts something into the picture: a tick, a seal, a logo, a person.
ADDS = re.compile(
    r"加(?:个|一|上|入|点(?!亮|暗|暖|冷))|添|放(?:上|个|一|进)|贴|盖|印|画|戴|图标|标志|勾|章|"
    r"\b(?:add|put|insert|place|paste|draw|stamp|sticker|tick|seal)"
)


def mark_added(pair: Pair) -> list[Fact]:
    """Whether there are words or a logo that the original does not have; nothing where the customer may want them."""
    if is_about_text(pair.wish) or adds_something(pair.wish):
        return []
    residue, added = _added(pair)
    if added.mean() < LEAST_ADDED:
        return [at_most("mark_added", 0, 0.5, FailureKind.MARK, said("check.mark_added"))]
    words = _words(pair, residue, added)
    if not words and _has_logo(residue, added):
        return [at_most("mark_added", 1, 0.5, FailureKind.MARK, said("check.mark_added"))]
    issue = said("check.mark_added_words", words=words[0][:40]) if words else said("check.mark_added")
    return [at_most("mark_added", len(words), 0.5, FailureKind.MARK, issue)]


def corner_mark(pair: Pair) -> list[Fact]:
    """Whether a date, a logo or a sign stands in a corner: steep edges where the original is smooth.

    What was blurred or faded has edges of its own there, however weak, and they are let grow.
    """
    old, new = (_slope(cv2.GaussianBlur(luma, (0, 0), 1)) for luma in (pair.old_luma, pair.new_luma))
    contrast = max(1.0, float(pair.new_luma.std() / max(pair.old_luma.std(), 1)))
    near = cv2.dilate(old, np.ones((5, 5), np.uint8))
    is_there = pair.valid & (pair.old_luma > TORN[0]) & (pair.old_luma < TORN[1])
    edges = (new > STEEP) & (new > STEEPER * contrast * near) & is_there
    height, width = edges.shape
    across, down = (round(share * side) for share, side in zip(CORNER_SIDES, (width, height), strict=True))
    corners = [
        edges[rows, columns]
        for rows in (slice(down), slice(-down, None))
        for columns in (slice(across), slice(-across, None))
    ]
    most = max(float(corner.mean()) for corner in corners if corner.size)
    return [at_most("corner_edges", most, CORNER_EDGES, FailureKind.MARK, said("check.mark_added"))]


def adds_something(wish: Wish) -> bool:
    """Whether the customer asks for something that the picture does not show yet."""
    is_edit = wish.operation is Operation.EDIT or asks_for_more(wish)
    return is_edit and bool(ADDS.search(changes_of(wish)))


def mark_left(pair: Pair) -> list[Fact]:
    """Whether words that an edit was to remove are still there: all of them, or any that is repeated."""
    if not is_about_text(pair.wish) or not REMOVE_MARK.search(changes_of(pair.wish)):
        return []
    lines = [read_line(pair.old, box) for box in pair.of_original(original_lines)[:MOST_READ]]
    lines = [line for line in lines if line.is_sure]
    if not lines:
        return []
    left = [line for line in lines if _is_left(pair, line)]
    counts = Counter(line.words.lower() for line in lines)
    is_left = len(left) == len(lines) or any(counts[line.words.lower()] > 1 for line in left)
    issue = said("check.mark_left", words=left[0].words[:40] if left else "")
    return [at_most("mark_left", len(left) if is_left else 0, 0.5, FailureKind.REQUEST, issue)]


def _is_left(pair: Pair, line: Line) -> bool:
    left, top, width, height = cv2.boundingRect(line.corners.astype(np.float32))
    changed = pair.once(changed_structure)[max(0, top) : top + height, max(0, left) : left + width]
    return bool(changed.mean() < SAME / 2) and rewritten(line, read_line(pair.new, line.corners)) <= SAME


def _added(pair: Pair) -> tuple[Grey, Mask]:
    """Return what the fit does not explain, in grey levels, and where it is more than noise, edges and texture."""
    old, new, size = pair.old_luma, pair.new_luma, (REACH, REACH)
    old_mean, new_mean = cv2.blur(old, size), cv2.blur(new, size)
    variance = np.maximum(cv2.blur(old * old, size) - old_mean * old_mean, 0)
    slope = (cv2.blur(old * new, size) - old_mean * new_mean) / (variance + 4)
    residue: Grey = cv2.GaussianBlur(new - new_mean - slope * (old - old_mean), (0, 0), 1)
    texture = np.sqrt(cv2.blur((old - cv2.blur(old, (7, 7))) ** 2, (7, 7)))
    usual = float(np.median(np.abs(residue)))
    strong = np.abs(residue) > np.maximum(ADDED, ABOVE_NOISE * usual) + IN_TEXTURE * texture
    return residue, cv2.morphologyEx((strong & pair.valid).astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))


def _slope(luma: Grey) -> Grey:
    """Return the gradient in grey levels a pixel."""
    return cv2.magnitude(cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1)) / 8


def _has_logo(residue: Grey, added: Mask) -> bool:
    """Whether what was added is one small shape in a corner, where models and cameras put theirs."""
    height, width = added.shape
    closed = cv2.morphologyEx(added, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    _, labels, boxes, centres = cv2.connectedComponentsWithStats(closed)
    for number, (x, y) in enumerate(centres[1:], start=1):
        _, _, wide, high, area = (int(value) for value in boxes[number])
        sides = (wide / width, high / height)
        inside = (labels == number) & (added > 0)
        if (
            max(min(x, width - x) / width, min(y, height - y) / height) < CORNER
            and LOGO_SIDES[0] < min(sides)
            and max(sides) < LOGO_SIDES[1]
            and area > LOGO_FILLED * wide * high
            and inside.sum() > LOGO_ALONE * added.sum()
            and float(np.median(np.abs(residue[inside]))) > LOGO_SEEN
        ):
            return True
    return False


def _words(pair: Pair, residue: Grey, added: Mask) -> list[str]:
    """Return the words in what was added, without those that the original has in the same place."""
    part = _written(added)
    if part is None:
        return []
    shown = _shown(residue)
    found = []
    for box in find_lines(shown, part)[:MOST_READ]:
        left, top, width, height = cv2.boundingRect(box.astype(np.float32))
        if not added[max(0, top) : top + height, max(0, left) : left + width].any():
            continue
        line = max((read_line(picture, box) for picture in (pair.new, shown)), key=lambda line: line.confidence)
        if line.is_sure and rewritten(line, read_line(pair.old, box)) > SAME:
            found.append(line.words)
    return found


def _written(added: Mask) -> Part | None:
    """Return the part of the picture that may have letters; None if all but contours is too little to be a mark."""
    _, _, boxes, _ = cv2.connectedComponentsWithStats(added)
    letters = boxes[1:][boxes[1:, 4] >= INKED * boxes[1:, 2] * boxes[1:, 3]]
    if letters[:, 4].sum() < LEAST_ADDED * added.size:
        return None
    left, top, wide, high, _ = letters.T
    rows = slice(max(0, int(top.min()) - AROUND), int((top + high).max()) + AROUND)
    part = rows, slice(max(0, int(left.min()) - AROUND), int((left + wide).max()) + AROUND)
    return part if added[part].size < SCATTERED * added.size else WHOLE


def _shown(residue: Grey) -> Pixels:
    grey = np.clip(128 + STRONGER * residue, 0, 255).astype(np.uint8)
    shown: Pixels = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    return shown
