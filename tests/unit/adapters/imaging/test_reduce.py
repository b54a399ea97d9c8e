"""The copy that a model is sent of a large picture."""

import io

import numpy as np
import pytest
from PIL import Image

from adapters.imaging.arrays import pixels_of
from adapters.imaging.decode import decode
from adapters.imaging.finish import finish
from adapters.imaging.limits import Limits
from adapters.imaging.measure import framing
from adapters.imaging.reduce import reduce
from adapters.seedream.models import MODELS
from domain.ports import EncodedImage, InputLimits, Wish
from domain.vocabulary.pictures import Operation
from tests.unit.adapters.imaging.pictures import encoded, opened, scene

NOISE = np.random.default_rng(5).integers(0, 255, (1300, 1700, 4), np.uint8)


def png(mode: str) -> EncodedImage:
    out = io.BytesIO()
    Image.fromarray(NOISE[..., : len(mode)], mode).save(out, "PNG", compress_level=1)
    return EncodedImage(out.getvalue(), "image/png")


@pytest.mark.parametrize(("most", "width"), [(8_000_000, 1700), (2_000_000, 1024)])
def test_it_is_no_smaller_than_it_must_be(most: int, width: int) -> None:
    copy = reduce(png("RGB"), InputLimits(most_bytes=most), "", Limits())
    assert (copy.content_type, len(copy.data) <= most) == ("image/jpeg", True)
    assert Image.open(io.BytesIO(copy.data)).size == (width, round(width * 1300 / 1700))


def test_what_is_transparent_becomes_white() -> None:
    NOISE[:200, :200, 3] = 0
    copy = reduce(png("RGBA"), InputLimits(most_bytes=8_000_000), "", Limits())
    corner = np.asarray(Image.open(io.BytesIO(copy.data)))[20:100, 20:100]
    assert corner.mean() > 250


SEEDREAM = MODELS["doubao-seedream-4-0-250828"].inputs


def test_more_pixels_than_a_model_takes_become_fewer() -> None:
    large = encoded(Image.new("L", (7000, 5500)))
    assert not SEEDREAM.allow(large, 7000, 5500)
    copy = reduce(large, SEEDREAM, "4:3", Limits())
    assert SEEDREAM.allow(copy, *opened(copy).size)


@pytest.mark.parametrize("size", [(640, 160), (160, 640), (1000, 120), (120, 1000), (301, 100)])
@pytest.mark.parametrize("ratio", ["21:9", "9:16", "1:1", ""])
def test_edges_make_a_narrow_picture_one_that_is_taken_and_go_again_when_it_is_finished(
    size: tuple[int, int], ratio: str
) -> None:
    narrow = encoded(scene(*size))
    copy = reduce(narrow, SEEDREAM, ratio, Limits())
    assert SEEDREAM.allow(copy, *opened(copy).size)
    assert min(opened(copy).size) > min(size)
    made = encoded(opened(copy).resize([2 * side for side in opened(copy).size]))
    result = decode(finish(narrow, made, Wish(Operation.EDIT, ""), Limits()).file, Limits())
    assert result.width / result.height == pytest.approx(size[0] / size[1], rel=0.02)
    assert framing(pixels_of(scene(*size)), pixels_of(result)) > 0.9
