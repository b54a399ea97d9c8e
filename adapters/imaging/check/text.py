"""Facts about text: every line that can be read in the original reads the same in the result.

Reading costs seconds, so only lines are read where the picture's structure changed at all.
"""

import re
from difflib import SequenceMatcher

import cv2
import numpy as np

from adapters.imaging.arrays import Mask
from adapters.imaging.check.facts import Fact, FailureKind, at_most
from adapters.imaging.check.pair import Pair
from adapters.imaging.check.structure import changed_structure
from adapters.imaging.check.wishes import asks_for_more, changes_of
from adapters.imaging.networks.reading import Corners, Line, find_lines, read_line
from domain.ports import Wish
from domain.texts.phrase import said
from domain.vocabulary.pictures import Operation

CHANGED_SHARE = 0.02  # of a line's windows
MOST_LINES = 8
LOWEST = 14  # pixels of a line; smaller letters are guessed
READABLE = 0.92  # confidence in a line of the original
WORD = 10  # characters: the worst so many of a line count, as one rewritten word of a long line is an error, too
CHANGED = 0.15  # of these; one misread letter of ten is the recogniser's own
ABOUT_TEXT = re.compile(
    r"字|文|水印|logo|标|日期|号码|电话|二维码|商标|招牌|text|word|letter|watermark|caption|title|date|sign|brand|label"
)
ALIKE = str.maketrans("oOQlI|i", "0001111")  # letters that look the same


def text(pair: Pair) -> list[Fact]:
    """Text lost or rewritten; nothing where nothing can be read, or about an edit whose words are about text."""
    if is_about_text(pair.wish):
        return []
    changed = pair.once(changed_structure)
    if changed.mean() == 0:
        return []
    doubtful = [box for box in pair.of_original(original_lines) if _share(changed, box) > CHANGED_SHARE]
    before = [read_line(pair.old, box) for box in doubtful[:MOST_LINES]]
    pairs = [(old, read_line(pair.new, old.corners)) for old in before if _is_readable(old)]
    if not pairs:
        return []
    value, old, new = max(((rewritten(old, new), old.words, new.words) for old, new in pairs))
    issue = said("check.text_changed", before=old[:40], after=new[:40] or "—")
    return [at_most("text_changed", value, CHANGED, FailureKind.TEXT, issue, lines_read=len(pairs))]


def is_about_text(wish: Wish) -> bool:
    """Whether what the customer asks for may change text in the picture."""
    is_edit = wish.operation is Operation.EDIT or asks_for_more(wish)
    return is_edit and bool(ABOUT_TEXT.search(changes_of(wish)))


def original_lines(pair: Pair) -> list[Corners]:
    """Return where the original may have lines of text, at working size."""
    return find_lines(pair.old)


def _is_readable(line: Line) -> bool:
    return line.is_sure and line.confidence >= READABLE and line.height >= LOWEST


def rewritten(old: Line, new: Line) -> float:
    """Return the share of characters that changed in the worst part of a line."""
    before, after = (re.sub(r"[\W_]+", "", line.words).translate(ALIKE).lower() for line in (old, new))
    wrong = np.ones(len(before))
    for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        wrong[block.a : block.a + block.size] = 0
    length = min(WORD, len(before))
    return float(np.convolve(wrong, np.ones(length), "valid").max() / length) if length else 0.0


def _share(changed: Mask, box: Corners) -> float:
    left, top, width, height = cv2.boundingRect(box.astype(np.float32))
    part = changed[max(0, top) : top + height, max(0, left) : left + width]
    return float(part.mean()) if part.size else 0.0
