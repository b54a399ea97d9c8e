import inspect
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.failures import FailureInterceptor
from domain import errors
from domain.costs import Spent
from domain.phrase import said

EXPECTED = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.DarkroomError)]


class Failing(ActivityInboundInterceptor):
    """An activity that fails."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        raise self.error


async def failure_of(error: Exception, attempt: int = 1) -> ApplicationError:
    activity = FailureInterceptor().intercept_activity(Failing(error))
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, attempt=attempt)
    called = ExecuteActivityInput(fn=len, args=[], executor=None, headers={})
    with pytest.raises(ApplicationError) as caught:
        await environment.run(activity.execute_activity, called)
    return caught.value


@pytest.mark.parametrize(("kind", "tries"), [(errors.ModelUnavailable, 20), (errors.ModelAnswerUnusable, 3)])
async def test_a_model_is_given_up_after_so_many_tries(kind: type[Any], tries: int) -> None:
    assert not (await failure_of(kind("why"), attempt=tries - 1)).non_retryable
    assert (await failure_of(kind("why"), attempt=tries)).non_retryable


async def test_a_service_of_ours_is_never_given_up() -> None:
    assert not (await failure_of(errors.OutsideUnavailable("Postgres is away"), attempt=1000)).non_retryable


async def test_a_look_that_comes_too_early_is_no_failure_to_warn_of() -> None:
    assert (await failure_of(errors.NotYet("a designer has it"))).category is ApplicationErrorCategory.BENIGN
    assert (await failure_of(errors.OutsideUnavailable("away"))).category is ApplicationErrorCategory.UNSPECIFIED


@pytest.mark.parametrize("kind", EXPECTED)
async def test_every_expected_error_keeps_its_name_its_words_and_whether_it_is_permanent(
    kind: type[errors.DarkroomError],
) -> None:
    failure = await failure_of(kind("why"))
    assert (failure.type, failure.message, failure.non_retryable) == (
        kind.__name__,
        "why",
        kind.permanent or kind.tries == 1,
    )


@pytest.mark.parametrize("kind", [errors.ModelUnavailable, errors.OutsideUnavailable])
async def test_the_delay_that_was_asked_for_is_kept(kind: type[Any]) -> None:
    failure = await failure_of(kind("busy", retry_after=timedelta(seconds=42)))
    assert failure.next_retry_delay == timedelta(seconds=42)
    assert (await failure_of(kind("busy"))).next_retry_delay is None


async def test_a_delay_of_years_is_an_hour() -> None:
    failure = await failure_of(errors.ModelUnavailable("busy", retry_after=timedelta(days=3650)))
    assert failure.next_retry_delay == timedelta(hours=1)


async def test_an_unexpected_error_is_left_as_it_is() -> None:
    activity = FailureInterceptor().intercept_activity(Failing(KeyError("bug")))
    with pytest.raises(KeyError):
        await activity.execute_activity(ExecuteActivityInput(fn=len, args=[], executor=None, headers={}))


async def test_what_an_error_knows_travels_with_it() -> None:
    error = errors.ModelRefused("why")
    error.details = Spent(calls=3)
    assert (await failure_of(error)).details == (Spent(calls=3), said("outcome.refused"))


async def test_an_error_may_be_worth_more_or_fewer_tries_than_its_kind() -> None:
    error = errors.ModelUnavailable("busy")
    error.tries = 2
    assert (await failure_of(error, attempt=2)).non_retryable
    patient = errors.ModelNotSetUp("401")
    patient.tries = None
    assert not (await failure_of(patient, attempt=2000)).non_retryable
