import pytest

from domain.vocabulary.pictures import TargetSize
from domain.vocabulary.sizes import read_size


@pytest.mark.parametrize(
    ("words", "width", "height", "dpi"),
    [
        ("1920x1080", 1920, 1080, None),
        ("改成 800 × 600 像素", 800, 600, None),
        ("1920X1080", 1920, 1080, None),
        ("1000*1000px 72dpi", 1000, 1000, 72),
        ("64x64px", 64, 64, None),
        ("64像素x64像素", 64, 64, None),
        ("35*45mm", 413, 531, 300),
        ("3.5cm x 4.9cm", 413, 579, 300),
        ("10x15厘米", 1181, 1772, 300),
        ("10x15cm 150DPI", 591, 886, 150),
        ("A4", 2480, 3508, 300),
        ("A4纸横版", 3508, 2480, 300),
        ("一寸", 295, 413, 300),
        ("1寸照", 295, 413, 300),
        ("小1寸", 260, 378, 300),
        ("大一寸", 390, 567, 300),
        ("两寸 600dpi", 827, 1157, 600),
        ("小二寸", 413, 531, 300),
    ],
)
def test_a_stated_size_is_read(words: str, width: int, height: int, dpi: int | None) -> None:
    assert read_size(words) == TargetSize(width=width, height=height, dpi=dpi)


@pytest.mark.parametrize(
    "words",
    ["", "大一点", "10x15", "35*45", "0x0px", "30000x10px", "a43", "11寸", "十二寸", "IMG20261122", "A4 9999dpi"],
)
def test_what_is_no_size_or_out_of_reason_is_not_guessed(words: str) -> None:
    assert read_size(words) is None


def test_a_size_nobody_can_make_is_none() -> None:
    assert read_size("120x80cm 300dpi") is None
    assert read_size("20000x20000") is None
