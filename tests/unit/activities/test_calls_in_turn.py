"""Calls that wait for their turn, in the ledger: what was not asked of a model is no call, and costs no try."""

from datetime import timedelta

from domain.vocabulary.errors import ModelUnavailable, NotYet, OutsideUnavailable
from domain.vocabulary.model_limits import ModelLimit
from domain.vocabulary.outcomes import Outcome
from tests.unit.activities.workshop import FIRST_CALL, REQUEST, SECOND_CALL, Workshop, failure

LONG = timedelta(minutes=10)


async def test_a_step_without_a_turn_is_given_back_and_no_call_is_recorded(workshop: Workshop) -> None:
    workshop.limits["fake-image-1"] = ModelLimit(per_minute=1)
    await workshop.produce()
    error = await failure(workshop, REQUEST.model_copy(update={"attempt": 2}))
    assert (type(error), error.permanent, error.tries) == (NotYet, False, None)
    assert error.retry_after
    assert (len(workshop.model.wishes), [c.attempt for c in workshop.records.calls.values() if c.kind == "image"]) == (
        1,
        [1],
    )


async def test_what_a_provider_asked_not_to_be_sent_is_not_sent_and_counts_as_its_429(workshop: Workshop) -> None:
    workshop.model.failures = [ModelUnavailable("429", Outcome.BUSY, retry_after=LONG)]
    await failure(workshop)
    error = await failure(workshop, try_number=2)
    assert isinstance(error, ModelUnavailable)
    assert error.retry_after
    assert error.retry_after <= LONG
    assert len(workshop.model.wishes) == 1
    assert [workshop.records.outcomes[call] for call in (FIRST_CALL, SECOND_CALL)] == [Outcome.BUSY] * 2
    assert workshop.records.costs == {}


async def test_a_call_for_which_no_imaging_process_was_free_ends_without_cost(workshop: Workshop) -> None:
    workshop.model.failures = [OutsideUnavailable("no imaging process is free")]
    assert isinstance(await failure(workshop), OutsideUnavailable)
    assert (workshop.records.states[FIRST_CALL], workshop.records.outcomes[FIRST_CALL]) == (
        "failed",
        Outcome.INTERRUPTED,
    )
    assert workshop.records.costs == {}
