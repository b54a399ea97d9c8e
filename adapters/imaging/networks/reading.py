"""Finds and reads lines of text with the small networks of PP-OCR (rapidocr), Chinese and English."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidocr import RapidOCR

from adapters.imaging.arrays import Pixels

FINEST = 960  # pixels on the long side that the detector sees
LINE_HEIGHT = 48  # pixels that the recogniser sees
UPRIGHT = 1.5  # a box that much higher than wide is read turned
LIKELY = 0.5  # of the detector; it also takes coins and faces for text, so what it finds is read
SURE = 0.85  # of the recogniser; shapes that are no text reach 0.8
LARGEST_SCALE = 3  # small pictures are enlarged before the detector sees them

Corners = NDArray[Any]  # float32, 4 x 2: the corners of a line in pixels, clockwise from its top left
Part = tuple[slice, slice]  # rows and columns
WHOLE: Part = (slice(None), slice(None))


@dataclass(frozen=True)
class Line:
    """A line of text: its words, how sure the recogniser is of them, 0 to 1, and where it stands."""

    words: str
    confidence: float
    corners: Corners

    @property
    def is_sure(self) -> bool:
        """Whether it is text at all: at least two characters, read with confidence."""
        return self.confidence >= SURE and sum(map(str.isalnum, self.words)) > 1

    @property
    def height(self) -> float:
        """The height of the letters in pixels, about."""
        top_left, _, bottom_right, bottom_left = self.corners
        return float(min(np.linalg.norm(bottom_left - top_left), np.linalg.norm(bottom_right - bottom_left)))


def find_lines(pixels: Pixels, part: Part = WHOLE) -> list[Corners]:
    """Return where there may be lines of text, the largest first; of a part, which costs less than the whole."""
    scale = min(LARGEST_SCALE, FINEST / max(pixels.shape[:2]))
    seen = cv2.resize(
        pixels[part], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    )
    found: Any = _engine()(cv2.cvtColor(seen, cv2.COLOR_RGB2BGR), use_det=True, use_cls=False, use_rec=False)
    corner = np.array((part[1].start or 0, part[0].start or 0), np.float32)
    boxes = [] if found.boxes is None else [np.asarray(box, np.float32) / scale + corner for box in found.boxes]
    return sorted(boxes, key=lambda box: -cv2.contourArea(box))


def read_line(pixels: Pixels, corners: Corners) -> Line:
    """Read what stands between four corners."""
    found: Any = _engine()(_straightened(pixels, corners), use_det=False, use_cls=False, use_rec=True)
    if not found.txts:
        return Line("", 0.0, corners)
    return Line(found.txts[0].strip(), float(found.scores[0]), corners)


def _straightened(pixels: Pixels, corners: Corners) -> Pixels:
    """Return a line as the recogniser wants it: upright, BGR."""
    top_left, top_right, _, bottom_left = corners
    wide, high = (max(1.0, float(np.linalg.norm(other - top_left))) for other in (top_right, bottom_left))
    scale = LINE_HEIGHT / min(wide, high)
    width, height = max(1, round(wide * scale)), max(1, round(high * scale))
    target = np.array(((0, 0), (width, 0), (width, height), (0, height)), np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    flat = cv2.warpPerspective(pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    if height > UPRIGHT * width:
        flat = cv2.rotate(flat, cv2.ROTATE_90_COUNTERCLOCKWISE)
    return cv2.cvtColor(flat, cv2.COLOR_RGB2BGR)


@cache
def _engine() -> RapidOCR:
    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.use_cls": False,
            "Det.box_thresh": LIKELY,
            "Det.limit_type": "max",
            "Det.limit_side_len": FINEST,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,  # more would spin, and other processes need the cores
        }
    )
