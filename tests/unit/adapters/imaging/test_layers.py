"""The PSD of `layered`: what other programs show of it, and how large it is."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw
from psd_tools import PSDImage

from adapters.imaging.finish import finish
from adapters.imaging.finish.layers import BACKGROUND, SUBJECT
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


def test_a_document_is_compressed() -> None:
    width, height = CUP.size
    assert len(layers().file.data) < 0.7 * (3 * 3 + 1) * width * height
