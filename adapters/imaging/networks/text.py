"""Detects lines of text in a picture with the detector of PP-OCR (rapidocr), without reading them."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from rapidocr import RapidOCR

from adapters.imaging.arrays import Pixels, at_most
from domain.vocabulary.pictures import TextAmount

LONG_SIDE = 1280  # pixels; more only costs time
LONGEST_PIECE = 4  # times its width
MOST_PIECES = 4
SURE = 0.72  # cups and cats score up to 0.7, lines of text at least 0.73
MANY_LINES = 8
LARGE_SHARE = 0.12
WHOLE = 0.6  # share of the picture: a detection this large may be a coin or an emoji, and must not raise the price


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
    """Return evenly spread pieces of a strip, since the detector enlarges the short side of its input without limit."""
    length, short = max(pixels.shape[:2]), min(pixels.shape[:2])
    number = min(MOST_PIECES, math.ceil(length / short / LONGEST_PIECE))
    piece = min(length, short * LONGEST_PIECE)
    starts = [round(place * (length - piece) / max(1, number - 1)) for place in range(number)]
    is_high = pixels.shape[0] == length
    return [pixels[at : at + piece] if is_high else pixels[:, at : at + piece] for at in starts]


def _found(pixels: Pixels) -> TextFound:
    small = at_most(pixels, LONG_SIDE)
    found: Any = _detector()(cv2.cvtColor(small, cv2.COLOR_RGB2BGR), use_det=True, use_cls=False, use_rec=False)
    boxes = [] if found.boxes is None else found.boxes
    shares = [cv2.contourArea(np.asarray(box, np.float32)) / (small.shape[0] * small.shape[1]) for box in boxes]
    return TextFound(len(boxes), sum(share for share in shares if share < WHOLE))


@cache
def _detector() -> RapidOCR:
    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.use_cls": False,
            "Global.use_rec": False,
            "Det.box_thresh": SURE,
        }
    )
