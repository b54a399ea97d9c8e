"""What is damage is repaired; what belongs to the photograph is left alone."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from adapters.imaging.arrays import Pixels, grey_of
from adapters.imaging.check import check
from adapters.imaging.limits import Limits
from adapters.imaging.measure import colourfulness, noise
from adapters.imaging.repair.scratches import scratches
from adapters.imaging.repair.stains import tone_of
from adapters.imaging.restore import damage, restore
from domain.ports import Wish
from domain.vocabulary.pictures import Operation
from tests.unit.adapters.imaging.ageing import scratch_mask, scratched, stain_density, yellowed
from tests.unit.adapters.imaging.pictures import PHOTOS, encoded

DICE = np.random.default_rng
NAMES = ("astronaut.jpg", "chelsea.png", "coffee.jpg", "rocket.jpg")


def photograph(name: str, side: int = 512) -> Pixels:
    image = Image.open(PHOTOS / name).convert("RGB")
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return np.asarray(image)


def grey(pixels: Pixels) -> Pixels:
    return cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def error(pixels: Pixels, truth: Pixels) -> float:
    """The mean error after the best straight change of tone."""
    one, other = grey_of(pixels).ravel(), grey_of(truth).ravel()
    return float(np.abs(np.polyval(np.polyfit(one, other, 1), one) - other).mean())


@pytest.mark.parametrize("name", NAMES)
def test_of_a_clean_photograph_nothing_is_taken_for_a_scratch(name: str) -> None:
    assert not damage(photograph(name)).any()


@pytest.mark.parametrize("name", NAMES)
def test_scratches_are_found_and_hardly_anything_else(name: str) -> None:
    recovered = []
    for seed in (5, 11, 12):
        mask = scratch_mask(photograph(name).shape[:2], DICE(seed), 5)
        found = scratches(grey_of(scratched(photograph(name), mask))) > 0
        near = cv2.dilate((mask > 0.1).astype(np.uint8), np.ones((9, 9))) > 0
        recovered.append(found[mask > 0.4].mean())
        assert (found & ~near).mean() < 0.001
    assert np.mean(recovered) > 0.25


def sky() -> Pixels:
    """A bright sky over dark ground."""
    down = np.linspace(205, 150, 300)[:, None, None] * np.ones((1, 400, 3))
    down[210:] = 70
    return (down + DICE(1).normal(0, 2, (300, 400, 1))).clip(0, 255).astype(np.uint8)


def tripod(pixels: Pixels) -> None:
    for foot in (120, 200, 270):
        cv2.line(pixels, (200, 60), (foot, 290), (25, 25, 25), 5, cv2.LINE_AA)
        cv2.line(pixels, (199, 60), (foot - 1, 290), (215, 215, 215), 2, cv2.LINE_AA)  # light on the metal


def wires(pixels: Pixels) -> None:
    for height in (40, 70, 95):
        cv2.line(pixels, (0, height), (399, height + 20), (30, 30, 30), 2, cv2.LINE_AA)


def hair(pixels: Pixels) -> None:
    pixels[40:260, 100:300] = 60
    for place in range(100, 300, 6):
        cv2.line(pixels, (place, 40), (place + 20, 260), (200, 190, 180), 2, cv2.LINE_AA)


def rails(pixels: Pixels) -> None:
    for place in range(60, 340, 24):
        cv2.line(pixels, (place, 120), (place, 290), (240, 240, 240), 3, cv2.LINE_AA)


def text(pixels: Pixels) -> None:
    image = Image.fromarray(pixels)
    pen = ImageDraw.Draw(image)
    for line in range(5):
        pen.text(
            (20, 20 + 52 * line), "ILLUMINATED HILLTOP 1911", fill=(245, 245, 245), font=ImageFont.load_default(27)
        )
    pixels[:] = np.asarray(image)


@pytest.mark.parametrize("draw", [tripod, wires, hair, rails, text])
def test_true_lines_are_left_alone(draw: Callable[[Pixels], None]) -> None:
    pixels = sky()
    if draw is text:
        pixels = (pixels * 0.3).astype(np.uint8)
    draw(pixels)
    assert not damage(pixels).any()
    assert not damage(pixels, is_aged=True).any()


@pytest.mark.parametrize("name", ["astronaut.jpg", "chelsea.png", "rocket.jpg"])
def test_stains_vanish_from_a_yellowed_photograph_and_it_becomes_grey(name: str) -> None:
    truth = grey(photograph(name))
    stains = stain_density(truth.shape[:2], DICE(3), 4)
    aged = yellowed(truth, stains, DICE(4))
    tone = tone_of(aged)
    assert tone.is_monochrome
    result = restore(aged)
    assert error(result, truth) < 0.6 * error(aged, truth)
    assert colourfulness(result) < 4 < colourfulness(aged)


def test_a_stained_photograph_that_became_grey_passes_its_check() -> None:
    truth = grey(photograph("astronaut.jpg"))
    aged = yellowed(truth, stain_density(truth.shape[:2], DICE(3), 4), DICE(4))
    before, after = (encoded(Image.fromarray(one)) for one in (aged, restore(aged)))
    assert not check(before, after, after, Wish(Operation.FIX_OLD_PHOTO, ""), Limits()).issue


@pytest.mark.parametrize("name", NAMES)
def test_colours_of_a_photograph_in_colours_are_no_stains(name: str) -> None:
    for pixels in (photograph(name), yellowed(photograph(name), np.zeros(photograph(name).shape[:2]), DICE(2))):
        assert tone_of(pixels).stains is None
    assert colourfulness(restore(photograph(name))) > 0.7 * colourfulness(photograph(name))


def test_the_grain_of_a_photograph_is_kept() -> None:
    clean = grey(photograph("chelsea.png"))
    for grain in (3, 8):
        aged = yellowed(clean, np.zeros(clean.shape[:2], np.float32), DICE(6), grain)
        assert noise(restore(aged)) > 0.4 * noise(aged)


def test_a_filled_scratch_has_the_grain_of_its_surroundings() -> None:
    pixels = np.full((300, 400, 3), 110.0) + DICE(7).normal(0, 6, (300, 400, 1))
    pixels = pixels.clip(0, 255).astype(np.uint8)
    mask = np.zeros((300, 400), np.float32)
    cv2.line(mask, (60, 30), (330, 250), 1, 4, cv2.LINE_AA)
    result = restore(scratched(pixels, mask))
    inside, outside = grey_of(result)[mask > 0.9], grey_of(result)[mask == 0]
    assert abs(inside.mean() - outside.mean()) < 8
    assert inside.std() > 0.4 * outside.std()


def test_a_large_photograph_is_repaired_in_stripes_as_a_small_one_is() -> None:
    truth = grey(photograph("astronaut.jpg"))
    aged = yellowed(truth, stain_density(truth.shape[:2], DICE(3), 4), DICE(4), grain=0)
    large = cv2.resize(aged, (2048, 2048), interpolation=cv2.INTER_CUBIC)
    repaired = restore(large)
    small = cv2.resize(repaired, (512, 512), interpolation=cv2.INTER_AREA)
    assert error(small, truth) < 0.7 * error(aged, truth)
    seams = np.abs(np.diff(grey_of(repaired).mean(axis=1) - grey_of(large).mean(axis=1)))
    assert seams.max() < 3
