"""What the check says of restored old photographs, and of marks in their corners."""

from functools import cache

import numpy as np
import pytest
from PIL import Image

from adapters.imaging.arrays import Pixels
from adapters.imaging.check import OPERATIONS, measured
from adapters.imaging.check.facts import Fact
from adapters.imaging.check.pair import Pair
from benchmarks.quality import spoilings
from benchmarks.quality.check import aged
from benchmarks.quality.spoilings import GOOD, SPOILED, Change
from domain.ports import Wish
from domain.texts.catalogue import TEXTS
from domain.vocabulary.pictures import Operation
from tests.unit.adapters.imaging.finishing import LIMITS
from tests.unit.adapters.imaging.pictures import PHOTOS, encoded


@cache
def photograph(name: str = "astronaut.jpg") -> Pixels:
    with Image.open(PHOTOS / name) as image:
        small = image.convert("RGB")
        small.thumbnail((480, 480), Image.Resampling.LANCZOS)
        return np.asarray(small)


def grey(pixels: Pixels) -> Pixels:
    return spoilings.saturated(0)(pixels, np.random.default_rng(1))


def facts(before: Pixels, after: Pixels) -> dict[str, Fact]:
    result = encoded(Image.fromarray(np.ascontiguousarray(after)))
    pair = Pair(encoded(Image.fromarray(before)), result, result, Wish(Operation.FIX_OLD_PHOTO, ""), LIMITS)
    return {fact.name: fact for fact in measured(pair, OPERATIONS[Operation.FIX_OLD_PHOTO].look)}


def restored(change: Change, photo: Pixels) -> dict[str, Fact]:
    """The facts of an aged photograph and its changed restoration."""
    random = np.random.default_rng(1)
    return facts(aged(photo, random), change(photo, random))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("blue cast", "highlights_beyond_neutral"),
        ("object pasted 15 %", "changed_block"),
        ("date stamped", "corner_edges"),
        ("logo in a corner", "corner_edges"),
    ],
)
def test_a_spoiled_restoration_is_caught_and_its_fault_told(kind: str, name: str) -> None:
    fact = restored(SPOILED[kind], photograph())[name]
    assert (fact.is_fine, fact.value > fact.limit) == (False, True)
    assert all(TEXTS[language].say(fact.issue) for language in ("zh", "en"))


@pytest.mark.parametrize("kind", ["as it is", "sharpened more", "a little warmer", "a little more contrast", "jpeg 80"])
@pytest.mark.parametrize("name", ["astronaut.jpg", "coffee.jpg"])
def test_a_good_restoration_is_fine(kind: str, name: str) -> None:
    found = restored(GOOD[kind], photograph(name))
    assert [fact for fact in found.values() if not fact.is_fine] == []


@pytest.mark.parametrize("kind", ["blue cast", "magenta cast"])
def test_a_monochrome_photograph_may_not_come_back_tinted(kind: str) -> None:
    fact = restored(SPOILED[kind], grey(photograph()))["colour_cast"]
    assert (fact.is_fine, fact.limit) == (False, 10)


def test_a_monochrome_photograph_may_be_toned_or_coloured() -> None:
    old = aged(grey(photograph()), np.random.default_rng(1))
    sepia = spoilings.scaled_channels(1.05, 0.97, 0.8)(grey(photograph()), np.random.default_rng(1))
    assert facts(old, sepia)["colour_cast"].is_fine
    coloured = facts(old, photograph())["colour_cast"]
    assert (coloured.is_fine, coloured.limit) == (True, 24)


def test_a_corner_that_was_torn_off_may_be_filled_in() -> None:
    old = aged(photograph(), np.random.default_rng(1))
    height, width = old.shape[:2]
    old[-height // 5 :, -width // 3 :] = 255
    assert facts(old, photograph())["corner_edges"].is_fine
