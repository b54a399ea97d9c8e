"""Parses sizes in text: pixels, paper and ID-photo formats."""

import math
import re
import unicodedata

from domain.vocabulary.id_photos import ID_PHOTOS, INCHES, named_document
from domain.vocabulary.pictures import LARGEST_AREA, LARGEST_SIDE, Operation, TargetSize

MM_PER_INCH = 25.4
PRINT_DPI = 300

# Name -> (width mm, height mm), upright. Paper by ISO 216; prints as Chinese photo shops cut them.
PAPERS_MM: dict[str, tuple[float, float]] = {
    "a3": (297, 420),
    "a4": (210, 297),
    "a5": (148, 210),
    "五寸": (89, 127),
    "六寸": (102, 152),
}
DIGITS = {"1寸": "一寸", "2寸": "二寸", "两寸": "二寸", "5寸": "五寸", "6寸": "六寸"}
UNITS_MM = {"mm": 1.0, "毫米": 1.0, "cm": 10.0, "厘米": 10.0, "公分": 10.0}

_UNIT = r"\s*(px|像素|mm|毫米|cm|厘米|公分)?\s*"
_SIDE = r"(\d{1,5}(?:\.\d{1,2})?)"
_SIDES = re.compile(rf"(?<![\d.]){_SIDE}{_UNIT}[x×*乘]\s*{_SIDE}{_UNIT}")
_DPI = re.compile(r"(?<!\d)(\d{2,4})\s*dpi")
_WHOLE = (
    "不要裁|别裁|不裁|不能裁|不可以裁|不许裁|不要铺满|别铺满|不用铺满|不铺满|不要填满|保留全部|保留完整|要完整|留白边|(?<!不)留白"
    "|don.?t crop|do not crop|without cropping|whole picture"
)
_FILLED = (
    "铺满|满版|撑满|填满|占满|不要?留?有?白边|不留白|没有白边|去掉白边|去白边|可以裁|裁掉|裁切|裁剪|裁成|裁到"
    r"|\bcrop|\bfill|no (?:white )?borders"
)
_FILLING = re.compile(f"(?P<whole>{_WHOLE})|{_FILLED}")
FEW = 0.05  # share of a picture that may be cut off unasked
SMALLEST_BARE_NUMBER = 100  # 10x15 without a unit is probably in centimetres: not guessed


def read_size(words: str) -> TargetSize | None:
    """Return the size named in a text, or None. Formats are at 300 dpi unless the text names another."""
    text = unicodedata.normalize("NFKC", words).lower()
    dpi = _read_dpi(text)
    if match := _SIDES.search(text):
        return _stated(float(match[1]), float(match[3]), match[4] or match[2], dpi)
    for digit, name in DIGITS.items():
        text = re.sub(rf"(?<!\d){digit}", name, text)
    return _of_paper(text, dpi or PRINT_DPI) or _of_id_photo(text, dpi or PRINT_DPI)


def turned(size: TargetSize, width: int, height: int) -> TargetSize:
    """Return the size with paper turned as a picture lies."""
    if size.is_paper and (width > height) != (size.width > size.height) and width != height:
        return size.model_copy(update={"width": size.height, "height": size.width})
    return size


def lost_by_filling(size: TargetSize, width: int, height: int) -> float:
    """Return the share of a picture that is cut off if it fills the size."""
    ratios = sorted((width / height, size.width / size.height))
    return 1 - ratios[0] / ratios[1]


def keeps_all(size: TargetSize, width: int, height: int) -> bool:
    """Whether a picture is shown whole, with white edges: filling would cut off much, and nobody asked for that."""
    return not size.may_cut and not size.id_photo and lost_by_filling(size, width, height) > FEW


def may_cut(words: str) -> bool:
    """Whether the customer wants the size filled: the last words about it count."""
    said = list(_FILLING.finditer(unicodedata.normalize("NFKC", words).lower()))
    return bool(said) and said[-1]["whole"] is None


def _of_paper(text: str, dpi: int) -> TargetSize | None:
    for name, (width, height) in PAPERS_MM.items():
        if not _names(text, name):
            continue
        if "横" in text or "竖" in text:
            return _printed(*((height, width) if "横" in text else (width, height)), dpi)
        size = _printed(width, height, dpi)
        return size and size.model_copy(update={"is_paper": True})
    return None


def _of_id_photo(text: str, dpi: int) -> TargetSize | None:
    name = named_document(text) or next((inches for inches in INCHES if _names(text, inches)), "")
    if not name:
        return None
    size = _printed(ID_PHOTOS[name].width, ID_PHOTOS[name].height, dpi)
    return size and size.model_copy(update={"id_photo": name})


def _stated(width: float, height: float, unit: str | None, dpi: int | None) -> TargetSize | None:
    if unit in UNITS_MM:
        return _printed(width * UNITS_MM[unit], height * UNITS_MM[unit], dpi or PRINT_DPI)
    if unit is None and min(width, height) < SMALLEST_BARE_NUMBER:
        return None
    return _within_reason(round(width), round(height), dpi)


def _printed(width_mm: float, height_mm: float, dpi: int) -> TargetSize | None:
    return _within_reason(round(width_mm / MM_PER_INCH * dpi), round(height_mm / MM_PER_INCH * dpi), dpi)


def _within_reason(width: int, height: int, dpi: int | None) -> TargetSize | None:
    if min(width, height) > 0 and max(width, height) <= LARGEST_SIDE and width * height <= LARGEST_AREA:
        return TargetSize(width=width, height=height, dpi=dpi)
    return None


def _names(words: str, name: str) -> bool:
    """Whether a format is named: not as part of a43, or of 十二寸 (twelve inches) for 二寸."""
    return re.search(rf"(?<![a-z0-9十]){name}(?![0-9])", words) is not None


def _read_dpi(words: str) -> int | None:
    match = _DPI.search(words)
    return int(match[1]) or None if match else None


RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")


def checkable(wanted: Operation | None, size: TargetSize | None) -> Operation | None:
    """Return the operation; a resize without a size becomes an edit, since no file could be checked for it."""
    return Operation.EDIT if wanted is Operation.RESIZE and size is None else wanted


def nearest_ratio(width: int, height: int) -> str:
    """Return the aspect ratio supported by image models that is nearest to the given size."""

    def distance(ratio: str) -> float:
        across, down = map(int, ratio.split(":"))
        return abs(math.log(width * down / (height * across)))

    return min(RATIOS, key=distance)
