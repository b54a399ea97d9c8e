"""Making a picture: what is stored and recorded of it, and what is never paid twice."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from temporalio.activity import ActivityCancellationDetails
from temporalio.testing import ActivityEnvironment

from activities import keeping
from domain.attempts.ledger import CallRecord
from domain.attempts.work import Candidate, Words
from domain.ports import Deliverable, EncodedImage, Wish
from domain.vocabulary.errors import (
    ModelAnswerUnusable,
    ModelRefused,
    ModelUnavailable,
    OutsideRefused,
    OutsideUnavailable,
    PictureUnreadable,
)
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import TargetSize
from domain.vocabulary.provenance import Provenance
from domain.vocabulary.trail import Outgoing
from tests.fakes import COST, PNG
from tests.unit.activities.workshop import FIRST_CALL, FOLDER, REQUEST, SECOND_CALL, Workshop, failure


async def test_an_attempt_stores_the_raw_picture_the_file_and_the_preview(workshop: Workshop) -> None:
    made = await workshop.produce()
    assert set(workshop.files.stored) == {
        f"{FOLDER}/original.png",
        f"{FOLDER}/attempt-1.png",
        f"{FOLDER}/attempt-1-generated.png",
        f"{FOLDER}/attempt-1-generated-thumb.jpg",
        f"{FOLDER}/attempt-1-plain-generated.png",
        f"{FOLDER}/attempt-1-preview.jpg",
    }
    assert workshop.files.stored[made.file.key].data == b"finished picture 1"
    assert (made.call_id, made.provider, made.view_key) == (FIRST_CALL, "fake", made.file.key)


async def test_a_call_is_on_record_before_and_after(workshop: Workshop) -> None:
    made = await workshop.produce(REQUEST.model_copy(update={"size": TargetSize(width=100, height=50)}))
    assert workshop.records.calls[FIRST_CALL].size == "100x50"
    assert workshop.records.calls[FIRST_CALL].prompt == "sharper"
    assert workshop.records.calls[FIRST_CALL].parameters == {"aspect_ratio": "4:3"}
    assert workshop.records.states == {FIRST_CALL: "completed"}
    assert workshop.records.results == {FIRST_CALL: [made.file]}


async def test_a_raw_picture_that_is_stored_is_never_paid_again(workshop: Workshop) -> None:
    first = await workshop.produce()
    again = await workshop.produce(try_number=2)
    assert len(workshop.model.wishes) == 1
    assert again == first
    assert workshop.records.states == {FIRST_CALL: "completed"}


async def test_a_crash_after_storing_the_raw_picture_leaves_its_call_recovered(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: object) -> None:
        raise ConnectionError("the database went away")

    with monkeypatch.context() as broken:
        broken.setattr(workshop.records, "close_call", crash)
        with pytest.raises(ConnectionError):
            await workshop.produce()
    assert workshop.records.states == {FIRST_CALL: "processing"}
    made = await workshop.produce(try_number=2)
    assert (made.call_id, len(workshop.model.wishes)) == (FIRST_CALL, 1)
    assert workshop.records.states == {FIRST_CALL: "completed"}


async def test_a_call_that_was_cut_off_is_marked_and_made_anew(workshop: Workshop) -> None:
    workshop.model.failures = [ConnectionError("the worker died")]
    with pytest.raises(ConnectionError):
        await workshop.produce()
    made = await workshop.produce(try_number=2)
    assert made.call_id == SECOND_CALL
    assert workshop.records.states == {FIRST_CALL: "interrupted", SECOND_CALL: "completed"}


@pytest.mark.parametrize("error", [ModelRefused("no"), ModelUnavailable("busy"), ModelAnswerUnusable("no picture")])
async def test_a_failed_call_is_closed_and_said(workshop: Workshop, error: Exception) -> None:
    workshop.model.failures = [error]
    with pytest.raises(type(error)):
        await workshop.produce()
    assert workshop.records.states == {FIRST_CALL: "failed"}
    assert f"{FOLDER}/attempt-1.png" not in workshop.files.stored


async def test_another_attempt_is_another_call_with_its_own_files(workshop: Workshop) -> None:
    await workshop.produce(REQUEST.model_copy(update={"attempt": 11}))
    made = await workshop.produce()
    assert len(workshop.model.wishes) == 2
    assert made.file.key == f"{FOLDER}/attempt-1-generated.png"


@pytest.mark.parametrize("step", ["finish", "inspect", "previews"])
async def test_a_broken_picture_of_the_model_is_an_unusable_answer(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    async def broken(*_: object, **__: object) -> Deliverable:
        raise PictureUnreadable("cut off")

    monkeypatch.setattr(workshop.imaging, step, broken)
    with pytest.raises(ModelAnswerUnusable, match="cut off") as raised:
        await workshop.produce()
    assert raised.value.outcome is workshop.records.outcomes[FIRST_CALL] is Outcome.BROKEN_PICTURE
    assert workshop.records.states == {FIRST_CALL: "completed"}  # it was made, and is paid for


async def test_a_file_that_is_no_picture_for_people_gets_a_view_beside_it(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def layers(_: EncodedImage, raw: EncodedImage, *__: object) -> Deliverable:
        return Deliverable(EncodedImage(b"8BPS", "image/vnd.adobe.photoshop"), raw, "psd")

    monkeypatch.setattr(workshop.imaging, "finish", layers)
    made = await workshop.produce()
    assert made.file.key.endswith("/attempt-1-generated.psd")
    assert made.view_key.endswith("/attempt-1-view.png")


async def test_a_file_that_shows_the_label_lies_beside_one_that_does_not_and_that_one_is_checked(
    workshop: Workshop,
) -> None:
    workshop.imaging.label = b"labelled "
    made = await workshop.produce()
    stored = workshop.files.stored
    assert stored[made.file.key].data == b"labelled finished picture 1"
    assert (stored[made.plain_key].data, made.plain_size) == (b"finished picture 1", len(b"finished picture 1"))
    candidate = Candidate(file_key=made.file.key, view_key=made.view_key, plain_key=made.plain_key)
    assert (candidate.checked_key, candidate.seen_key) == (made.plain_key, made.plain_key)


async def test_a_preview_carries_the_number_of_its_picture(workshop: Workshop) -> None:
    await workshop.produce(REQUEST.model_copy(update={"number": 3}))
    assert workshop.imaging.number == 3


async def test_no_label_is_shown_to_a_customer_who_waived_it(workshop: Workshop) -> None:
    workshop.imaging.label = b"labelled "
    made = await workshop.produce(REQUEST.model_copy(update={"is_label_waived": True}))
    assert (workshop.files.stored[made.file.key].data, made.plain_key) == (b"finished picture 1", "")


async def test_several_pictures_are_all_stored_and_finished(workshop: Workshop) -> None:
    workshop.model.pictures = 3
    made = await workshop.produce()
    assert [result.file.key for result in made.results] == [
        f"{FOLDER}/attempt-1-generated.png",
        f"{FOLDER}/attempt-1-2-generated.png",
        f"{FOLDER}/attempt-1-3-generated.png",
    ]
    assert [result.key for result in workshop.records.results[FIRST_CALL]] == [r.file.key for r in made.results]
    assert workshop.files.stored[f"{FOLDER}/attempt-1-2.png"].data == b"picture 1, number 2"
    again = await workshop.produce(try_number=2)
    assert (len(workshop.model.wishes), again) == (1, made)


async def test_of_several_pictures_a_broken_one_is_left_out(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = workshop.imaging.finish

    async def one_is_broken(original: EncodedImage, raw: EncodedImage, wish: Wish, _: Provenance) -> Deliverable:
        if raw.data == b"picture 1":
            raise PictureUnreadable("cut off")
        return await finish(original, raw, wish)

    workshop.model.pictures = 2
    monkeypatch.setattr(workshop.imaging, "finish", one_is_broken)
    made = await workshop.produce()
    assert (len(made.results), workshop.files.stored[made.file.key].data) == (1, b"finished picture 1, number 2")


@pytest.mark.parametrize(
    ("why", "outcome"),
    [
        (ActivityCancellationDetails(cancel_requested=True), Outcome.CALLED_OFF),
        (ActivityCancellationDetails(worker_shutdown=True), Outcome.INTERRUPTED),
    ],
)
async def test_a_call_that_is_broken_off_is_possibly_billed(
    workshop: Workshop, why: ActivityCancellationDetails, outcome: Outcome
) -> None:
    workshop.model.gate = asyncio.Event()
    env = ActivityEnvironment()
    work = asyncio.create_task(env.run(workshop.production.produce, REQUEST))
    while not workshop.model.wishes:  # noqa: ASYNC110 - the fake sets no event
        await asyncio.sleep(0)
    env.cancel(why)
    with pytest.raises(asyncio.CancelledError):
        await work
    assert workshop.records.outcomes == {FIRST_CALL: outcome}
    assert workshop.records.costs == {FIRST_CALL: COST}


async def test_a_picture_that_could_not_be_stored_was_paid_for_all_the_same(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> str:
        raise OutsideUnavailable("storage is away")

    monkeypatch.setattr(workshop.files, "put", away)
    with pytest.raises(OutsideUnavailable):
        await workshop.produce()
    assert (workshop.records.states, workshop.records.costs) == ({FIRST_CALL: "completed"}, {FIRST_CALL: COST})


AWAY = OutsideUnavailable("away")


class AwayAtFirst:
    """Lets a write fail a number of times before it works."""

    def __init__(self, write: Callable[..., Awaitable[Any]], times: int, error: Exception = AWAY) -> None:
        self.write, self.left, self.error = write, times, error

    async def __call__(self, *values: Any) -> Any:
        if self.left:
            self.left -= 1
            raise self.error
        return await self.write(*values)


@pytest.mark.parametrize(("of", "name"), [("files", "put"), ("records", "close_call")])
async def test_what_was_paid_for_is_kept_though_storage_or_database_is_away_for_a_moment(
    of: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "FIRST_WAIT", 0.001)
    patient = Workshop(patience=timedelta(minutes=1))
    port = getattr(patient, of)
    monkeypatch.setattr(port, name, AwayAtFirst(getattr(port, name), times=5))
    await patient.produce()
    assert len(patient.model.wishes) == 1
    assert patient.records.states == {FIRST_CALL: "completed"}


async def test_a_failure_is_on_record_though_the_database_is_away_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "FIRST_WAIT", 0.001)
    patient = Workshop(patience=timedelta(minutes=1))
    patient.model.failures = [ModelRefused("no such picture", Outcome.REFUSED)]
    monkeypatch.setattr(patient.records, "fail_call", AwayAtFirst(patient.records.fail_call, times=5))
    assert isinstance(await failure(patient), ModelRefused)
    assert patient.records.outcomes == {FIRST_CALL: Outcome.REFUSED}


async def test_a_picture_that_another_worker_stored_meanwhile_is_not_made_again(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one was presumed dead, and answers while this one waits for its turn."""
    open_call = workshop.records.open_call

    async def meanwhile(record: CallRecord) -> None:
        await open_call(record)
        workshop.files.stored[f"{FOLDER}/attempt-1.png"] = EncodedImage(b"of the other one", PNG)

    with monkeypatch.context() as dead:
        dead.setattr(workshop.model, "generate", AwayAtFirst(workshop.model.generate, 1, RuntimeError("killed")))
        with pytest.raises(RuntimeError):
            await workshop.produce()
    monkeypatch.setattr(workshop.records, "open_call", meanwhile)
    with pytest.raises(OutsideUnavailable):
        await workshop.produce(try_number=2)
    made = await workshop.produce(try_number=3)
    assert (workshop.model.wishes, made.call_id) == ([], FIRST_CALL)
    assert workshop.records.states == {FIRST_CALL: "completed", SECOND_CALL: "failed"}
    assert workshop.files.stored[made.file.key].data == b"finished of the other one"


