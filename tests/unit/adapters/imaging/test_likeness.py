"""What pictures look like: the same however they are encoded or sized, and not the same as others."""

import io
from pathlib import Path

import pytest
from PIL import Image

from adapters.imaging.decode import inspect
from adapters.imaging.likeness import likeness
from adapters.imaging.limits import Limits
from domain.library.photos import distance
from domain.ports import EncodedImage

PHOTOS = Path(__file__).parents[4] / "demo/photos"
NAMES = ("astronaut.jpg", "chelsea.png", "coffee.jpg", "rocket.jpg")


def photo(name: str) -> Image.Image:
    return Image.open(PHOTOS / name).convert("RGB")


def encoded(picture: Image.Image, **options: int) -> EncodedImage:
    out = io.BytesIO()
    picture.save(out, "JPEG", **options)
    return EncodedImage(out.getvalue(), "image/jpeg")


def test_decoding_tells_the_likeness() -> None:
    facts = inspect(EncodedImage((PHOTOS / "chelsea.png").read_bytes(), ""), Limits())
    assert facts.likeness == likeness(photo("chelsea.png"))
    assert len(facts.likeness) == 16


@pytest.mark.parametrize("name", NAMES)
def test_the_same_picture_looks_alike_smaller_and_encoded_worse(name: str) -> None:
    picture = photo(name)
    small = picture.resize((picture.width // 2, picture.height // 2))
    for copy in (encoded(picture, quality=30), encoded(small, quality=80)):
        assert distance(likeness(picture), inspect(copy, Limits()).likeness) <= 7


def test_other_pictures_do_not_look_alike() -> None:
    known = [likeness(photo(name)) for name in NAMES]
    assert all(distance(one, other) > 7 for one in known for other in known if one != other)


def test_what_is_transparent_counts_as_white() -> None:
    bare = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    bare.paste((0, 0, 0, 255), (8, 8, 40, 30))
    on_white = Image.new("RGB", (64, 64), "white")
    on_white.paste((0, 0, 0), (8, 8, 40, 30))
    assert likeness(bare) == likeness(on_white)
