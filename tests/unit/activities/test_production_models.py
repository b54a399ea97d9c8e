"""Which model makes a picture, what it is sent, how often it is tried, and what that may cost."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.attempts.work import Trouble
from domain.order.picture import Choice
from domain.ports import EncodedImage, InputLimits
from domain.vocabulary.errors import (
    CostLimitReached,
    DarkroomError,
    ModelNotSetUp,
    ModelRefused,
    ModelUnavailable,
    PictureUnreadable,
)
from domain.vocabulary.outcomes import Outcome
from tests.unit.activities.workshop import REQUEST, Workshop, failure


async def test_a_model_is_sent_no_more_than_it_takes(workshop: Workshop) -> None:
    workshop.model.takes = InputLimits(most_bytes=3)
    await workshop.produce()
    assert [sent.data for sent in workshop.model.sent] == [b"ori"]
    workshop.model.takes = InputLimits(most_bytes=8)
    await workshop.produce(REQUEST.model_copy(update={"attempt": 2}))
    assert workshop.model.sent[1].data == b"original"


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


OTHER = Choice(provider="other", model="other-image")


async def test_the_chosen_model_makes_it_and_one_that_is_gone_is_replaced_by_the_usual_one(workshop: Workshop) -> None:
    made = await workshop.produce(REQUEST.model_copy(update={"choice": OTHER}))
    assert (made.provider, made.choice) == ("other", OTHER)
    gone = Choice(provider="gone", model="model-of-yesterday")
    made = await workshop.produce(REQUEST.model_copy(update={"choice": gone, "attempt": 2}))
    assert made.choice == Choice(provider="fake", model="fake-image-1")


async def test_an_order_learns_the_models_of_the_day(workshop: Workshop) -> None:
    assert (await workshop.produce()).lineup == workshop.lineup


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
