"""The visible AI label: in the lower right corner of every kind of file, and nowhere else."""

import io
from dataclasses import replace

import numpy as np
import pytest
import resvg_py
from PIL import Image, ImageChops
from psd_tools import PSDImage

from adapters.imaging.clean import clean
from adapters.imaging.finish import finish
from adapters.imaging.labels.visible import LAYER, drawn_on, with_visible_label
from adapters.imaging.limits import Limits
from adapters.imaging.preview import previews
from domain.ports import EncodedImage, Wish
from domain.vocabulary.pictures import Operation, TargetSize
from tests.unit.adapters.imaging.finishing import subject
from tests.unit.adapters.imaging.labels import LABEL, label_by_others, with_label
from tests.unit.adapters.imaging.pictures import encoded, opened, photograph, scene

PHOTO = encoded(photograph("chelsea.png"), "JPEG", quality=95)
SIZE = TargetSize(width=200, height=150, dpi=300)


def finished(operation: Operation) -> EncodedImage:
    raw = subject() if operation in {Operation.REMOVE_BG, Operation.LAYERED, Operation.REMOVE_BG_AND_LAYER} else PHOTO
    wish = Wish(operation, "", SIZE if operation is Operation.RESIZE else None)
    return finish(PHOTO, raw, wish, Limits(), LABEL).file


def seen(file: EncodedImage) -> Image.Image:
    """The file as an ordinary viewer shows it, on grey where it is transparent."""
    if file.data.startswith(b"8BPS"):
        picture = PSDImage.open(io.BytesIO(file.data)).topil()
        assert picture is not None
    elif b"<svg" in file.data[:4096]:
        picture = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=file.data.decode()))))
    else:
        picture = opened(file)
    paper = Image.new("RGBA", picture.size, "grey")
    return Image.alpha_composite(paper, picture.convert("RGBA")).convert("RGB")


@pytest.mark.parametrize("operation", Operation)
def test_every_operations_file_shows_it_in_its_corner_only(operation: Operation) -> None:
    plain = finished(operation)
    shown = with_visible_label(plain)
    before, after = seen(plain), seen(shown)
    assert after.size == before.size
    change = np.asarray(ImageChops.difference(before, after).convert("L"))
    height, width = change.shape
    rows, columns = np.nonzero(change > 60)
    assert rows.max() - rows.min() >= 0.05 * min(width, height) - 1
    assert rows.min() > height * 0.8
    assert columns.min() > width * 0.5
    assert change[: int(height * 0.8), : int(width * 0.5)].max() <= 6
    assert label_by_others(shown.data)[0] == LABEL.fields


def test_a_size_a_resolution_and_a_profile_stay() -> None:
    plain = finished(Operation.RESIZE)
    shown = opened(with_visible_label(plain))
    assert (shown.size, shown.format) == ((200, 150), "JPEG")
    assert round(float(shown.info["dpi"][0])) == 300


def test_the_layers_of_a_psd_stay_under_one_more() -> None:
    names = [layer.name for layer in PSDImage.open(io.BytesIO(finished(Operation.LAYERED).data))]
    shown = PSDImage.open(io.BytesIO(with_visible_label(finished(Operation.LAYERED)).data))
    assert [layer.name for layer in shown] == [*names, LAYER]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "CMYK", "P", "1", "I;16"])
@pytest.mark.parametrize("size", [(16, 16), (400, 16), (295, 413)])
def test_it_can_be_drawn_on_a_picture_of_any_mode_and_size(mode: str, size: tuple[int, int]) -> None:
    picture = Image.new("L", size, 128).convert(mode) if mode != "I;16" else Image.new("I;16", size, 9000)
    result = drawn_on(picture)
    assert result.size == size
    assert np.ptp(np.asarray(result.convert("L"))) > 0


def test_previews_and_library_copies_show_it_only_if_a_model_made_them() -> None:
    made = replace(PHOTO, data=with_label(PHOTO.data))
    shown, plain = previews(made, Limits(), "").web, previews(PHOTO, Limits(), "").web
    for marked, bare in ((shown, plain), (clean(made, Limits()), clean(PHOTO, Limits()))):
        assert np.asarray(ImageChops.difference(opened(marked), opened(bare)).convert("L")).max() > 60
    assert opened(previews(made, Limits(), "", shows_label=False).web).tobytes() == opened(plain).tobytes()


def test_a_preview_carries_its_number_in_its_corner_and_a_thumbnail_neither_number_nor_watermark() -> None:
    first, third = (previews(PHOTO, Limits(), "PREVIEW", number=number) for number in (0, 3))
    change = np.asarray(ImageChops.difference(opened(first.web), opened(third.web)).convert("L")) > 60
    height, width = change.shape
    assert change[: height // 2, : width * 3 // 4].any()
    assert not change[height // 2 :].any()
    assert third.thumbnail == first.thumbnail == previews(PHOTO, Limits(), "").thumbnail
    large = previews(encoded(scene(2000, 1500)), Limits(), "")
    assert [max(opened(file).size) for file in (large.web, large.thumbnail)] == [1280, 520]


def test_a_drawing_is_measured_by_its_view_box_or_by_its_sides() -> None:
    for sides in ('viewBox="10 20 300 200"', 'width="300" height="200px"'):
        shown = with_visible_label(EncodedImage(f"<svg xmlns='http://www.w3.org/2000/svg' {sides}></svg>".encode(), ""))
        assert shown.data.count(b"<path") == 2
    with pytest.raises(ValueError, match="size"):
        with_visible_label(EncodedImage(b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", ""))


def test_what_is_drawn_does_not_depend_on_fonts() -> None:
    assert drawn_on(scene()).tobytes() == drawn_on(scene()).tobytes()
