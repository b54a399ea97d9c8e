"""What the check says about faces: on a photograph with one face, and on others that are made of it."""

import importlib
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image

from adapters.imaging.arrays import Pixels, pixels_of
from adapters.imaging.check import pair as pairs
from adapters.imaging.check.faces import faces
from adapters.imaging.check.facts import FailureKind, worst_of
from adapters.imaging.check.pair import Pair
from adapters.imaging.limits import Limits
from adapters.imaging.networks.faces import Face, find_faces
from domain.ports import EncodedImage, Wish
from domain.vocabulary.pictures import Operation
from tests.unit.adapters.imaging.pictures import PHOTOS, encoded
from tests.unit.adapters.imaging.warps import slimmed, widened, with_one_eye_lower

PORTRAIT = pixels_of(Image.open(PHOTOS / "astronaut.jpg").convert("RGB"))[:320, 60:380]
FACE = find_faces(PORTRAIT)[0]


def jpeg(pixels: Pixels, quality: int) -> EncodedImage:
    return encoded(Image.fromarray(pixels), "JPEG", quality=quality)


def issue(
    new: Pixels | EncodedImage, operation: Operation = Operation.ENHANCE, words: str = "", old: Pixels = PORTRAIT
) -> str:
    result = new if isinstance(new, EncodedImage) else encoded(Image.fromarray(new))
    facts = faces(Pair(encoded(Image.fromarray(old)), result, result, Wish(operation, words), Limits()))
    worst = worst_of(facts)
    assert worst is None or worst.kind is FailureKind.FACE
    return worst.issue.phrase if worst else ""


def gamma(pixels: Pixels, power: float) -> Pixels:
    return (255 * (pixels / 255) ** power).astype(np.uint8)


def without_the_face() -> Pixels:
    left, top, right, bottom = (int(value) for value in FACE.box)
    spoiled = PORTRAIT.copy()
    spoiled[top - 20 : bottom + 20, left - 20 : right + 20] = cv2.blur(PORTRAIT, (99, 99))[
        top - 20 : bottom + 20, left - 20 : right + 20
    ]
    return spoiled


def test_a_face_is_found_with_its_landmarks() -> None:
    assert len(FACE.points) == 468
    left, top, right, bottom = FACE.box
    assert (left + right) / 2 == pytest.approx(164, abs=12)
    assert (top + bottom) / 2 == pytest.approx(118, abs=12)


@pytest.mark.parametrize("name", ["chelsea.png", "coffee.jpg", "rocket.jpg"])
def test_cats_cups_and_rockets_have_no_faces(name: str) -> None:
    pixels = pixels_of(Image.open(PHOTOS / name).convert("RGB"))
    assert find_faces(pixels) == []
    assert issue(cv2.GaussianBlur(pixels, (0, 0), 1), old=pixels) == ""


@pytest.mark.parametrize(
    "change",
    [
        lambda pixels: jpeg(pixels, 40),
        lambda pixels: cv2.GaussianBlur(pixels, (0, 0), 1),
        lambda pixels: gamma(pixels, 0.65),
        lambda pixels: gamma(pixels, 1.5),
        lambda pixels: cv2.addWeighted(pixels, 1.8, cv2.GaussianBlur(pixels, (0, 0), 1.2), -0.8, 0),
        lambda pixels: cv2.resize(pixels, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC),
        lambda pixels: cv2.bilateralFilter(pixels, 9, 40, 9),
        lambda pixels: np.repeat(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2),
    ],
    ids=["jpeg", "blur", "brighter", "darker", "sharper", "larger", "smooth skin", "grey"],
)
def test_what_retouching_does_to_a_face_is_fine(change: Callable[[Pixels], Pixels | EncodedImage]) -> None:
    assert issue(change(PORTRAIT)) == ""


@pytest.mark.parametrize("spoil", [with_one_eye_lower, slimmed, widened])
@pytest.mark.parametrize("share", [0.08, 0.1, 0.12])
def test_features_that_moved_are_caught(spoil: Callable[[Pixels, Face, float], Pixels], share: float) -> None:
    assert issue(spoil(PORTRAIT, FACE, share)) == "check.face_moved"


def test_a_lost_face_is_caught_and_counted() -> None:
    assert issue(without_the_face()) == "check.faces_lost"


def test_an_added_face_is_caught() -> None:
    assert issue(PORTRAIT, old=without_the_face()) == "check.faces_added"


def test_another_face_is_caught() -> None:
    left, top, right, bottom = (int(value) for value in FACE.box)
    mirrored = PORTRAIT.copy()
    mirrored[top:bottom, left:right] = PORTRAIT[top:bottom, left:right][:, ::-1]
    assert issue(mirrored).startswith("check.face_")


@pytest.mark.parametrize(
    ("words", "is_checked"),
    [
        ("背景换成蓝色", True),
        ("背景换成蓝色,人物不变", True),
        ("把脸瘦一点", False),
        ("去掉左边的路人", False),
        ("bigger eyes", False),
    ],
)
def test_an_edit_of_people_may_change_their_faces(words: str, is_checked: bool) -> None:
    assert bool(issue(slimmed(PORTRAIT, FACE, 0.15), Operation.EDIT, words)) is is_checked


def test_the_faces_of_an_original_are_found_once_for_all_its_results(monkeypatch: pytest.MonkeyPatch) -> None:
    found, seen = find_faces, list[Pixels]()

    def noted(pixels: Pixels) -> list[Face]:
        seen.append(pixels)
        return found(pixels)

    monkeypatch.setattr(importlib.import_module(faces.__module__), "find_faces", noted)
    monkeypatch.setattr(pairs, "_FOUND", {})
    monkeypatch.setattr(pairs, "MOST_FOUND", 1)
    brighter, darker = gamma(PORTRAIT, 0.9), gamma(PORTRAIT, 1.1)
    assert [issue(brighter), issue(darker), len(seen)] == ["", "", 1]
    assert [issue(PORTRAIT, old=brighter), issue(darker), len(seen)] == ["", "", 3]  # the first is forgotten
