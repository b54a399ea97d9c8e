"""What each Seedream model is asked for."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.seedream.models import CAUTIOUS, MODELS, PIXELS_OF_2K, of_model, parameters
from domain.ports import Wish
from domain.vocabulary.pictures import Operation, TargetSize

V4, V45, V5 = MODELS
WISH = Wish(Operation.ENHANCE, "变清晰")
RATIOS = ["1:1", "3:2", "2:3", "4:3", "3:4", "16:9", "9:16", "21:9", "1.5:1"]
A4 = TargetSize(width=2480, height=3508, dpi=300)
HUGE = TargetSize(width=10_000, height=5_000)
WIDEST_OF_ARK = 16


def size(model: str, ratio: str, wanted: TargetSize | None = None) -> tuple[int, int]:
    asked = parameters(of_model(model), Wish(Operation.RESIZE, "", wanted), ratio, 1)
    width, _, height = asked["size"].partition("x")
    return int(width), int(height)


def pixels(model: str, ratio: str, wanted: TargetSize | None = None) -> int:
    width, height = size(model, ratio, wanted)
    return width * height


@pytest.mark.parametrize(("model", "ratio"), list(product(MODELS, RATIOS)))
def test_a_picture_is_asked_for_in_about_2k_and_in_its_ratio(model: str, ratio: str) -> None:
    width, height = size(model, ratio)
    wide, _, high = ratio.partition(":")
    assert width * height == pytest.approx(PIXELS_OF_2K, rel=0.01)
    assert width / height == pytest.approx(float(wide) / float(high), rel=0.01)


def test_what_is_owed_in_more_than_2k_is_asked_for_in_more() -> None:
    assert pixels(V4, "3:4", A4) == pytest.approx(2480 * 3508, rel=0.01)
    assert pixels(V45, "3:4", A4) == pytest.approx(2480 * 3508, rel=0.01)
    assert pixels(V5, "3:4", A4) == pytest.approx(2480 * 3508, rel=0.01)


@pytest.mark.parametrize(("model", "most"), [(V4, 16_777_216), (V45, 16_777_216), (V5, 10_404_496)])
def test_more_than_the_model_makes_is_not_asked_for(model: str, most: int) -> None:
    assert most * 0.99 < pixels(model, "2:1", HUGE) <= most


def test_what_is_owed_in_less_than_2k_is_made_in_2k() -> None:
    assert size(V4, "1:1", TargetSize(width=295, height=413)) == (2048, 2048)


@pytest.mark.parametrize(
    ("model", "wanted", "ratio"), list(product(MODELS, [None, A4, HUGE], ["40:1", "16:1", "1:16", "1:40"]))
)
def test_the_most_extreme_ratios_are_what_ark_takes(model: str, wanted: TargetSize | None, ratio: str) -> None:
    width, height = size(model, ratio, wanted)
    assert 15.5 < max(width, height) / min(width, height) <= WIDEST_OF_ARK


@given(
    st.sampled_from(list(MODELS)),
    st.integers(1, 40),
    st.integers(1, 40),
    st.none() | st.builds(TargetSize, width=st.integers(1, 20_000), height=st.integers(1, 20_000)),
)
def test_any_ratio_and_any_wish_give_a_size_that_the_model_takes(
    model: str, wide: int, high: int, wanted: TargetSize | None
) -> None:
    width, height = size(model, f"{wide}:{high}", wanted)
    least, most = MODELS[model].pixels or (0, 0)
    assert least <= width * height <= most
    assert max(width, height) <= WIDEST_OF_ARK * min(width, height)
    wanted_ratio = min(max(Fraction(wide, high), Fraction(1, WIDEST_OF_ARK)), Fraction(WIDEST_OF_ARK))
    assert width / height == pytest.approx(float(wanted_ratio), rel=0.01)


@pytest.mark.parametrize("model", [*MODELS, "ep-20250101-abcde"])
def test_no_picture_is_ever_marked_and_all_come_by_address(model: str) -> None:
    asked = parameters(of_model(model), WISH, "3:2", 1)
    assert (asked["watermark"], asked["response_format"]) == (False, "url")


def test_a_model_is_asked_for_nothing_that_it_lacks() -> None:
    of_all = {"size", "response_format", "watermark", "sequential_image_generation"}
    assert set(parameters(of_model(V4), WISH, "3:2", 1)) == of_all
    assert set(parameters(of_model(V45), WISH, "3:2", 1)) == of_all
    assert set(parameters(of_model(V5), WISH, "3:2", 1)) == of_all | {"output_format"}
    assert parameters(of_model(V5), WISH, "3:2", 1)["output_format"] == "png"


@pytest.mark.parametrize("model", MODELS)
def test_several_pictures_are_asked_for_only_where_they_are_wanted(model: str) -> None:
    one, three = (parameters(of_model(model), WISH, "3:2", pictures) for pictures in (1, 3))
    assert one["sequential_image_generation"] == "disabled"
    assert "sequential_image_generation_options" not in one
    assert three["sequential_image_generation"] == "auto"
    assert three["sequential_image_generation_options"] == {"max_images": 3}


def test_a_model_that_is_not_known_is_asked_for_what_all_take() -> None:
    takes = of_model("ep-20250101-abcde")
    assert takes is CAUTIOUS
    expected = {"size": "2K", "response_format": "url", "watermark": False}
    assert parameters(takes, Wish(Operation.RESIZE, "", A4), "3:2", takes.most_pictures) == expected
