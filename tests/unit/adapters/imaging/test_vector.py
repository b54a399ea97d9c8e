"""Drawings are traced as what they are: flat colours without rims, letters that can be read."""

import io
import re

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from adapters.imaging.finish.vector import FINEST, TRACED_SIDE, _side_for, flattened_palette, vectorized
from domain.ports import EncodedImage, Wish
from domain.vocabulary.pictures import Operation
from tests.unit.adapters.imaging.pictures import PHOTOS

NOTHING = EncodedImage(b"", "")


def logo(side: int = 150) -> Image.Image:
    """A ring and a bar in three colours on white, drawn large and made small, so that its edges are mixtures."""
    large = Image.new("RGB", (600, 600), "white")
    pen = ImageDraw.Draw(large)
    pen.ellipse((60, 60, 540, 540), fill=(20, 90, 170))
    pen.ellipse((150, 150, 450, 450), fill=(250, 200, 20))
    pen.rectangle((270, 40, 330, 560), fill=(200, 30, 40))
    return large.resize((side, side), Image.Resampling.LANCZOS)


def page(height: int) -> Image.Image:
    sheet = Image.new("RGB", (1200, 800), "white")
    pen = ImageDraw.Draw(sheet)
    for line in range(6):
        pen.text(
            (40, 30 + 100 * line),
            f"The modern community {line}",
            fill=(20, 20, 20),
            font=ImageFont.load_default(height),
        )
    return sheet


def colours_of(picture: Image.Image) -> dict[tuple[int, ...], float]:
    values, counts = np.unique(np.asarray(picture).reshape(-1, 3), axis=0, return_counts=True)
    return {
        tuple(int(part) for part in value): count / counts.sum() for value, count in zip(values, counts, strict=True)
    }


def test_a_logo_has_its_own_colours_and_hardly_any_of_its_rims() -> None:
    flat, is_drawing = flattened_palette(logo().resize((1024, 1024), Image.Resampling.LANCZOS))
    assert is_drawing
    own = [(255, 255, 255), (20, 90, 170), (250, 200, 20), (200, 30, 40)]
    near = sum(
        share
        for colour, share in colours_of(flat).items()
        if min(np.abs(np.subtract(colour, one)).max() for one in own) < 16
    )
    assert near > 0.97


def test_a_photograph_is_not_taken_for_a_drawing() -> None:
    photograph = Image.open(PHOTOS / "coffee.jpg").convert("RGB")
    assert not flattened_palette(photograph)[1]


@pytest.mark.parametrize(("height", "is_finer"), [(18, True), (60, False)])
def test_small_letters_are_traced_finer(height: int, is_finer: bool) -> None:
    side = _side_for(page(height))
    assert TRACED_SIDE <= side <= FINEST
    assert (side > TRACED_SIDE) is is_finer


def test_the_drawing_of_a_logo_looks_like_it() -> None:
    made = vectorized(NOTHING, logo(), logo(), Wish(Operation.VECTORIZE, ""))
    text = made.file.data.decode()
    assert "<image" not in text
    assert len(set(re.findall(r'fill="(#\w+)"', text))) < 48
    shown = Image.open(io.BytesIO(made.view.data)).convert("RGB").resize((150, 150), Image.Resampling.LANCZOS)
    assert np.abs(np.asarray(shown, int) - np.asarray(logo(), int)).mean() < 4
