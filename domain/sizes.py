"""Reading a stated size: pixels, paper and ID-photo formats."""

import re

from domain.pictures import LARGEST_SIDE, TargetSize

MM_PER_INCH = 25.4
PRINT_DPI = 300

# Name -> (width mm, height mm), upright. Paper by ISO 216; ID photographs as Chinese photo shops cut them.
FORMATS_MM: dict[str, tuple[float, float]] = {
    "a3": (297, 420),
    "a4": (210, 297),
    "a5": (148, 210),
    "小一寸": (22, 32),
    "大一寸": (33, 48),
    "小二寸": (35, 45),
    "一寸": (25, 35),
    "1寸": (25, 35),
    "二寸": (35, 49),
    "两寸": (35, 49),
    "2寸": (35, 49),
    "五寸": (89, 127),
    "5寸": (89, 127),
    "六寸": (102, 152),
    "6寸": (102, 152),
}

_PIXELS = re.compile(r"(?<!\d)(\d{2,5})\s*(?:px|像素)?\s*[x×X*乘]\s*(\d{2,5})(?!\d)")
_DPI = re.compile(r"(\d{2,4})\s*dpi", re.IGNORECASE)
_LANDSCAPE = re.compile("横")


def read_size(words: str) -> TargetSize | None:
    """Return the size that the words name, or None. Formats come out at 300 dpi unless a dpi is named too."""
    dpi = _read_dpi(words)
    if match := _PIXELS.search(words):
        return _within_reason(int(match[1]), int(match[2]), dpi)
    for name, (width_mm, height_mm) in FORMATS_MM.items():
        if _names(words.lower(), name):
            width, height = _printed(width_mm, height_mm, dpi or PRINT_DPI)
            upright = not _LANDSCAPE.search(words)
            return _within_reason(*(width, height) if upright else (height, width), dpi or PRINT_DPI)
    return None


def _within_reason(width: int, height: int, dpi: int | None) -> TargetSize | None:
    if min(width, height) > 0 and max(width, height) <= LARGEST_SIDE:
        return TargetSize(width=width, height=height, dpi=dpi)
    return None


def _names(words: str, name: str) -> bool:
    before = r"(?<![a-z0-9])" if name[0].isascii() else ""
    after = r"(?![0-9])" if name[-1].isascii() else ""
    return re.search(before + re.escape(name) + after, words) is not None


def _read_dpi(words: str) -> int | None:
    match = _DPI.search(words)
    return int(match[1]) or None if match else None


def _printed(width_mm: float, height_mm: float, dpi: int) -> tuple[int, int]:
    return round(width_mm / MM_PER_INCH * dpi), round(height_mm / MM_PER_INCH * dpi)
