import asyncio
import dataclasses
from datetime import timedelta
from decimal import Decimal

import pytest
from temporalio.activity import ActivityCancellationDetails
from temporalio.testing import ActivityEnvironment

from activities.call_recorder import CallRecorder
from activities.production import Production
from activities.speaking import Speaking
from domain.attempts.work import Produced, ProduceInput, Trouble, Words
from domain.order.lineup import Lineup, Offer
from domain.order.picture import Choice
from domain.ports import Deliverable, EncodedImage, InputLimits, Wish
from domain.vocabulary.costs import Costs
from domain.vocabulary.errors import (
    CostLimitReached,
    DarkroomError,
    ModelAnswerUnusable,
    ModelNotSetUp,
    ModelRefused,
    ModelUnavailable,
    OutsideRefused,
    OutsideUnavailable,
    PictureUnreadable,
)
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Operation, TargetSize
from domain.vocabulary.trail import Outgoing
from tests.fakes import COST, PNG, DefaultPhrases, FakeChat, FakeFiles, FakeImaging, FakeModel, FakeRecords
from tests.unit.domain.making import stored

FOLDER = "task-history/c1/TASK_20261122_7K3F9Q_1"
REQUEST = ProduceInput(
    task_id="TASK_20261122_7K3F9Q_1",
    folder=FOLDER,
    attempt=1,
    original=stored(f"{FOLDER}/original.png"),
    operation=Operation.ENHANCE,
    prompt="sharper",
    aspect_ratio="4:3",
)
FIRST_CALL, SECOND_CALL = "TASK_20261122_7K3F9Q_1-A1.1", "TASK_20261122_7K3F9Q_1-A1.2"


class Workshop:
    """Production on fakes."""

    def __init__(self) -> None:
        self.files, self.model, self.imaging, self.records = FakeFiles(), FakeModel(), FakeImaging(), FakeRecords()
        self.files.stored[REQUEST.original.key] = EncodedImage(b"original", PNG)
        self.stronger, self.other = FakeModel(model="fake-image-2"), FakeModel("other", "other-image")
        self.chat = FakeChat()
        self.lineup = Lineup(
            offers=[
                Offer(provider="fake", model="fake-image-1", cost=COST),
                Offer(provider="other", model="other-image"),
            ],
            cost_limit=Decimal(2),
        )
        self.production = Production(
            self.files,
            [self.model, self.stronger, self.other],
            self.imaging,
            self.records,
            CallRecorder(self.records, Costs()),
            self.lineup,
            Speaking(self.chat, DefaultPhrases(), self.files),
        )

    async def produce(self, request: ProduceInput = REQUEST, try_number: int = 1) -> Produced:
        env = ActivityEnvironment()
        env.info = dataclasses.replace(env.info, attempt=try_number)
        return await env.run(self.production.produce, request)


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()


