"""Ways in which what each operation delivers is spoiled: masks and colours of cut-outs, edits, sizes, drawings."""

import re
from collections.abc import Callable

import cv2
import numpy as np

from adapters.imaging.arrays import Mask, Pixels

MaskChange = Callable[[Mask], Mask]


def _box(alpha: Mask) -> tuple[int, int, int, int]:
    left, top, wide, high = cv2.boundingRect((alpha > 0.5).astype(np.uint8))  # noqa: PLR2004 - half
    return left, top, wide, high


def without_left_half(alpha: Mask) -> Mask:
    """Lose half of the subject."""
    left, _, wide, _ = _box(alpha)
    result = alpha.copy()
    result[:, : left + wide // 2] = 0
    return result


def without_lower_third(alpha: Mask) -> Mask:
    """Lose the lower third of the subject."""
    _, top, _, high = _box(alpha)
    result = alpha.copy()
    result[top + high * 2 // 3 :] = 0
    return result


def shifted(alpha: Mask) -> Mask:
    """Move the mask by 4 % of the width."""
    matrix = np.array([[1, 0, 0.04 * alpha.shape[1]], [0, 1, 0]])
    return cv2.warpAffine(alpha, matrix, alpha.shape[::-1])


def widened(share: float) -> MaskChange:
    """Grow the mask by a share of the long side, or shrink it."""

    def change(alpha: Mask) -> Mask:
        side = round(abs(share) * max(alpha.shape)) | 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        return cv2.dilate(alpha, kernel) if share > 0 else cv2.erode(alpha, kernel)

    return change


def with_ghost(alpha: Mask) -> Mask:
    """Leave a half transparent patch of the background."""
    height, width = alpha.shape
    patch = cv2.ellipse(np.zeros_like(alpha), (width // 5, height // 5), (width // 7, height // 7), 0, 0, 360, 0.45, -1)
    return np.maximum(alpha, patch)


def with_corner(alpha: Mask) -> Mask:
    """Leave a quarter of the background."""
    result = alpha.copy()
    result[: alpha.shape[0] // 2, : alpha.shape[1] // 2] = 1
    return result


def rectangle(alpha: Mask) -> Mask:
    """Cut out a rectangle instead of the subject."""
    result, (height, width) = np.zeros_like(alpha), alpha.shape
    result[height // 4 : height * 3 // 4, width // 4 : width * 3 // 4] = 1
    return result


MASKS: dict[str, MaskChange] = {
    "inverted": lambda alpha: 1 - alpha,
    "left half gone": without_left_half,
    "lower third gone": without_lower_third,
    "mask shifted": shifted,
    "mask 4 % too wide": widened(0.04),
    "mask 4 % too narrow": widened(-0.04),
    "ghost": with_ghost,
    "a quarter of the background left": with_corner,
    "rectangle": rectangle,
    "half transparent": lambda alpha: alpha * 0.6,
    "blurred mask": lambda alpha: cv2.GaussianBlur(alpha, (0, 0), 0.02 * max(alpha.shape)),
    "stairs": lambda alpha: (alpha > 0.5).astype(np.float32),  # noqa: PLR2004 - half
}
COLOURS: dict[str, Callable[[Pixels, Pixels], Pixels]] = {  # of the cut-out's colours and the original's
    "another picture": lambda colours, _: np.ascontiguousarray(np.roll(colours[::-1], colours.shape[1] // 2, axis=1)),
    "mirrored": lambda colours, _: np.ascontiguousarray(colours[:, ::-1]),
    "negative": lambda colours, _: 255 - colours,
    "far too dark": lambda colours, _: colours // 3,
}
EDITS: dict[str, Callable[[Pixels, Pixels], Pixels]] = {  # of the right result and the original
    "another colour": lambda result, _: np.ascontiguousarray(result[..., ::-1]),
    "not done": lambda _, original: original,
    "no subject left": lambda result, _: np.full_like(result, result[0, 0]),
    "subject mirrored": lambda result, _: np.ascontiguousarray(result[:, ::-1]),
}
SIZES: dict[str, Callable[[Pixels], Pixels]] = {
    "stretched 8 %": lambda pixels: cv2.resize(pixels, None, fx=1.08, fy=1, interpolation=cv2.INTER_AREA),
    "squeezed 15 %": lambda pixels: cv2.resize(pixels, None, fx=1, fy=0.85, interpolation=cv2.INTER_AREA),
}


def _swapped(match: re.Match[str]) -> str:
    code = match[1]
    return f"#{code[4:]}{code[2:4]}{code[:2]}"


DRAWINGS: dict[str, Callable[[str], str]] = {
    "script inside": lambda svg: svg.replace("</svg>", "<script>alert(1)</script></svg>"),
    "loads a file": lambda svg: svg.replace("</svg>", '<use href="https://example.com/a.svg#a"/></svg>'),
    "bitmap inside": lambda svg: svg.replace("</svg>", '<image href="data:image/png;base64,AA=="/></svg>'),
    "no shapes": lambda svg: re.sub(r"<path[^>]*>", "", svg),
    "cut off": lambda svg: svg[: len(svg) * 2 // 3],
    "red and blue swapped": lambda svg: re.sub("#([0-9A-Fa-f]{6})", _swapped, svg),
}
