"""A picture's own transparency: a cut-out is kept as it is, and inside of a mere frame the background goes."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from adapters.imaging.arrays import alpha_of, pixels_of
from adapters.imaging.edits import BACKGROUNDS
from adapters.imaging.finish import finish
from adapters.imaging.limits import Limits
from adapters.imaging.make import make
from adapters.imaging.subject import extended, is_frame
from domain.ports import EncodedImage, Wish
from domain.vocabulary.pictures import Operation
from tests.unit.adapters.imaging.pictures import PHOTOS, encoded, opened

CUP = Image.open(PHOTOS / "coffee.jpg").convert("RGB").resize((300, 200))
Draw = Callable[[ImageDraw.ImageDraw], None]


def with_alpha(draw: Draw, below: str = "black") -> Image.Image:
    """The cup with an alpha channel, and one colour below all that is transparent."""
    alpha = Image.new("L", CUP.size)
    draw(ImageDraw.Draw(alpha))
    picture = Image.composite(CUP, Image.new("RGB", CUP.size, below), alpha.point(lambda value: 255 if value else 0))
    picture.putalpha(alpha)
    return picture


def window(pen: ImageDraw.ImageDraw) -> None:
    pen.rounded_rectangle((0, 0, 299, 199), 18, fill=70)  # its shadow
    pen.rounded_rectangle((8, 8, 291, 191), 10, fill=255)


def cards(pen: ImageDraw.ImageDraw) -> None:
    for left in (20, 180):
        pen.rectangle((left, 40, left + 90, 160), fill=255)


FRAMES: dict[str, Draw] = {
    "rounded corners": lambda pen: pen.rounded_rectangle((0, 0, 299, 199), 24, fill=255),
    "a window with a shadow": window,
    "a round portrait": lambda pen: pen.ellipse((20, 0, 279, 199), fill=255),
    "a notch": lambda pen: pen.polygon([(0, 0), (299, 0), (299, 160), (260, 199), (0, 199)], fill=255),
    "a half-transparent photograph": lambda pen: pen.rectangle((0, 0, 299, 199), fill=200),
}
CUT_OUTS: dict[str, Draw] = {
    "a star": lambda pen: pen.polygon([(150, 5), (175, 80), (290, 80), (195, 120), (230, 195), (150, 145), (70, 195),
                                       (105, 120), (10, 80), (125, 80)], fill=255),
    "two cards": cards,
    "a ring": lambda pen: pen.ellipse((50, 0, 249, 199), outline=255, width=30),
}  # fmt: skip


def removed(picture: Image.Image) -> Image.Image:
    file, wish = encoded(picture), Wish(Operation.REMOVE_BG, "")
    return opened(finish(file, make(file, wish, Limits()).image, wish, Limits()).view)


@pytest.mark.parametrize("draw", FRAMES.values(), ids=FRAMES)
def test_the_background_inside_of_a_frame_goes(draw: Draw) -> None:
    own = alpha_of(with_alpha(draw))
    assert is_frame(own)
    left = alpha_of(removed(with_alpha(draw)))
    assert left[:40, 40:60].max() < 0.2  # the table
    assert np.abs(left[90:110, 140:160] - own[90:110, 140:160]).max() < 0.05  # the cup


@pytest.mark.parametrize("draw", CUT_OUTS.values(), ids=CUT_OUTS)
def test_what_is_cut_out_already_stays_as_it_is(draw: Draw) -> None:
    picture = with_alpha(draw)
    assert not is_frame(alpha_of(picture))
    result = removed(picture)
    assert np.array_equal(np.asarray(result), np.asarray(picture))


@pytest.mark.parametrize("draw", [window, FRAMES["a round portrait"], *CUT_OUTS.values()])
def test_a_new_background_has_no_rim_of_what_was_below_the_transparent_pixels(draw: Draw) -> None:
    """The colours below transparent pixels are arbitrary, and must not be seen."""
    results = []
    for colour in ("black", "lime"):
        made = make(encoded(with_alpha(draw, colour)), Wish(Operation.EDIT, "换成白底"), Limits())
        results.append(np.asarray(opened(made.image)).astype(int))
    assert results[0].shape[2] == 3
    assert tuple(results[0][0, 0]) == BACKGROUNDS["white"]
    assert np.abs(results[0] - results[1]).max() <= 40  # of a few pixels on the edge
    assert np.abs(results[0] - results[1]).mean() < 0.3


def test_what_is_transparent_is_filled_with_the_colours_beside_it() -> None:
    own = alpha_of(with_alpha(FRAMES["rounded corners"]))
    filled = extended(pixels_of(with_alpha(FRAMES["rounded corners"])), own)
    assert np.abs(filled[0, 0].astype(int) - np.asarray(CUP)[8, 8]).max() < 25


def test_a_models_picture_without_alpha_keeps_the_frame_of_the_original() -> None:
    original = encoded(with_alpha(FRAMES["rounded corners"]))
    raw = EncodedImage(encoded(CUP, "JPEG", quality=95).data, "image/jpeg")
    left = alpha_of(opened(finish(original, raw, Wish(Operation.REMOVE_BG, ""), Limits()).file))
    assert left[:40, 40:60].max() < 0.2
