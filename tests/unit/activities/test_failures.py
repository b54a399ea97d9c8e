import inspect
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.failures import TRIES, FailureInterceptor
from domain import errors

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


@pytest.mark.parametrize(("kind", "tries"), TRIES.items())
async def test_a_model_is_given_up_after_so_many_tries(kind: type[Any], tries: int) -> None:
    assert not (await failure_of(kind("why"), attempt=tries - 1)).non_retryable
    assert (await failure_of(kind("why"), attempt=tries)).non_retryable


async def test_a_service_of_ours_is_never_given_up() -> None:
    assert not (await failure_of(errors.OutsideUnavailable("Postgres is away"), attempt=1000)).non_retryable


@pytest.mark.parametrize("kind", EXPECTED)
async def test_every_expected_error_keeps_its_name_its_words_and_whether_it_is_permanent(
    kind: type[errors.DarkroomError],
) -> None:
    failure = await failure_of(kind("why"))
    assert (failure.type, failure.message, failure.non_retryable) == (kind.__name__, "why", kind.permanent)


@pytest.mark.parametrize("kind", [errors.ModelUnavailable, errors.OutsideUnavailable])
async def test_the_delay_that_was_asked_for_is_kept(kind: type[Any]) -> None:
    failure = await failure_of(kind("busy", retry_after=timedelta(seconds=42)))
    assert failure.next_retry_delay == timedelta(seconds=42)
    assert (await failure_of(kind("busy"))).next_retry_delay is None


async def test_an_unexpected_error_is_left_as_it_is() -> None:
    activity = FailureInterceptor().intercept_activity(Failing(KeyError("bug")))
    with pytest.raises(KeyError):
        await activity.execute_activity(ExecuteActivityInput(fn=len, args=[], executor=None, headers={}))
