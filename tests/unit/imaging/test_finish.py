import io
import re

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFilter
from psd_tools import PSDImage

from adapters.imaging.check import check
from adapters.imaging.finish import finish
from adapters.imaging.limits import Limits
from domain.errors import MalformedRequest
from domain.pictures import Operation, TargetSize
from domain.ports import Deliverable, EncodedImage, FileCheck, Wish
from tests.unit.imaging.pictures import encoded, opened, photograph, scene

LIMITS = Limits()
CAT = photograph("chelsea.png")
PHOTO = encoded(CAT.filter(ImageFilter.GaussianBlur(1.2)), "JPEG", quality=95)
SHARP = encoded(CAT.resize((320, 240)))


def subject() -> EncodedImage:
    """A raw picture that has an alpha channel of its own."""
    picture, alpha = scene(160, 120, "RGBA"), Image.new("L", (160, 120))
    alpha.paste(255, (20, 12, 120, 108))
    picture.putalpha(alpha)
    return encoded(picture)


def made(operation: Operation, raw: EncodedImage = SHARP, size: TargetSize | None = None) -> Deliverable:
    return finish(PHOTO, raw, Wish(operation, "", size), LIMITS)


def checked(operation: Operation, result: Deliverable, size: TargetSize | None = None) -> FileCheck:
    return check(PHOTO, result.file, result.view, Wish(operation, "", size), LIMITS)


def as_deliverable(file: EncodedImage, view: EncodedImage | None = None) -> Deliverable:
    return Deliverable(file, view or file, "any")


def test_an_enhanced_jpeg_is_a_2k_jpeg_that_passes() -> None:
    result = made(Operation.ENHANCE)
    assert (result.extension, opened(result.view).size) == ("jpg", (2048, 1536))
    found = checked(Operation.ENHANCE, result)
    assert found.issue == ""
    assert found.facts["sharpness_gain"] > 1.1
    assert found.facts["framing"] > 0.9


def test_an_enhanced_picture_has_the_size_that_was_asked_for() -> None:
    size = TargetSize(width=400, height=300)
    result = made(Operation.ENHANCE, size=size)
    assert opened(result.file).size == (400, 300)
    assert checked(Operation.ENHANCE, result, size).issue == ""


def test_a_raw_picture_of_another_ratio_is_cut_to_the_originals() -> None:
    square = encoded(scene(300, 300))
    assert opened(made(Operation.EDIT, square).file).size == (300, 225)


def test_the_same_picture_back_is_an_issue() -> None:
    assert "一样" in checked(Operation.ENHANCE, made(Operation.ENHANCE, PHOTO)).issue
    assert "一样" in checked(Operation.EDIT, made(Operation.EDIT, PHOTO)).issue


def test_a_small_enhanced_picture_is_an_issue() -> None:
    assert "2048" in checked(Operation.ENHANCE, as_deliverable(SHARP)).issue


def test_lost_framing_is_an_issue() -> None:
    cut = encoded(CAT.crop((16, 12, 144, 108)))
    assert "构图" in checked(Operation.FIX_OLD_PHOTO, made(Operation.FIX_OLD_PHOTO, cut)).issue


def test_a_changed_ratio_is_an_issue() -> None:
    assert "比例" in checked(Operation.EDIT, as_deliverable(encoded(scene(240, 240)))).issue


def test_an_edit_may_change_what_is_to_be_seen() -> None:
    other = encoded(Image.new("RGB", (160, 120), "navy"))
    assert checked(Operation.EDIT, made(Operation.EDIT, other)).issue == ""


def test_a_cut_out_keeps_the_alpha_that_the_raw_picture_has() -> None:
    result = made(Operation.REMOVE_BG, subject())
    assert result.extension == "png"
    assert opened(result.file).mode == "RGBA"
    found = checked(Operation.REMOVE_BG, result)
    assert found.issue == ""
    assert found.facts["alpha_coverage"] == pytest.approx(100 * 96 / (160 * 120), abs=0.01)


def test_an_opaque_cut_out_is_an_issue() -> None:
    assert "没有透明" in checked(Operation.REMOVE_BG, as_deliverable(SHARP)).issue


