"""What the check says about edits: is there what was asked for, and is the rest the original's?"""

import numpy as np
import pytest
from PIL import Image

from adapters.imaging import edits
from adapters.imaging.arrays import Pixels
from adapters.imaging.check.edit import edited, wanted_background
from adapters.imaging.check.facts import worst_of
from adapters.imaging.check.pair import Pair
from adapters.imaging.edit_words import Edits
from adapters.imaging.edits import BACKGROUNDS
from adapters.imaging.limits import Limits
from adapters.imaging.mixing import blended
from domain.ports import Wish
from domain.vocabulary.pictures import Operation
from tests.unit.adapters.imaging.cut_outs import PHOTO, PIXELS, alpha, colours
from tests.unit.adapters.imaging.pictures import encoded

CHINESE = {"white": "白", "red": "红", "blue": "蓝", "grey": "灰", "black": "黑", "green": "绿", "pink": "粉"}


def issue(new: Pixels, words: str) -> str:
    result = encoded(Image.fromarray(new))
    worst = worst_of(edited(Pair(encoded(PHOTO), result, result, Wish(Operation.EDIT, words), Limits())))
    return worst.issue.phrase if worst else ""


def on(colour: str) -> Pixels:
    return blended(colours(), alpha(), BACKGROUNDS[colour])


@pytest.mark.parametrize("colour", BACKGROUNDS)
def test_only_the_background_that_was_asked_for_is_fine(colour: str) -> None:
    words = f"背景换成{CHINESE[colour]}色"
    assert issue(on(colour), words) == ""
    other = "blue" if colour != "blue" else "red"
    assert issue(on(other), words) == "check.background_colour"
    assert issue(PIXELS, words) == "check.background_colour"


def test_a_subject_that_vanished_or_changed_is_caught() -> None:
    empty = np.full_like(PIXELS, BACKGROUNDS["blue"])
    assert issue(empty, "背景换成蓝色") == "check.edit_subject"
    mirrored = blended(colours()[:, ::-1], alpha(), BACKGROUNDS["blue"])
    assert issue(mirrored, "背景换成蓝色") == "check.edit_subject"


@pytest.mark.parametrize(
    ("words", "colour"),
    [
        ("白底,磨皮", "white"),
        ("蓝底换成红底,衣服换成西装", "red"),
        ("make the background a light blue and remove the chair", "blue"),
        ("把背景换成纯白色,去掉桌子", "white"),
        ("底部加一行白字", ""),
        ("去掉背景里的蓝色汽车", ""),
        ("换成白底或者蓝底", ""),
        ("衣服换成红色", ""),
        ("背景换成有红色汽车的街道", ""),
        ("背景换成蓝色大海", ""),
    ],
)
def test_the_background_that_a_longer_wish_names_is_read_or_left(words: str, colour: str) -> None:
    assert wanted_background(words) == colour


@pytest.mark.parametrize(
    ("words", "tone", "opposite"),
    [
        ("亮一点", "brighter", "darker"),
        ("暗一点", "darker", "brighter"),
        ("暖一点", "warmer", "cooler"),
        ("鲜艳一点", "vivid", "muted"),
        ("对比度高一点", "contrast", "flatter"),
        ("变成黑白", "monochrome", "vivid"),
    ],
)
def test_a_tone_has_to_go_the_way_that_was_asked_for(words: str, tone: str, opposite: str) -> None:
    assert issue(edits.apply(Edits(None, (tone,)), PIXELS), words) == ""
    assert issue(edits.apply(Edits(None, (opposite,)), PIXELS), words) == "check.edit_not_done"
    assert issue(PIXELS, words) == "check.edit_not_done"


def test_an_edit_of_tones_leaves_the_rest_alone() -> None:
    brighter = edits.apply(Edits(None, ("brighter",)), PIXELS)
    assert issue(np.ascontiguousarray(brighter[:, ::-1]), "亮一点") == "check.edit_rest"


def test_nothing_is_said_about_a_wish_that_is_not_understood() -> None:
    assert issue(PIXELS, "给他加一副眼镜") == ""
