"""The copy that a model is sent of a large picture."""

import io

import numpy as np
import pytest
from PIL import Image

from adapters.imaging.limits import Limits
from adapters.imaging.reduce import reduce
from domain.ports import EncodedImage

NOISE = np.random.default_rng(5).integers(0, 255, (1300, 1700, 4), np.uint8)


def png(mode: str) -> EncodedImage:
    out = io.BytesIO()
    Image.fromarray(NOISE[..., : len(mode)], mode).save(out, "PNG", compress_level=1)
    return EncodedImage(out.getvalue(), "image/png")


@pytest.mark.parametrize(("most", "width"), [(8_000_000, 1700), (2_000_000, 1024)])
def test_it_is_no_smaller_than_it_must_be(most: int, width: int) -> None:
    copy = reduce(png("RGB"), most, Limits())
    assert (copy.content_type, len(copy.data) <= most) == ("image/jpeg", True)
    assert Image.open(io.BytesIO(copy.data)).size == (width, round(width * 1300 / 1700))


def test_what_is_transparent_becomes_white() -> None:
    NOISE[:200, :200, 3] = 0
    copy = reduce(png("RGBA"), 8_000_000, Limits())
    corner = np.asarray(Image.open(io.BytesIO(copy.data)))[20:100, 20:100]
    assert corner.mean() > 250