def test_an_empty_cut_out_is_an_issue() -> None:
    assert "全透明" in checked(Operation.REMOVE_BG, as_deliverable(encoded(Image.new("RGBA", (160, 120))))).issue


def test_layers_are_two_with_chinese_names_and_a_mask() -> None:
    result = made(Operation.LAYERED, subject())
    document = PSDImage.open(io.BytesIO(result.file.data))
    assert [(layer.name, layer.visible, layer.has_mask()) for layer in document] == [
        ("背景", True, False),
        ("主体", True, True),
    ]
    assert checked(Operation.LAYERED, result).issue == ""


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
    assert checked(Operation.REMOVE_BG_AND_LAYER, result).issue == ""


def test_a_document_that_does_not_open_is_an_issue() -> None:
    good = made(Operation.LAYERED, subject())
    cut = EncodedImage(good.file.data[: len(good.file.data) // 2], good.file.content_type)
    assert "打不开" in checked(Operation.LAYERED, as_deliverable(cut, good.view)).issue


def test_a_document_without_the_two_layers_is_an_issue() -> None:
    document = PSDImage.new("RGB", (160, 120))
    document.create_pixel_layer(scene(160, 120), "only")
    out = io.BytesIO()
    document.save(out)
    file = EncodedImage(out.getvalue(), "image/vnd.adobe.photoshop")
    assert "缺少图层" in checked(Operation.LAYERED, as_deliverable(file, SHARP)).issue


def test_a_drawing_is_paths_alone_in_the_originals_proportions() -> None:
    result = made(Operation.VECTORIZE)
    text = result.file.data.decode()
    assert result.extension == "svg"
    assert "<path" in text
    assert "<image" not in text
    assert re.search(r'viewBox="0 0 1024 768"', text)
    assert opened(result.view).size == (1600, 1200)
    assert checked(Operation.VECTORIZE, result).issue == ""


def test_a_drawing_with_a_bitmap_inside_is_an_issue() -> None:
    bitmap = EncodedImage(b'<svg><path d="M0 0"/><image href="data:image/png;base64,AA"/></svg>', "image/svg+xml")
    assert "位图" in checked(Operation.VECTORIZE, as_deliverable(bitmap, SHARP)).issue


def test_a_drawing_without_paths_is_an_issue() -> None:
    empty = EncodedImage(b"<svg></svg>", "image/svg+xml")
    assert "没有矢量路径" in checked(Operation.VECTORIZE, as_deliverable(empty, SHARP)).issue


def test_a_resized_picture_has_exactly_the_pixels_dpi_and_profile_asked_for() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = encoded(scene(160, 120), "JPEG", icc_profile=profile)
    wish = Wish(Operation.RESIZE, "", TargetSize(width=295, height=413, dpi=300))
    result = finish(photo, photo, wish, LIMITS)
    file = opened(result.file)
    assert (file.size, file.info["icc_profile"]) == ((295, 413), profile)
    assert [round(float(value)) for value in file.info["dpi"]] == [300, 300]
    assert check(photo, result.file, result.view, wish, LIMITS).issue == ""


def test_a_lost_colour_profile_is_an_issue() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = encoded(scene(160, 120), "JPEG", icc_profile=profile)
    wish = Wish(Operation.RESIZE, "", TargetSize(width=160, height=120))
    assert "颜色配置" in check(photo, PHOTO, PHOTO, wish, LIMITS).issue


def test_a_wrong_size_is_an_issue_that_names_both_sizes() -> None:
    size = TargetSize(width=100, height=100)
    assert "应为 100x100，实际 320x240" in checked(Operation.RESIZE, as_deliverable(SHARP), size).issue


def test_a_wrong_resolution_is_an_issue() -> None:
    size = TargetSize(width=320, height=240, dpi=300)
    assert "300 dpi" in checked(Operation.RESIZE, as_deliverable(SHARP), size).issue


def test_resizing_to_no_size_is_refused() -> None:
    with pytest.raises(MalformedRequest):
        made(Operation.RESIZE)