async def test_an_attempt_stores_the_raw_picture_the_file_and_the_preview(workshop: Workshop) -> None:
    made = await workshop.produce()
    assert set(workshop.files.stored) == {
        f"{FOLDER}/original.png",
        f"{FOLDER}/attempt-1.png",
        f"{FOLDER}/attempt-1-generated.png",
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


async def test_a_model_is_sent_no_more_than_it_takes(workshop: Workshop) -> None:
    workshop.model.takes = InputLimits(most_bytes=3)
    await workshop.produce()
    assert [sent.data for sent in workshop.model.sent] == [b"ori"]
    workshop.model.takes = InputLimits(most_bytes=8)
    await workshop.produce(REQUEST.model_copy(update={"attempt": 2}))
    assert workshop.model.sent[1].data == b"original"


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


@pytest.mark.parametrize("step", ["finish", "inspect", "preview"])
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


@pytest.mark.parametrize(
    ("takes", "is_copied"),
    [
        (InputLimits(most_pixels=64 * 48), False),
        (InputLimits(most_pixels=64 * 48 - 1), True),
        (InputLimits(widest=2), False),
        (InputLimits(widest=1.2), True),
    ],
)
async def test_a_picture_that_a_model_does_not_take_is_sent_as_one_that_it_does(
    workshop: Workshop, takes: InputLimits, is_copied: bool
) -> None:
    workshop.model.takes = takes
    await workshop.produce()
    assert (workshop.model.sent[0].content_type == "image/jpeg") is is_copied
    assert getattr(workshop.imaging, "asked_ratio", None) == ("4:3" if is_copied else None)


async def test_a_picture_that_no_copy_fits_goes_to_another_model(workshop: Workshop) -> None:
    workshop.model.takes = InputLimits(widest=0.4)
    error = await failure(workshop)
    assert (type(error), error.details.outcome) == (ModelRefused, Outcome.BAD_INPUT)
    assert (workshop.model.wishes, workshop.records.calls) == ([], {})


async def test_a_picture_that_cannot_be_made_smaller_for_a_model_is_not_sent_to_it(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def too_much(*_: object) -> EncodedImage:
        raise PictureUnreadable("too slow", "too_much_work", seconds=60)

    workshop.model.takes = InputLimits(most_bytes=3)
    monkeypatch.setattr(workshop.imaging, "reduced", too_much)
    error = await failure(workshop)
    assert (type(error), error.permanent, error.told.phrase) == (ModelRefused, True, "picture.too_much_work")
    assert (workshop.model.wishes, workshop.records.calls) == ([], {})


async def test_a_file_that_is_no_picture_for_people_gets_a_view_beside_it(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def layers(_: EncodedImage, raw: EncodedImage, __: Wish) -> Deliverable:
        return Deliverable(EncodedImage(b"8BPS", "image/vnd.adobe.photoshop"), raw, "psd")

    monkeypatch.setattr(workshop.imaging, "finish", layers)
    made = await workshop.produce()
    assert made.file.key.endswith("/attempt-1-generated.psd")
    assert made.view_key.endswith("/attempt-1-view.png")


async def failure(workshop: Workshop, request: ProduceInput = REQUEST, try_number: int = 1) -> DarkroomError:
    with pytest.raises(DarkroomError) as raised:
        await workshop.produce(request, try_number)
    return raised.value


OTHER = Choice(provider="other", model="other-image")


async def test_the_chosen_model_makes_it_and_one_that_is_gone_is_replaced_by_the_usual_one(workshop: Workshop) -> None:
    made = await workshop.produce(REQUEST.model_copy(update={"choice": OTHER}))
    assert (made.provider, made.choice) == ("other", OTHER)
    gone = Choice(provider="gone", model="model-of-yesterday")
    made = await workshop.produce(REQUEST.model_copy(update={"choice": gone, "attempt": 2}))
    assert made.choice == Choice(provider="fake", model="fake-image-1")


async def test_an_order_learns_the_models_of_the_day(workshop: Workshop) -> None:
    assert (await workshop.produce()).lineup == workshop.lineup


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

    async def one_is_broken(original: EncodedImage, raw: EncodedImage, wish: Wish) -> Deliverable:
        if raw.data == b"picture 1":
            raise PictureUnreadable("cut off")
        return await finish(original, raw, wish)

    workshop.model.pictures = 2
    monkeypatch.setattr(workshop.imaging, "finish", one_is_broken)
    made = await workshop.produce()
    assert (len(made.results), workshop.files.stored[made.file.key].data) == (1, b"finished picture 1, number 2")


async def test_a_failure_tells_what_the_next_choice_must_know(workshop: Workshop) -> None:
    workshop.model.failures = [ModelRefused("no", Outcome.FORBIDDEN)]
    trouble = (await failure(workshop)).details
    assert isinstance(trouble, Trouble)
    assert (trouble.outcome, trouble.choice.model, trouble.lineup) == (
        Outcome.FORBIDDEN,
        "fake-image-1",
        workshop.lineup,
    )
    assert trouble.spent.calls == 1


AWAY, LONG_REST = ModelUnavailable("503"), ModelUnavailable("429", Outcome.BUSY, retry_after=timedelta(minutes=2))
SHORT_REST, NOT_SET_UP = ModelUnavailable("429", Outcome.BUSY, retry_after=timedelta(minutes=1)), ModelNotSetUp("401")


@pytest.mark.parametrize(
    ("error", "tried", "patient", "tries"),
    [
        (AWAY, [], False, 4),
        (AWAY, ["other"], False, 20),
        (SHORT_REST, [], False, 4),
        (LONG_REST, [], False, 1),
        (LONG_REST, ["other"], False, 20),
        (NOT_SET_UP, [], False, 1),
        (NOT_SET_UP, ["other"], False, 1),
        (NOT_SET_UP, [], True, 1),
    ],
)
async def test_how_often_a_model_is_tried_depends_on_who_could_take_over(
    workshop: Workshop, error: DarkroomError, tried: list[str], patient: bool, tries: int
) -> None:
    choice = Choice(provider="fake", model="fake-image-1", is_patient=patient)
    request = REQUEST.model_copy(update={"choice": choice, "tried": tried})
    workshop.model.failures = [error] * tries
    for number in range(1, tries + 1):
        assert (await failure(workshop, request, number)).permanent is (number == tries)


async def test_a_key_is_waited_for_as_long_as_it_takes_and_what_comes_then_counts_by_itself(
    workshop: Workshop,
) -> None:
    choice = Choice(provider="fake", model="fake-image-1", is_patient=True)
    request = REQUEST.model_copy(update={"choice": choice, "tried": ["other"]})
    workshop.model.failures = [*[NOT_SET_UP] * 40, AWAY]
    for number in range(1, 42):
        assert not (await failure(workshop, request, number)).permanent


async def test_who_is_too_dear_cannot_take_over(workshop: Workshop) -> None:
    workshop.lineup.offers[1].cost = Decimal(9)
    workshop.model.failures = [AWAY] * 4
    for number in range(1, 5):
        assert not (await failure(workshop, REQUEST, number)).permanent


async def test_calls_that_may_be_billed_count_against_the_limit_before_the_next_is_made(workshop: Workshop) -> None:
    workshop.model.failures = [ModelUnavailable("hung", Outcome.TIMED_OUT, possibly_billed=True)] * 9
    for number in range(1, 5):
        with pytest.raises(ModelUnavailable):
            await workshop.produce(try_number=number)
    with pytest.raises(CostLimitReached, match=r"2\.00 spent, 0\.50 more would pass 2") as raised:
        await workshop.produce(try_number=5)
    assert raised.value.details.outcome is Outcome.TOO_DEAR
    assert len(workshop.model.wishes) == 4
    forced = REQUEST.model_copy(update={"is_unlimited": True})
    with pytest.raises(ModelUnavailable):
        await workshop.produce(forced, try_number=6)


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
