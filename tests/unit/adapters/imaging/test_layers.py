"""The PSD of `layered`: what other programs show of it, and how large it is."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from psd_tools import PSDImage

from adapters.imaging.finish import finish
from adapters.imaging.finish.layers import BACKGROUND, SUBJECT, TEXT
from adapters.imaging.finish.lettering import lettering, strokes_of
from adapters.imaging.limits import Limits
from domain.ports import Deliverable, EncodedImage, Wish
from domain.vocabulary.pictures import Operation
from tests.unit.adapters.imaging.pictures import PHOTOS, encoded, opened

CUP = Image.open(PHOTOS / "coffee.jpg").convert("RGB").resize((480, 320))


def raw() -> EncodedImage:
    """A model's cut-out of the cup."""
    picture, alpha = CUP.copy(), Image.new("L", CUP.size)
    ImageDraw.Draw(alpha).ellipse((60, 12, 312, 310), fill=255)
    picture.putalpha(alpha)
    return encoded(picture)


def layers(operation: Operation = Operation.LAYERED) -> Deliverable:
    return finish(encoded(CUP), raw(), Wish(operation, ""), Limits())


def document(result: Deliverable) -> PSDImage:
    return PSDImage.open(io.BytesIO(result.file.data))


def test_the_flat_picture_of_a_document_is_the_preview_in_every_reader() -> None:
    result = layers()
    shown = np.asarray(opened(result.view))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(result.file.data)).convert("RGB")), shown)  # Pillow
    assert np.array_equal(np.asarray(document(result).topil()), shown)
    rendered = np.asarray(document(result).composite(ignore_preview=True).convert("RGB")).astype(int)
    assert np.abs(rendered - shown).max() <= 2


def test_a_document_with_a_hidden_background_shows_the_subject_on_white() -> None:
    result = layers(Operation.REMOVE_BG_AND_LAYER)
    assert opened(result.view).mode == "RGBA"
    flat = Image.open(io.BytesIO(result.file.data)).convert("RGB")
    assert flat.getpixel((2, 2)) == (255, 255, 255)
    assert [layer.visible for layer in document(result)] == [False, True]


@pytest.mark.parametrize("operation", [Operation.LAYERED, Operation.REMOVE_BG_AND_LAYER])
def test_the_layers_hold_the_subject_alone_and_a_complete_background(operation: Operation) -> None:
    found = {layer.name: layer for layer in document(layers(operation))}
    assert list(found) == [BACKGROUND, SUBJECT]
    assert found[BACKGROUND].size == found[SUBJECT].mask.size == CUP.size
    assert found[SUBJECT].size == (253, 299)
    ground = np.asarray(found[BACKGROUND].topil().convert("RGB")).astype(int)
    table = np.asarray(CUP).astype(int)
    assert np.abs(ground[:, 400:] - table[:, 400:]).max() == 0
    assert np.abs(ground[60:120, 160:220] - table[60:120, 160:220]).mean() > 40  # nothing of the cup is left


def test_the_flat_picture_is_as_sharp_around_the_subject_as_the_original() -> None:
    shown = np.asarray(opened(layers().view)).astype(int)
    apart = np.abs(shown - np.asarray(CUP)).max(axis=2)
    ring = Image.new("L", CUP.size)
    ImageDraw.Draw(ring).ellipse((52, 4, 320, 318), fill=255)
    assert apart[np.asarray(ring) == 0].max() == 0


def lettered(text: str, colour: str, at: tuple[int, int] = (344, 20)) -> Image.Image:
    picture = CUP.copy()
    pen = ImageDraw.Draw(picture)
    pen.rectangle((326, 8, 474, 62), fill="navy")
    pen.text(at, text, fill=colour, font=ImageFont.load_default(26))
    return picture


def test_text_stands_on_a_layer_of_its_own() -> None:
    picture = lettered("COFFEE", "white")
    cut = picture.copy()
    cut.putalpha(opened(raw()).getchannel("A"))
    result = finish(encoded(picture), encoded(cut), Wish(Operation.LAYERED, ""), Limits())
    found = {layer.name: layer for layer in document(result)}
    assert list(found) == [BACKGROUND, SUBJECT, TEXT]
    plate = np.asarray(found[BACKGROUND].topil().convert("RGB")).astype(int)[14:56, 332:468]
    assert np.abs(plate - (0, 0, 128)).max() < 20  # nothing of the letters is left below
    shown = np.asarray(opened(result.view)).astype(int)[14:56, 332:468]
    assert np.abs(shown - np.asarray(picture).astype(int)[14:56, 332:468]).mean() < 3


def test_a_picture_without_text_has_no_layer_for_it() -> None:
    assert lettering(np.asarray(CUP)) is None


@pytest.mark.parametrize("ground", ["noise", "flat"])
def test_what_is_no_stroke_is_not_taken_for_one(ground: str) -> None:
    line = np.full((40, 200, 3), 120, np.uint8)
    if ground == "noise":
        line = np.random.default_rng(1).integers(0, 255, line.shape, dtype=np.uint8)
    assert strokes_of(line) is None


def test_a_document_is_compressed() -> None:
    width, height = CUP.size
    assert len(layers().file.data) < 0.7 * (3 * 3 + 1) * width * height
