"""What the check says about cut-outs and layered documents: a good one of the astronaut, and many spoiled ones."""

import io
from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage

from adapters.imaging.arrays import Mask, Pixels, image_of, pixels_of
from adapters.imaging.check.cutout import cut_out
from adapters.imaging.check.facts import worst_of
from adapters.imaging.check.layers import layered
from adapters.imaging.check.pair import Pair
from adapters.imaging.finish import layers
from adapters.imaging.limits import Limits
from adapters.imaging.mixing import blended, foreground
from domain.ports import Deliverable, EncodedImage, Wish
from domain.vocabulary.pictures import Operation
from tests.unit.adapters.imaging import cut_outs
from tests.unit.adapters.imaging.cut_outs import PHOTO, PIXELS, colours
from tests.unit.adapters.imaging.pictures import PHOTOS, encoded

Spoil = Callable[[Mask], Mask]


def issue(alpha: Mask, seen: Pixels | None = None, original: Image.Image = PHOTO) -> str:
    file = encoded(image_of(colours() if seen is None else seen, np.clip(alpha, 0, 1)))
    worst = worst_of(cut_out(Pair(encoded(original), file, file, Wish(Operation.REMOVE_BG, ""), Limits())))
    return worst.issue.phrase if worst else ""


def half(alpha: Mask) -> Mask:
    left, _, wide, _ = cv2.boundingRect((alpha > 0.5).astype(np.uint8))
    spoiled = alpha.copy()
    spoiled[:, : left + wide // 2] = 0
    return spoiled


def without_the_head(alpha: Mask) -> Mask:
    spoiled = alpha.copy()
    spoiled[:200] = 0
    return spoiled


def with_a_ghost(alpha: Mask) -> Mask:
    return np.maximum(alpha, cv2.circle(np.zeros_like(alpha), (70, 80), 60, 0.4, -1))


def with_background(alpha: Mask) -> Mask:
    return np.maximum(alpha, cv2.rectangle(np.zeros_like(alpha), (0, 0), (160, 300), 1, -1))


def dilated(alpha: Mask) -> Mask:
    return cv2.dilate(alpha, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (27, 27)))


def blurred(alpha: Mask) -> Mask:
    return cv2.GaussianBlur(alpha, (0, 0), 12)


def in_stairs(alpha: Mask) -> Mask:
    return (alpha > 0.5).astype(np.float32)


@pytest.mark.parametrize("scale", [1, 2])
def test_a_good_cut_out_is_fine(scale: int) -> None:
    size = (PIXELS.shape[1] * scale, PIXELS.shape[0] * scale)
    assert issue(cv2.resize(cut_outs.alpha(), size), cv2.resize(colours(), size)) == ""


@pytest.mark.parametrize(
    ("spoil", "phrase"),
    [
        (lambda alpha: 1 - alpha, "check.mask_inverted"),
        (half, "check.subject_missing"),
        (without_the_head, "check.faces_lost"),
        (with_background, "check.background_left"),
        (with_a_ghost, "check.ghosts"),
        (blurred, "check.ghosts"),
        (dilated, "check.edge_off"),
        (in_stairs, "check.edge_hard"),
    ],
    ids=["inverted", "half", "no head", "background left", "ghost", "blurred", "too wide", "stairs"],
)
def test_a_spoiled_mask_is_caught(spoil: Spoil, phrase: str) -> None:
    assert issue(spoil(cut_outs.alpha())) == phrase


def test_the_old_background_in_the_edge_is_caught() -> None:
    soft = cv2.GaussianBlur(cut_outs.alpha(), (0, 0), 2)
    assert issue(soft, blended(foreground(PIXELS, soft), soft, PIXELS)) == ""
    on_green = blended(PIXELS, soft, (0, 200, 0))
    assert issue(soft, on_green, Image.fromarray(on_green)) == "check.fringe"


@pytest.mark.parametrize(
    "other",
    [
        lambda: colours()[:, ::-1],
        lambda: colours()[..., ::-1],
        lambda: 255 - colours(),
        lambda: pixels_of(Image.open(PHOTOS / "coffee.jpg").convert("RGB").resize((460, 512))),
    ],
    ids=["mirrored", "red and blue swapped", "negative", "another picture"],
)
def test_another_subject_is_caught(other: Callable[[], Pixels]) -> None:
    assert issue(cut_outs.alpha(), np.ascontiguousarray(other())) == "check.subject_changed"


@cache
def document(operation: Operation = Operation.LAYERED) -> Deliverable:
    raw = image_of(PIXELS, cut_outs.alpha())
    return layers.layered(encoded(PHOTO), PHOTO.copy(), raw, Wish(operation, ""))


def layer_issue(file: EncodedImage, view: EncodedImage, operation: Operation = Operation.LAYERED) -> str:
    worst = worst_of(layered(Pair(encoded(PHOTO), file, view, Wish(operation, ""), Limits())))
    return worst.issue.phrase if worst else ""


def made_of(subject: Pixels, alpha: Mask, background: Pixels, flat: Pixels) -> EncodedImage:
    """A document with these layers."""
    made = PSDImage.frompil(Image.fromarray(flat))
    made._update_preview = lambda: None  # type: ignore[method-assign]
    back = made.create_pixel_layer(Image.fromarray(background), "background")
    front = made.create_pixel_layer(Image.fromarray(subject), "subject")
    front.create_mask(Image.fromarray((alpha * 255).astype(np.uint8)))
    back.name, front.name = layers.BACKGROUND, layers.SUBJECT
    out = io.BytesIO()
    made.save(out)
    return EncodedImage(out.getvalue(), layers.PSD_TYPE)


@pytest.mark.parametrize("operation", [Operation.LAYERED, Operation.REMOVE_BG_AND_LAYER])
def test_our_own_document_is_fine(operation: Operation) -> None:
    result = document(operation)
    assert layer_issue(result.file, result.view, operation) == ""


@cache
def filled() -> Pixels:
    return layers.filled_in(PIXELS, cut_outs.alpha())


@cache
def flat() -> Pixels:
    return blended(colours(), cut_outs.alpha(), filled())


@pytest.mark.parametrize(
    ("made", "phrase"),
    [
        (lambda: made_of(colours(), cut_outs.alpha(), filled(), np.zeros_like(flat())), "check.psd_flat"),
        (lambda: made_of(colours(), cut_outs.alpha(), PIXELS, flat()), "check.layer_subject_twice"),
        (lambda: made_of(colours(), cut_outs.alpha(), np.full_like(flat(), 90), flat()), "check.layer_background"),
        (lambda: made_of(colours(), 1 - cut_outs.alpha(), filled(), flat()), "check.mask_inverted"),
        (lambda: made_of(colours(), half(cut_outs.alpha()), filled(), flat()), "check.subject_missing"),
        (lambda: made_of(255 - colours(), cut_outs.alpha(), filled(), flat()), "check.subject_changed"),
    ],
    ids=["black flat picture", "subject twice", "another background", "inverted", "half", "negative"],
)
def test_layers_that_mean_nothing_are_caught(made: Callable[[], EncodedImage], phrase: str) -> None:
    assert layer_issue(made(), encoded(Image.fromarray(flat()))) == phrase
