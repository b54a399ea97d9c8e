"""Where no subject is seen, or nothing but one, there is no cut-out and no new background."""

import numpy as np
import pytest
from PIL import Image

from adapters.imaging.finish import finish
from adapters.imaging.limits import Limits
from adapters.imaging.make import CUT_OUTS, make
from adapters.imaging.networks import cut_out
from domain.ports import EncodedImage, Wish
from domain.vocabulary.errors import PictureUnreadable
from domain.vocabulary.pictures import Operation
from tests.unit.adapters.imaging.pictures import encoded, opened, scene

WISHES = [*(Wish(operation, "") for operation in sorted(CUT_OUTS)), Wish(Operation.EDIT, "换成白底")]
PHOTO = encoded(scene(160, 120))
CORNER = (0, 0, 10, 5)  # a quarter of a percent of the picture


def clear(outside: int, corner: int) -> EncodedImage:
    """A picture that is as opaque as this in one corner, and outside of it."""
    picture, alpha = scene(160, 120, "RGBA"), Image.new("L", (160, 120), outside)
    alpha.paste(corner, CORNER)
    picture.putalpha(alpha)
    return encoded(picture)


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: wish.operation)
@pytest.mark.parametrize("seen", [0.0, 1.0], ids=["nothing", "all"])
def test_no_picture_is_made_of_a_subject_that_is_not_seen(
    wish: Wish, seen: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cut_out, "_saliency", lambda _: np.full((cut_out.SIDE, cut_out.SIDE), seen, np.float32))
    with pytest.raises(PictureUnreadable) as refused:
        make(PHOTO, wish, Limits())
    assert refused.value.reason == "no_subject"


@pytest.mark.parametrize("raw", [clear(0, 255), clear(255, 0)], ids=["nothing", "all"])
@pytest.mark.parametrize("operation", sorted(CUT_OUTS))
def test_an_alpha_channel_of_almost_nothing_or_almost_all_is_no_cut_out(
    operation: Operation, raw: EncodedImage
) -> None:
    with pytest.raises(PictureUnreadable) as refused:
        finish(PHOTO, raw, Wish(operation, ""), Limits())
    assert refused.value.reason == "no_subject"


@pytest.mark.parametrize("operation", sorted(CUT_OUTS))
def test_a_picture_of_which_almost_nothing_is_visible_is_not_cut_out(operation: Operation) -> None:
    with pytest.raises(PictureUnreadable) as refused:
        make(clear(0, 255), Wish(operation, ""), Limits())
    assert refused.value.reason == "no_subject"


def test_a_subject_that_is_mostly_guessed_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = np.full((cut_out.SIDE, cut_out.SIDE), 0.45, np.float32)
    seen[:20, :20] = 1
    monkeypatch.setattr(cut_out, "_saliency", lambda _: seen)
    with pytest.raises(PictureUnreadable):
        make(PHOTO, Wish(Operation.REMOVE_BG, ""), Limits())


def test_what_is_half_seen_beside_the_subject_is_no_ghost_in_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = np.zeros((cut_out.SIDE, cut_out.SIDE), np.float32)
    seen[60:260, 60:200] = 1
    seen[60:260, 200:260] = 0.4  # a ghost that touches it
    seen[5:10, 300:305] = 1  # and a speck
    monkeypatch.setattr(cut_out, "_saliency", lambda _: seen)
    alpha = np.asarray(opened(make(PHOTO, Wish(Operation.REMOVE_BG, ""), Limits()).image))[..., 3]
    assert alpha[60, 50] == 255
    assert alpha[:, 120:].max() == 0
