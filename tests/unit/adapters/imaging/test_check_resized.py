"""What the check says about a new frame: nothing stretched, no face and no text cut."""

import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from adapters.imaging.check.facts import worst_of
from adapters.imaging.check.pair import Pair
from adapters.imaging.check.resize import whole
from adapters.imaging.limits import Limits
from domain.ports import Wish
from domain.vocabulary.pictures import Operation
from tests.unit.adapters.imaging.pictures import PHOTOS, encoded

PHOTO = Image.open(PHOTOS / "astronaut.jpg").convert("RGB")
COFFEE = Image.open(PHOTOS / "coffee.jpg").convert("RGB")
ImageDraw.Draw(COFFEE).text((30, 340), "Coffee House 1998", fill="white", font=ImageFont.load_default(34))


def issue(result: Image.Image, original: Image.Image = PHOTO) -> str:
    file = encoded(result)
    worst = worst_of(whole(Pair(encoded(original), file, file, Wish(Operation.RESIZE, ""), Limits())))
    return worst.issue.phrase if worst else ""


@pytest.mark.parametrize(
    "result",
    [
        PHOTO.resize((300, 300)),
        PHOTO.resize((1024, 1024)),
        PHOTO.crop((100, 0, 400, 420)),
        ImageOps.pad(PHOTO, (600, 800), color="white"),
    ],
    ids=["smaller", "larger", "cropped to the head", "on paper"],
)
def test_a_new_size_with_all_that_matters_is_fine(result: Image.Image) -> None:
    assert issue(result) == ""


@pytest.mark.parametrize("size", [(400, 512), (512, 470), (900, 512)])
def test_a_stretched_picture_is_caught(size: tuple[int, int]) -> None:
    assert issue(PHOTO.resize(size)) == "check.stretched"


@pytest.mark.parametrize(
    "box", [(0, 120, 512, 512), (230, 0, 512, 512), (0, 0, 225, 512)], ids=["top", "left", "right"]
)
def test_a_face_that_is_cut_is_caught(box: tuple[int, int, int, int]) -> None:
    assert issue(PHOTO.crop(box)) == "check.face_cut"


def test_text_that_is_cut_is_caught() -> None:
    assert issue(COFFEE.crop((120, 0, 600, 400)), COFFEE) == "check.text_cut"
    assert issue(COFFEE.crop((0, 40, 600, 400)), COFFEE) == ""


def test_nothing_is_said_about_a_picture_without_features() -> None:
    assert issue(Image.new("RGB", (200, 300), "grey"), Image.new("RGB", (300, 200), "grey")) == ""
