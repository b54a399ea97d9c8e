import numpy as np
import pytest
from PIL import Image, ImageOps

from adapters.imaging import align
from adapters.imaging.arrays import pixels_of
from adapters.imaging.finish.registered import put_right
from tests.unit.adapters.imaging.pictures import PHOTOS

COFFEE = Image.open(PHOTOS / "coffee.jpg").convert("RGB").resize((480, 320), Image.Resampling.LANCZOS)


def part(left: int, top: int, right: int, bottom: int) -> Image.Image:
    return COFFEE.crop((left, top, right, bottom))


def distance(first: Image.Image, second: Image.Image) -> float:
    found = align.aligned(pixels_of(first), pixels_of(second))
    return float(align.moved(found.homography, found.old.shape[1::-1]) / max(found.old.shape))


@pytest.mark.parametrize(
    "shown", [(0, 0, 480, 320), (20, 30, 460, 320), (40, 0, 440, 320)], ids=["all", "more on three sides", "wider"]
)
def test_a_result_that_shows_more_is_cut_to_the_originals_frame(shown: tuple[int, int, int, int]) -> None:
    original = part(60, 40, 420, 280)
    result = part(*shown).resize((shown[2] - shown[0] + 100, shown[3] - shown[1] + 80), Image.Resampling.LANCZOS)
    fixed = put_right(original, result)
    assert fixed.width / fixed.height == pytest.approx(original.width / original.height, abs=0.01)
    assert distance(original, fixed) < 0.006


def test_a_result_that_lost_a_part_or_did_not_move_is_left_alone() -> None:
    for result in (part(30, 0, 480, 320), COFFEE.resize((960, 640)), ImageOps.mirror(COFFEE), COFFEE.rotate(4)):
        assert put_right(COFFEE, result) is result


def test_transparency_moves_with_the_picture() -> None:
    wide = COFFEE.copy()
    alpha = Image.new("L", wide.size, 255)
    alpha.paste(0, (0, 0, 480, 160))
    wide.putalpha(alpha)
    fixed = put_right(part(60, 40, 420, 280), wide)
    assert fixed.mode == "RGBA"
    rows = np.asarray(fixed.getchannel("A"))[:, 50]
    assert np.count_nonzero(rows == 0) / rows.size == pytest.approx(0.5, abs=0.02)
