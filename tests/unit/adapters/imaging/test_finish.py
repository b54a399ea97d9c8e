import pytest
from PIL import Image, ImageCms

from adapters.imaging.check import OPERATIONS, check
from adapters.imaging.finish import FINISHERS, finish
from domain.ports import EncodedImage, Wish
from domain.texts.catalogue import TEXTS
from domain.vocabulary.errors import MalformedRequest
from domain.vocabulary.pictures import Operation, TargetSize
from tests.unit.adapters.imaging.finishing import (
    CAT,
    LIMITS,
    PHOTO,
    SCENE,
    SHARP,
    as_deliverable,
    checked,
    made,
    subject,
)
from tests.unit.adapters.imaging.pictures import encoded, opened, scene


def test_every_operation_is_finished_and_checked() -> None:
    assert set(FINISHERS) == set(OPERATIONS) == set(Operation)


def test_an_enhanced_jpeg_is_a_2k_jpeg_that_passes() -> None:
    result = made(Operation.ENHANCE)
    assert (result.extension, opened(result.view).size) == ("jpg", (2048, 1536))
    found = checked(Operation.ENHANCE, result)
    assert not found.issue
    assert found.facts["sharpness_gain"] > 1.1
    assert found.facts["likeness"] > 0.9
    assert found.score > 85


def test_an_enhanced_picture_has_the_size_that_was_asked_for() -> None:
    size = TargetSize(width=400, height=300)
    result = made(Operation.ENHANCE, size=size)
    assert opened(result.file).size == (400, 300)
    assert not checked(Operation.ENHANCE, result, size).issue


def test_a_raw_picture_of_another_ratio_is_cut_to_the_originals() -> None:
    square = encoded(scene(300, 300))
    assert opened(made(Operation.EDIT, square).file).size == (300, 225)


def test_the_same_picture_back_is_an_issue() -> None:
    assert "一样" in TEXTS["zh"].say(checked(Operation.ENHANCE, made(Operation.ENHANCE, PHOTO)).issue)
    assert "一样" in TEXTS["zh"].say(checked(Operation.EDIT, made(Operation.EDIT, PHOTO)).issue)


def test_a_small_enhanced_picture_is_an_issue() -> None:
    assert "2048" in TEXTS["zh"].say(checked(Operation.ENHANCE, as_deliverable(SHARP)).issue)


def test_lost_framing_is_an_issue() -> None:
    cut = encoded(CAT.crop((16, 12, 144, 108)))
    found = checked(Operation.FIX_OLD_PHOTO, made(Operation.FIX_OLD_PHOTO, cut))
    assert "放大或缩小了25" in TEXTS["zh"].say(found.issue)
    assert found.facts["failure"] == "frame"


def test_a_changed_ratio_is_an_issue() -> None:
    assert "比例" in TEXTS["zh"].say(checked(Operation.EDIT, as_deliverable(encoded(scene(240, 240)))).issue)


def test_an_edit_may_change_what_is_to_be_seen() -> None:
    picture = CAT.copy()
    picture.paste("navy", (0, 0, 160, 50))
    other = encoded(picture)
    assert not checked(Operation.EDIT, made(Operation.EDIT, other)).issue


def test_a_cut_out_keeps_the_alpha_that_the_raw_picture_has() -> None:
    result = made(Operation.REMOVE_BG, subject())
    assert result.extension == "png"
    assert opened(result.file).mode == "RGBA"
    found = checked(Operation.REMOVE_BG, result, original=SCENE)
    assert not found.issue
    assert found.facts["alpha_coverage"] == pytest.approx(3.14 * 26.5**2 / (160 * 120), abs=0.01)


def test_an_opaque_cut_out_is_an_issue() -> None:
    assert "没有透明" in TEXTS["zh"].say(checked(Operation.REMOVE_BG, as_deliverable(SHARP)).issue)


def test_an_empty_cut_out_is_an_issue() -> None:
    assert "全透明" in TEXTS["zh"].say(
        checked(Operation.REMOVE_BG, as_deliverable(encoded(Image.new("RGBA", (160, 120))))).issue
    )


def test_a_drawing_with_a_bitmap_inside_is_an_issue() -> None:
    bitmap = EncodedImage(b'<svg><path d="M0 0"/><image href="data:image/png;base64,AA"/></svg>', "image/svg+xml")
    assert "位图" in TEXTS["zh"].say(checked(Operation.VECTORIZE, as_deliverable(bitmap, SHARP)).issue)


def test_a_drawing_without_paths_is_an_issue() -> None:
    empty = EncodedImage(b"<svg></svg>", "image/svg+xml")
    assert "没有矢量路径" in TEXTS["zh"].say(checked(Operation.VECTORIZE, as_deliverable(empty, SHARP)).issue)


def test_a_resized_picture_has_exactly_the_pixels_dpi_and_profile_asked_for() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = encoded(scene(160, 120), "JPEG", icc_profile=profile)
    wish = Wish(Operation.RESIZE, "", TargetSize(width=295, height=413, dpi=300))
    result = finish(photo, photo, wish, LIMITS)
    file = opened(result.file)
    assert (file.size, file.info["icc_profile"]) == ((295, 413), profile)
    assert [round(float(value)) for value in file.info["dpi"]] == [300, 300]
    assert not check(photo, result.file, result.view, wish, LIMITS).issue


def test_a_lost_colour_profile_is_an_issue() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = encoded(scene(160, 120), "JPEG", icc_profile=profile)
    wish = Wish(Operation.RESIZE, "", TargetSize(width=160, height=120))
    without = encoded(scene(160, 120), "JPEG")
    assert "颜色配置" in TEXTS["zh"].say(check(photo, without, without, wish, LIMITS).issue)


def test_a_wrong_size_is_an_issue_that_names_both_sizes() -> None:
    size = TargetSize(width=100, height=100)
    assert "应为100x100,实际320x240" in TEXTS["zh"].say(checked(Operation.RESIZE, as_deliverable(SHARP), size).issue)


def test_a_wrong_resolution_is_an_issue() -> None:
    size = TargetSize(width=320, height=240, dpi=300)
    assert "300 dpi" in TEXTS["zh"].say(checked(Operation.RESIZE, as_deliverable(SHARP), size).issue)


def test_resizing_to_no_size_is_refused() -> None:
    with pytest.raises(MalformedRequest):
        made(Operation.RESIZE)
