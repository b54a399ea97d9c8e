"""What the check says about text and watermarks, on photographs with words drawn over them."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from adapters.imaging.arrays import Pixels, pixels_of
from adapters.imaging.check import marks
from adapters.imaging.check.facts import worst_of
from adapters.imaging.check.marks import mark_added, mark_left
from adapters.imaging.check.pair import Pair
from adapters.imaging.check.text import text
from adapters.imaging.limits import Limits
from adapters.imaging.networks.reading import Corners, Part, find_lines
from domain.ports import Wish
from domain.vocabulary.pictures import Operation
from tests.unit.adapters.imaging.pictures import PHOTOS, encoded

PHOTO = Image.open(PHOTOS / "coffee.jpg").convert("RGB")
GREEN = (20, 70, 40)


def lettered(
    words: str, at: tuple[int, int] = (40, 30), size: int = 30, opacity: float = 1, picture: Image.Image = PHOTO
) -> Pixels:
    sheet = picture.copy()
    ImageDraw.Draw(sheet).text(at, words, fill=(255, 250, 235), font=ImageFont.load_default(size))
    return pixels_of(Image.blend(picture, sheet, opacity))


SIGN = lettered("Determine 2024")


def pair(old: Pixels, new: Pixels, operation: Operation = Operation.ENHANCE, words: str = "") -> Pair:
    result = encoded(Image.fromarray(new))
    return Pair(encoded(Image.fromarray(old)), result, result, Wish(operation, words), Limits())


def with_logo(pixels: Pixels) -> Pixels:
    spoiled = pixels.copy()
    cv2.drawMarker(spoiled, (560, 370), (250, 250, 250), cv2.MARKER_STAR, 30, 3)
    return spoiled


@pytest.mark.parametrize("words", ["Dotormine 2024", "Determine 2O51", "Datarmina 2024", ""])
def test_rewritten_text_is_caught(words: str) -> None:
    worst = worst_of(text(pair(SIGN, lettered(words))))
    assert worst is not None
    assert worst.issue.phrase == "check.text_changed"
    assert worst.issue.values["before"] == "Determine 2024"


@pytest.mark.parametrize(
    "change",
    [
        lambda pixels: pixels,
        lambda pixels: cv2.GaussianBlur(pixels, (0, 0), 1),
        lambda pixels: cv2.addWeighted(pixels, 1.8, cv2.GaussianBlur(pixels, (0, 0), 1), -0.8, 0),
        lambda pixels: cv2.resize(pixels, None, fx=1.6, fy=1.6, interpolation=cv2.INTER_CUBIC),
        lambda pixels: (255 * (pixels / 255) ** 0.7).astype(np.uint8),
    ],
    ids=["same", "softer", "sharper", "larger", "brighter"],
)
def test_text_that_stayed_and_photographs_without_marks_are_fine(change: Callable[[Pixels], Pixels]) -> None:
    both = pair(SIGN, change(SIGN))
    assert worst_of([*text(both), *mark_added(both)]) is None


@pytest.mark.parametrize(
    "marked",
    [
        lettered("PREVIEW sample", (120, 180), 48, 0.3),
        lettered("2024 08 17", (430, 360), 22),
        lettered("stock.example", (200, 60), 36, 0.5),
        with_logo(pixels_of(PHOTO)),
    ],
    ids=["faint", "date", "site", "logo"],
)
def test_an_added_watermark_is_caught(marked: Pixels) -> None:
    worst = worst_of(mark_added(pair(pixels_of(PHOTO), marked)))
    assert worst is not None
    assert worst.issue.phrase.startswith("check.mark_added")


def test_an_edit_may_add_the_words_that_it_was_asked_for() -> None:
    assert mark_added(pair(pixels_of(PHOTO), SIGN, Operation.EDIT, "左上角加一行字 Determine 2024")) == []
    assert worst_of(mark_added(pair(pixels_of(PHOTO), SIGN, Operation.EDIT, "背景换成蓝色"))) is not None


@pytest.mark.parametrize("words", ["去水印", "把左上角的文字去掉", "去掉logo", "remove the text"])
def test_a_watermark_that_was_left_is_caught(words: str) -> None:
    sharper = cv2.addWeighted(SIGN, 1.5, cv2.GaussianBlur(SIGN, (0, 0), 1), -0.5, 0)
    left = worst_of(mark_left(pair(SIGN, sharper, Operation.EDIT, words)))
    assert left is not None
    assert left.issue.phrase == "check.mark_left"
    assert worst_of(mark_left(pair(SIGN, pixels_of(PHOTO), Operation.EDIT, words))) is None


def test_one_of_several_copies_of_a_watermark_that_is_left_is_caught() -> None:
    once = lettered("stock.example", (150, 40))
    twice = lettered("stock.example", (150, 330), picture=Image.fromarray(once))
    assert worst_of(mark_left(pair(twice, once, Operation.EDIT, "去水印"))) is not None
    assert worst_of(mark_left(pair(twice, pixels_of(PHOTO), Operation.EDIT, "去水印"))) is None


@pytest.mark.parametrize(
    "words",
    [
        "色调暖一点,左下角加个对勾", "右下角盖个章", "桌上放一朵花", "贴一个图标", "给他戴上帽子",
        "add a tick at the bottom", "put a star there",
    ],
)  # fmt: skip
def test_nothing_is_said_of_what_the_customer_wants_added(words: str) -> None:
    marked = with_logo(pixels_of(PHOTO))
    assert mark_added(pair(pixels_of(PHOTO), marked, Operation.EDIT, words)) == []


@pytest.mark.parametrize("words", ["调亮一点", "更加清晰", "加亮一点", "背景换成蓝色", "make it brighter"])
def test_a_logo_that_nobody_asked_for_is_caught(words: str) -> None:
    marked = with_logo(pixels_of(PHOTO))
    assert worst_of(mark_added(pair(pixels_of(PHOTO), marked, Operation.EDIT, words))) is not None


@pytest.fixture
def read_parts(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The shares of the picture that the reader was shown."""
    shares: list[float] = []

    def noted(pixels: Pixels, part: Part) -> list[Corners]:
        shares.append(pixels[part].size / pixels.size)
        return find_lines(pixels, part)

    monkeypatch.setattr("adapters.imaging.check.marks.find_lines", noted)
    return shares


def test_a_contour_that_stands_out_more_is_no_letter_and_is_not_read(read_parts: list[float]) -> None:
    plain: Pixels = np.full((400, 600, 3), 130, np.uint8)
    both = pair(plain, cv2.ellipse(plain.copy(), (300, 200), (220, 120), 0, 200, 340, (150, 150, 150), 2))
    _, added = marks._added(both)
    assert added.mean() > marks.LEAST_ADDED
    assert (worst_of(mark_added(both)), read_parts) == (None, [])


def test_only_the_part_with_an_added_mark_is_read(read_parts: list[float]) -> None:
    worst = worst_of(mark_added(pair(pixels_of(PHOTO), lettered("SAMPLE 2024"))))
    assert worst is not None
    assert worst.issue.values["words"].startswith("SAMPLE")
    assert read_parts[0] < 0.3
