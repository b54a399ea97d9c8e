"""Layered documents and drawings: their libraries take seconds."""

import io
import re

import numpy as np
from psd_tools import PSDImage

from domain.ports import EncodedImage
from domain.texts.catalogue import TEXTS
from domain.vocabulary.pictures import Operation
from tests.unit.adapters.imaging.finishing import SCENE, SHARP, as_deliverable, checked, made, subject
from tests.unit.adapters.imaging.pictures import opened, scene


def test_layers_are_two_with_chinese_names_and_a_mask() -> None:
    result = made(Operation.LAYERED, subject())
    document = PSDImage.open(io.BytesIO(result.file.data))
    assert [(layer.name, layer.visible, layer.has_mask()) for layer in document] == [
        ("背景", True, False),
        ("主体", True, True),
    ]
    assert not checked(Operation.LAYERED, result, original=SCENE).issue


def test_the_layer_behind_the_subject_is_filled_in_without_it() -> None:
    document = PSDImage.open(io.BytesIO(made(Operation.LAYERED, subject()).file.data))
    background = document[0].topil()
    assert background is not None
    behind = np.asarray(background.convert("RGB"), int)
    red = np.asarray(scene(160, 120), int)[48, 56]
    assert np.abs(behind[48, 56] - red).max() > 60
    assert np.array_equal(behind[5, 5] // 16, np.asarray(scene(160, 120), int)[5, 5] // 16)


def test_without_background_the_view_is_transparent_and_the_layer_hidden() -> None:
    result = made(Operation.REMOVE_BG_AND_LAYER, subject())
    document = PSDImage.open(io.BytesIO(result.file.data))
    assert [layer.visible for layer in document] == [False, True]
    assert opened(result.view).getchannel("A").getextrema() == (0, 255)
    assert not checked(Operation.REMOVE_BG_AND_LAYER, result, original=SCENE).issue


def test_a_document_that_does_not_open_is_an_issue() -> None:
    good = made(Operation.LAYERED, subject())
    cut = EncodedImage(good.file.data[: len(good.file.data) // 2], good.file.content_type)
    assert "打不开" in TEXTS["zh"].say(checked(Operation.LAYERED, as_deliverable(cut, good.view)).issue)


def test_a_document_without_the_two_layers_is_an_issue() -> None:
    document = PSDImage.new("RGB", (160, 120))
    document.create_pixel_layer(scene(160, 120), "only")
    out = io.BytesIO()
    document.save(out)
    file = EncodedImage(out.getvalue(), "image/vnd.adobe.photoshop")
    assert "缺少图层" in TEXTS["zh"].say(checked(Operation.LAYERED, as_deliverable(file, SHARP)).issue)


def test_a_drawing_is_paths_alone_in_the_originals_proportions() -> None:
    result = made(Operation.VECTORIZE)
    text = result.file.data.decode()
    assert result.extension == "svg"
    assert "<path" in text
    assert "<image" not in text
    assert re.search(r'viewBox="0 0 1024 768"', text)
    assert opened(result.view).size == (1600, 1200)
    assert not checked(Operation.VECTORIZE, result).issue
