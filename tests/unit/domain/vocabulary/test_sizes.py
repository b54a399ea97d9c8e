import pytest

from domain.vocabulary.pictures import TargetSize
from domain.vocabulary.sizes import keeps_all, lost_by_filling, may_cut, read_size, turned


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
        ("做成护照照片", 390, 567, 300),
        ("护照照片的尺寸", 390, 567, 300),
        ("改成港澳通行证照片", 390, 567, 300),
        ("美国签证照片尺寸", 602, 602, 300),
        ("美签规格", 602, 602, 300),
        ("做一张申根签证照", 413, 531, 300),
        ("裁成驾照照片 600dpi", 520, 756, 600),
    ],
)
def test_a_stated_size_is_read(words: str, width: int, height: int, dpi: int | None) -> None:
    size = read_size(words)
    assert size is not None
    assert (size.width, size.height, size.dpi) == (width, height, dpi)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "大一点",
        "10x15",
        "35*45",
        "0x0px",
        "30000x10px",
        "a43",
        "11寸",
        "十二寸",
        "IMG20261122",
        "A4 9999dpi",
        "护照照片太模糊了",
        "身份证照片看不清",
        "签证照",
        "护照上的字弄清楚",
        "办签证用的,清晰一点",
    ],
)
def test_what_is_no_size_or_out_of_reason_is_not_guessed(words: str) -> None:
    assert read_size(words) is None


def test_a_size_nobody_can_make_is_none() -> None:
    assert read_size("120x80cm 300dpi") is None
    assert read_size("20000x20000") is None


@pytest.mark.parametrize("words", ["A4", "a3", "六寸", "5寸照片"])
def test_paper_turns_as_the_picture_lies(words: str) -> None:
    size = read_size(words)
    assert size is not None
    across = turned(size, 4000, 3000)
    assert (across.width, across.height) == (size.height, size.width)
    assert turned(size, 3000, 4000) == turned(size, 1000, 1000) == size


@pytest.mark.parametrize("words", ["A4横版", "A4 竖版", "一寸", "800x600", "10x15厘米"])
def test_what_is_stated_exactly_is_not_turned(words: str) -> None:
    size = read_size(words)
    assert size is not None
    assert turned(size, 4000, 3000) == turned(size, 3000, 4000) == size


@pytest.mark.parametrize(
    ("words", "kept"), [("A4", False), ("1000x500", True), ("一寸", False), ("1000x650", True), ("1000x735", False)]
)
def test_a_picture_that_would_lose_much_is_kept_whole(words: str, kept: bool) -> None:
    size = read_size(words)
    assert size is not None
    size = turned(size, 4000, 2900)
    assert keeps_all(size, 4000, 2900) is kept
    assert not keeps_all(size.model_copy(update={"may_cut": True}), 4000, 2900)


def test_how_much_is_lost_is_a_share_of_the_picture() -> None:
    assert lost_by_filling(TargetSize(width=100, height=100), 200, 100) == pytest.approx(0.5)
    assert lost_by_filling(TargetSize(width=100, height=200), 200, 100) == pytest.approx(0.75)


@pytest.mark.parametrize(
    "words", ["铺满", "A4,不要白边", "可以裁掉一点", "裁成A4", "先留白边\n还是铺满吧", "crop it", "no white borders"]
)
def test_a_customer_who_wants_it_filled_may_say_so(words: str) -> None:
    assert may_cut(words)


@pytest.mark.parametrize("words", ["", "A4", "不要裁", "不要铺满", "铺满\n不,留白边", "别裁掉头", "without cropping"])
def test_nothing_is_cut_unless_that_is_said(words: str) -> None:
    assert not may_cut(words)
