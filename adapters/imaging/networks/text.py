"""Tells how much text a picture has, which quotes depend on."""

import math
from dataclasses import dataclass

import cv2

from adapters.imaging.arrays import Pixels
from adapters.imaging.networks.reading import find_lines, read_line
from domain.vocabulary.pictures import TextAmount

LONGEST_PIECE = 4  # times its width
MOST_PIECES = 4
MOST_READ = 12  # lines of a piece that are read to tell text from shapes that only look like it
MANY_LINES = 8
LARGE_SHARE = 0.12


@dataclass(frozen=True)
class TextFound:
    """The number of lines of text, and the share of the picture that they cover."""

    lines: int
    share: float

    @property
    def amount(self) -> TextAmount:
        """The amount of text, as quotes distinguish it."""
        if not self.lines:
            return TextAmount.NONE
        much = self.lines >= MANY_LINES or self.share >= LARGE_SHARE
        return TextAmount.MUCH if much else TextAmount.LITTLE


def find_text(pixels: Pixels) -> TextFound:
    """Detect lines of text in any direction. A long strip is sampled in pieces, and the result extrapolated."""
    pieces = _pieces(pixels)
    found = [_found(piece) for piece in pieces]
    seen = sum(piece.shape[0] * piece.shape[1] for piece in pieces) / (pixels.shape[0] * pixels.shape[1])
    lines = sum(one.lines for one in found)
    return TextFound(math.ceil(lines / seen), sum(one.share for one in found) / len(found))


def _pieces(pixels: Pixels) -> list[Pixels]:
    """Return evenly spread pieces of a strip, since the detector would see the whole of it too small to read."""
    length, short = max(pixels.shape[:2]), min(pixels.shape[:2])
    number = min(MOST_PIECES, math.ceil(length / short / LONGEST_PIECE))
    piece = min(length, short * LONGEST_PIECE)
    starts = [round(place * (length - piece) / max(1, number - 1)) for place in range(number)]
    is_high = pixels.shape[0] == length
    return [pixels[at : at + piece] if is_high else pixels[:, at : at + piece] for at in starts]


def _found(pixels: Pixels) -> TextFound:
    """Count the lines that can be read: some are read, and the count of all is extrapolated."""
    boxes = find_lines(pixels)
    tried = boxes[:: math.ceil(len(boxes) / MOST_READ)] if boxes else []
    texts = [line for line in (read_line(pixels, box) for box in tried) if line.is_sure]
    if not texts:
        return TextFound(0, 0)
    shares = [cv2.contourArea(line.corners) / (pixels.shape[0] * pixels.shape[1]) for line in texts]
    each = len(boxes) / len(tried)
    return TextFound(round(len(texts) * each), sum(shares) * each)