WORDS = Words(
    customer_id="c1",
    acc_id="shop-1",
    acc_type="AliWorkbench",
    outbox=[
        Outgoing(
            message_id="M1",
            serial=1,
            kind="hint",
            phrase="payment_received_hint",
            fallback="payment_received",
            values={"count": "1", "minutes": "2"},
        )
    ],
)


async def test_work_that_begins_tells_what_it_takes_along(workshop: Workshop) -> None:
    made = await workshop.produce(REQUEST.model_copy(update={"words": WORDS}))
    assert made.is_told
    assert "大概2分钟" in workshop.chat.sent["M1"]


@pytest.mark.parametrize("error", [OutsideUnavailable("away"), OutsideRefused("no hints here")])
async def test_work_does_not_wait_for_a_bot_that_is_away_and_says_that_nothing_was_told(
    workshop: Workshop, error: Exception
) -> None:
    workshop.chat.failures = [error, error]  # the hint, then its fixed text
    made = await workshop.produce(REQUEST.model_copy(update={"words": WORDS}))
    assert (made.is_told, workshop.chat.sent, len(workshop.model.wishes)) == (False, {}, 1)


async def test_work_without_words_says_nothing(workshop: Workshop) -> None:
    assert not (await workshop.produce()).is_told
    assert workshop.chat.sent == {}
