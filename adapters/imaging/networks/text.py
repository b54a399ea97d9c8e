"""Finds lines of text in a picture with the detector of PP-OCR (rapidocr); nothing is read."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from rapidocr import RapidOCR

from adapters.imaging.arrays import Pixels
from domain.pictures import TextAmount

LONG_SIDE = 1280  # pixels; more of them only take time
SURE = 0.72  # cups and cats score up to 0.7, lines of text from 0.73 on
MANY_LINES = 8
LARGE_SHARE = 0.12


@dataclass(frozen=True)
class TextFound:
    """How many lines of text there are, and which share of the picture they cover."""

    lines: int
    share: float

    @property
    def amount(self) -> TextAmount:
        """The words that the quote knows."""
        if not self.lines:
            return TextAmount.NONE
        much = self.lines >= MANY_LINES or self.share >= LARGE_SHARE
        return TextAmount.MUCH if much else TextAmount.LITTLE


def find_text(pixels: Pixels) -> TextFound:
    """Detect lines of text in any direction."""
    shrink = min(1.0, LONG_SIDE / max(pixels.shape))
    small = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    found: Any = _detector()(cv2.cvtColor(small, cv2.COLOR_RGB2BGR), use_det=True, use_cls=False, use_rec=False)
    boxes = [] if found.boxes is None else found.boxes
    covered = sum(cv2.contourArea(np.asarray(box, np.float32)) for box in boxes)
    return TextFound(len(boxes), covered / (small.shape[0] * small.shape[1]))


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
