"""The check that follows in the activity of an attempt: it costs no score twice, and never what was paid for."""

import asyncio
from typing import Any

import pytest
from temporalio.activity import ActivityCancellationDetails
from temporalio.testing import ActivityEnvironment

from activities import checking
from domain.attempts.work import Produced
from domain.ports import EncodedImage, FileCheck
from domain.vocabulary.errors import (
    ModelAnswerUnusable,
    ModelRefused,
    ModelUnavailable,
    OutsideUnavailable,
    PictureUnreadable,
)
from domain.vocabulary.outcomes import Outcome
from tests.unit.activities.workshop import FIRST_CALL, FOLDER, REQUEST, Workshop

CHECKED_TOO = REQUEST.model_copy(update={"threshold": 70})


async def test_a_result_comes_back_with_its_check_and_the_cost_of_both(workshop: Workshop) -> None:
    workshop.vision.scores = [83]
    made = await workshop.produce(CHECKED_TOO)
    assert made.checked is not None
    assert (made.checked.look.score, made.checked.outcome, made.checked.best) == (83, Outcome.PASSED, 0)
    assert made.spent.calls == made.checked.spent.calls == 2
    assert workshop.records.outcomes[FIRST_CALL] is Outcome.PASSED


async def test_without_a_threshold_nothing_is_checked(workshop: Workshop) -> None:
    assert ((await workshop.produce()).checked, workshop.vision.asked) == (None, 0)


@pytest.mark.parametrize("scores", [[83], [40], [75, 92, 80, 10]], ids=["good", "poor", "four results"])
async def test_a_crash_before_the_answer_arrives_pays_neither_the_picture_nor_its_scores_again(
    workshop: Workshop, scores: list[int]
) -> None:
    workshop.model.pictures, workshop.vision.scores = len(scores), [*scores]
    first = await workshop.produce(CHECKED_TOO)
    again = await workshop.produce(CHECKED_TOO, try_number=2)
    assert (len(workshop.model.wishes), workshop.vision.asked) == (1, len(scores))
    assert again == first


async def test_a_crash_between_two_scores_asks_only_for_those_that_are_missing(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.model.pictures, workshop.vision.scores = 3, [75, 92, 80]
    keep, kept = workshop.records.save_check, 0

    async def crash_at_the_third(*args: Any) -> None:
        nonlocal kept
        kept += 1
        if kept == 3:
            raise asyncio.CancelledError  # the worker ends
        await keep(*args)

    monkeypatch.setattr(workshop.records, "save_check", crash_at_the_third)
    with pytest.raises(asyncio.CancelledError):
        await workshop.produce(CHECKED_TOO)
    workshop.vision.scores = [80]
    made = await workshop.produce(CHECKED_TOO, try_number=2)
    assert made.checked is not None
    assert (workshop.vision.asked, made.checked.best, made.checked.look.score) == (4, 1, 92)


@pytest.mark.parametrize(
    "error", [ModelUnavailable("503"), ModelRefused("no"), OutsideUnavailable("storage is away"), RuntimeError("a bug")]
)
async def test_a_check_that_fails_leaves_the_result_to_be_checked_later(workshop: Workshop, error: Exception) -> None:
    workshop.vision.failure = error
    made = await workshop.produce(CHECKED_TOO)
    assert (made.checked, made.file.key) == (None, f"{FOLDER}/attempt-1-generated.png")
    assert workshop.records.outcomes[FIRST_CALL] is Outcome.MADE


async def test_a_check_that_hangs_leaves_the_result_to_be_checked_later(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "ALONG_SECONDS", 0.0)
    workshop.vision.gate = asyncio.Event()
    assert (await workshop.produce(CHECKED_TOO)).checked is None


async def broken_off(workshop: Workshop, why: ActivityCancellationDetails) -> Produced:
    """Break an attempt off while its result is scored."""
    workshop.vision.gate = asyncio.Event()
    env = ActivityEnvironment()
    work = asyncio.create_task(env.run(workshop.production.produce, CHECKED_TOO))
    while not workshop.vision.asked:  # noqa: ASYNC110 - the fake sets no event
        await asyncio.sleep(0)
    env.cancel(why)
    return await work


async def test_a_check_that_is_called_off_keeps_what_was_made(workshop: Workshop) -> None:
    made = await broken_off(workshop, ActivityCancellationDetails(cancel_requested=True))
    assert (made.checked, made.call_id) == (None, FIRST_CALL)


async def test_a_worker_that_shuts_down_in_a_check_leaves_the_whole_to_the_next_try(workshop: Workshop) -> None:
    with pytest.raises(asyncio.CancelledError):
        await broken_off(workshop, ActivityCancellationDetails(worker_shutdown=True))
    assert workshop.vision.gate
    workshop.vision.gate.set()
    made = await workshop.produce(CHECKED_TOO, try_number=2)
    assert (made.checked is not None, len(workshop.model.wishes)) == (True, 1)


async def test_a_file_is_measured_once_while_it_is_stored(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    measuring, asked = asyncio.Event(), 0
    look, mark = workshop.imaging.check, workshop.imaging.with_visible_label

    async def measured(*args: Any) -> FileCheck:
        nonlocal asked
        asked += 1
        measuring.set()
        return await look(*args)

    async def marked(file: EncodedImage) -> EncodedImage:
        await measuring.wait()  # a file that is measured only after it is stored waits forever
        return await mark(file)

    monkeypatch.setattr(workshop.imaging, "check", measured)
    monkeypatch.setattr(workshop.imaging, "with_visible_label", marked)
    made = await asyncio.wait_for(workshop.produce(CHECKED_TOO), 60)
    assert (made.checked is not None, asked) == (True, 1)


async def test_what_could_not_be_measured_beside_the_storing_is_measured_afterwards(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, failures = workshop.imaging.check, [RuntimeError("a bug")]

    async def fails_once(*args: Any) -> FileCheck:
        if failures:
            raise failures.pop()
        return await look(*args)

    monkeypatch.setattr(workshop.imaging, "check", fails_once)
    made = await workshop.produce(CHECKED_TOO)
    assert made.checked is not None
    assert (made.checked.outcome, failures) == (Outcome.PASSED, [])


async def test_a_broken_picture_is_not_waited_for(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten = asyncio.Event()

    async def never(*_: object) -> FileCheck:
        try:
            await asyncio.Event().wait()
        finally:
            forgotten.set()
        raise AssertionError

    async def broken(*_: object, **__: object) -> None:
        await asyncio.sleep(0)  # the measuring begins
        raise PictureUnreadable("broken", "damaged")

    monkeypatch.setattr(workshop.imaging, "check", never)
    monkeypatch.setattr(workshop.imaging, "inspect", broken)
    with pytest.raises(ModelAnswerUnusable):
        await asyncio.wait_for(workshop.produce(CHECKED_TOO), 60)
    await asyncio.wait_for(forgotten.wait(), 60)
