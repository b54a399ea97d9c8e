"""Exact sizes: nothing is cut off unasked, and the head of an ID photograph is where its rule wants it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from adapters.imaging.check import check
from adapters.imaging.finish import finish
from adapters.imaging.finish.fitting import fitted
from adapters.imaging.finish.portrait import CHIN, FOREHEAD, Head, head_of, window_for
from adapters.imaging.limits import Limits
from adapters.imaging.networks.faces import find_faces
from domain.ports import Wish
from domain.vocabulary.errors import PictureUnreadable
from domain.vocabulary.id_photos import ID_PHOTOS
from domain.vocabulary.pictures import Operation, TargetSize
from tests.unit.adapters.imaging.pictures import PHOTOS, encoded, opened, scene

ASTRONAUT = Image.open(PHOTOS / "astronaut.jpg").convert("RGB")


def size_of(name: str, dpi: int = 300) -> TargetSize:
    rule = ID_PHOTOS[name]
    width, height = (round(side / 25.4 * dpi) for side in (rule.width, rule.height))
    return TargetSize(width=width, height=height, dpi=dpi, id_photo=name)


def window_of(person: Image.Image, name: str) -> tuple[float, float, float, float]:
    return window_for(head_of(np.asarray(person)), *person.size, size_of(name), ID_PHOTOS[name])


def test_a_picture_that_does_not_fit_is_shown_whole_on_white() -> None:
    result = np.asarray(fitted(scene(200, 100), TargetSize(width=100, height=100)))
    assert (result[:24] == 255).all()
    assert (result[-24:] == 255).all()
    assert not (result[30:70] == 255).all(axis=2).any()


def test_a_cut_out_that_does_not_fit_is_shown_whole_on_nothing() -> None:
    result = fitted(scene(200, 100, "RGBA"), TargetSize(width=100, height=100))
    assert np.asarray(result)[5, 50, 3] == 0


def test_a_picture_is_cut_if_the_customer_wants_it_filled_or_little_is_lost() -> None:
    for size in (TargetSize(width=100, height=100, may_cut=True), TargetSize(width=194, height=100)):
        result = np.asarray(fitted(scene(200, 100), size))
        assert not (result == 255).all(axis=2).any()


@pytest.mark.parametrize("name", ID_PHOTOS)
def test_the_head_of_an_id_photograph_is_as_large_and_high_as_its_rule_wants(name: str) -> None:
    size, rule = size_of(name), ID_PHOTOS[name]
    result = fitted(ASTRONAUT, size)
    assert result.size == (size.width, size.height)
    head = head_of(np.asarray(result))
    share, above = head.height / size.height, head.crown / size.height
    assert rule.head[0] / rule.height - 0.05 < share < rule.head[1] / rule.height + 0.05
    assert above < rule.above[1] / rule.height + 0.05
    assert abs(head.middle / size.width - 0.5) < 0.06


@pytest.mark.parametrize("name", ID_PHOTOS)
def test_who_looks_the_other_way_is_shown_alike(name: str) -> None:
    size, other = size_of(name), ImageOps.mirror(ASTRONAUT)
    left, top, right, bottom = window_of(ASTRONAUT, name)
    mirrored = (other.width - right, top, other.width - left, bottom)
    assert window_of(other, name) == pytest.approx(mirrored, abs=0.03 * (bottom - top))
    shown, alike = fitted(other, size), ImageOps.mirror(fitted(ASTRONAUT, size))
    assert shown.size == alike.size
    (face,), (wanted,) = find_faces(np.asarray(shown)), find_faces(np.asarray(alike))
    for point in (FOREHEAD, CHIN):
        assert face.points[point] == pytest.approx(wanted.points[point], abs=0.04 * size.height)


@given(
    st.sampled_from(sorted(ID_PHOTOS)),
    st.integers(80, 900),
    st.integers(400, 3000),
    st.floats(0.3, 0.7),
    st.floats(0.3, 0.6),
)
def test_a_window_with_room_enough_keeps_the_rule(name: str, tall: int, side: int, across: float, down: float) -> None:
    rule, size = ID_PHOTOS[name], size_of(name)
    head = Head(side * down - tall / 2, side * down + tall / 2, side * across)
    left, top, right, bottom = window_for(head, side, side, size, rule)
    share, above = head.height / (bottom - top), (head.crown - top) / (bottom - top)
    assert rule.head[0] / rule.height - 1e-6 <= share <= rule.head[1] / rule.height + 1e-6
    assert rule.above[0] / rule.height - 1e-6 <= above <= rule.above[1] / rule.height + 1e-6
    assert (left + right) / 2 == pytest.approx(head.middle)
    assert (right - left) / (bottom - top) == pytest.approx(size.width / size.height)


def two() -> Image.Image:
    both = Image.new("RGB", (2 * ASTRONAUT.width, ASTRONAUT.height))
    both.paste(ASTRONAUT, (0, 0))
    both.paste(ASTRONAUT, (ASTRONAUT.width, 0))
    return both


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (scene(400, 300), "no_face"),
        (two(), "several_faces"),
        (ASTRONAUT.crop((100, 0, 350, 190)), "no_room_for_head"),
    ],
    ids=["nobody", "two people", "no shoulders"],
)
def test_no_id_photograph_is_guessed(picture: Image.Image, reason: str) -> None:
    wish = Wish(Operation.RESIZE, "", size_of("passport"))
    with pytest.raises(PictureUnreadable) as refused:
        finish(encoded(picture), encoded(picture), wish, Limits())
    assert refused.value.reason == reason


def test_an_edit_in_the_size_of_an_id_photograph_has_its_head_placed_too() -> None:
    wish = Wish(Operation.EDIT, "换白底", size_of("一寸"))
    made = finish(encoded(ASTRONAUT), encoded(ASTRONAUT), wish, Limits())
    head = head_of(np.asarray(opened(made.file).resize((590, 826))))
    assert 0.5 < head.height / 826 < 0.72


@pytest.mark.parametrize("size", [(600, 600), (300, 700)])
def test_white_edges_are_no_change_of_the_picture(size: tuple[int, int]) -> None:
    wish = Wish(Operation.RESIZE, "", TargetSize(width=size[0], height=size[1]))
    picture = encoded(Image.open(PHOTOS / "coffee.jpg").convert("RGB"))
    file = finish(picture, picture, wish, Limits()).file
    assert not check(picture, file, file, wish, Limits()).issue
