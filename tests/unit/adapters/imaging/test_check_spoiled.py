"""Every kind of spoiled result is caught by a fact of the right kind, and what good models do is not."""

from functools import cache

import cv2
import numpy as np
import pytest
from PIL import Image

from adapters.imaging.arrays import Pixels
from adapters.imaging.check import OPERATIONS, measured, measures_of
from adapters.imaging.check.facts import FailureKind, score_of, worst_of
from adapters.imaging.check.pair import Pair
from benchmarks.quality import spoilings
from benchmarks.quality.spoilings import GOOD, SPOILED, Change
from domain.ports import Wish
from domain.texts.catalogue import TEXTS
from domain.vocabulary.pictures import Operation, TargetSize
from tests.unit.adapters.imaging.finishing import LIMITS
from tests.unit.adapters.imaging.pictures import PHOTOS, encoded, opened

FRAME, CONTENT, TONE, DAMAGE = FailureKind.FRAME, FailureKind.CONTENT, FailureKind.TONE, FailureKind.DAMAGE
REQUEST = FailureKind.REQUEST
KINDS = {
    "shift 5 %": FRAME,
    "turned 5 degrees": FRAME,
    "zoomed 4 %": FRAME,
    "stretched 4 %": FRAME,
    "perspective": FRAME,
    "upside down": FRAME,
    "mirrored": CONTENT,
    "quarters shuffled": CONTENT,
    "part warped 8 %": CONTENT,
    "object pasted 15 %": CONTENT,
    "black": CONTENT,
    "grey": TONE,
    "blue cast": TONE,
    "inverted": TONE,
    "red and blue swapped": TONE,
    "half dark": TONE,
    "fog": TONE,
    "oversaturated": TONE,
    "noise": DAMAGE,
    "salt and pepper": DAMAGE,
    "jpeg 8": DAMAGE,
    "blur": REQUEST,
    "halos": DAMAGE,
}


@cache
def photograph() -> Pixels:
    with Image.open(PHOTOS / "coffee.jpg") as image:
        return np.asarray(image.convert("RGB").resize((480, 320), Image.Resampling.LANCZOS))


def checked(change: Change, operation: Operation = Operation.ENHANCE, words: str = "") -> Pair:
    """A small compressed picture as the original, and the photograph, changed, as the result."""
    small = cv2.resize(photograph(), (240, 160), interpolation=cv2.INTER_AREA)
    original = encoded(Image.fromarray(small), "JPEG", quality=80)
    result = encoded(Image.fromarray(np.ascontiguousarray(change(photograph(), np.random.default_rng(3)))))
    return Pair(original, result, result, Wish(operation, words, TargetSize(width=480, height=320)), LIMITS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_spoiled_result_is_caught_by_a_fact_of_its_kind(kind: str) -> None:
    facts = measured(checked(SPOILED[kind]), OPERATIONS[Operation.ENHANCE].look)
    failed = [fact for fact in facts if not fact.is_fine]
    assert KINDS[kind] in {fact.kind for fact in failed}
    assert all(TEXTS["zh"].say(fact.issue) for fact in failed)
    assert score_of(facts) <= 55


@pytest.mark.parametrize("kind", GOOD)
def test_what_good_results_differ_by_is_fine(kind: str) -> None:
    facts = measured(checked(GOOD[kind]), OPERATIONS[Operation.ENHANCE].look)
    assert worst_of(facts) is None
    assert score_of(facts) >= 80


def test_the_shift_is_told_in_percent() -> None:
    facts = measured(checked(spoilings.shifted(0.05)), OPERATIONS[Operation.ENHANCE].look)
    shift = next(fact for fact in facts if fact.name == "frame_shift")
    assert shift.value == pytest.approx(0.05, abs=0.003)
    assert f"移动了{100 * shift.value:.1f}%" in TEXTS["zh"].say(shift.issue)


def test_an_edit_may_move_the_frame_only_if_it_is_about_the_frame() -> None:
    for words, is_fine in (("换成晚霞", False), ("向右移一点", True), ("构图不变,换成晚霞", False)):
        facts = measured(checked(spoilings.shifted(0.05), Operation.EDIT, words), OPERATIONS[Operation.EDIT].look)
        assert (FRAME not in {fact.kind for fact in facts if not fact.is_fine}) is is_fine, words


ASKED = {
    "再亮一点": lambda pixels, _: np.clip(pixels * 1.6 + 20, 0, 255).astype(np.uint8),
    "改成黑白的": SPOILED["grey"],
    "颜色再暖一点": lambda pixels, _: np.clip(pixels * (1.25, 1.0, 0.6), 0, 255).astype(np.uint8),
    "杯子旁边加一本书": SPOILED["object pasted 15 %"],
}


def faults(words: str, operation: Operation, prompt: str) -> set[FailureKind]:
    pair = checked(ASKED[words], operation, prompt)
    return {fact.kind for fact in measured(pair, measures_of(pair.wish).look) if not fact.is_fine}


@pytest.mark.parametrize("words", ASKED)
def test_what_a_revision_asks_for_may_change(words: str) -> None:
    assert faults(words, Operation.ENHANCE, "变清晰一点") & {TONE, CONTENT}
    for operation in (Operation.ENHANCE, Operation.FIX_OLD_PHOTO):
        assert not faults(words, operation, f"变清晰一点\n【客户修改要求】{words}") & {TONE, CONTENT}


def test_nothing_is_said_of_a_frame_without_features() -> None:
    plain = encoded(Image.new("RGB", (200, 150), "grey"))
    pair = Pair(plain, plain, plain, Wish(Operation.ENHANCE, ""), LIMITS)
    names = {fact.name for fact in measured(pair, OPERATIONS[Operation.ENHANCE].look)}
    assert not {"frame_shift", "likeness", "light_order", "contrast_kept"} & names


def test_a_small_change_is_a_change() -> None:
    small = photograph().copy()
    small[40:70, 300:330] = (20, 160, 60)
    original, result = (encoded(Image.fromarray(pixels), "JPEG", quality=95) for pixels in (photograph(), small))
    again = encoded(opened(original), "PNG")
    for view, is_fine in ((result, True), (again, False)):
        facts = measured(
            Pair(original, view, view, Wish(Operation.EDIT, "加个绿点"), LIMITS), OPERATIONS[Operation.EDIT].look
        )
        assert next(fact for fact in facts if fact.name == "difference").is_fine is is_fine
