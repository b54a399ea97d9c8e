import asyncio
import errno
import inspect
import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.activity import Info
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ActivityOutboundInterceptor, ExecuteActivityInput

from activities.failures import OF_THIS_MACHINE, FailureInterceptor
from activities.tallies import BUGS, SILENT
from domain.texts.catalogue import TEXTS
from domain.texts.phrase import said
from domain.vocabulary import errors
from domain.vocabulary.costs import Spent

EXPECTED = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.DarkroomError)]


class Failing(ActivityInboundInterceptor):
    """An activity that fails."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def init(self, outbound: ActivityOutboundInterceptor) -> None:
        """It has nothing to tell."""

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


def handed_on(heartbeats: list[Any]) -> list[Any]:
    return list(heartbeats[-1]) if heartbeats else []


async def ends_of(*errors_of_tries: Exception | None) -> list[ApplicationError]:
    """Let an activity fail so, try by try; None is one that ends without a word. Return the failures."""
    failures, details = [], list[Any]()
    for attempt, error in enumerate(errors_of_tries, 1):
        if error is None:
            continue
        environment, heartbeats = ActivityEnvironment(), list[Any]()
        info = replace(environment.info, attempt=attempt, heartbeat_details=details)
        environment.info = info
        activity = FailureInterceptor().intercept_activity(Failing(error))
        activity.init(Outside(info, heartbeats))
        called = ExecuteActivityInput(fn=len, args=[], executor=None, headers={})
        with pytest.raises(ApplicationError) as caught:
            await environment.run(activity.execute_activity, called)
        failures.append(caught.value)
        details = handed_on(heartbeats) or details
    return failures


class Outside(ActivityOutboundInterceptor):
    """What a worker gives an activity to speak to Temporal with."""

    def __init__(self, info: Info, heartbeats: list[Any]) -> None:
        self._info, self._heartbeats = info, heartbeats

    def info(self) -> Info:
        return self._info

    def heartbeat(self, *details: Any) -> None:
        self._heartbeats.append(details)


AWAY, BUG = errors.OutsideUnavailable("away"), KeyError("bug")


async def test_what_nobody_foresaw_ends_after_so_many_tries_in_a_row() -> None:
    *before, last = await ends_of(*[BUG] * BUGS)
    assert not any(failure.non_retryable for failure in before)
    assert (last.type, last.non_retryable) == ("Unforeseen", True)
    assert last.message.startswith("KeyError: 'bug' (")


@pytest.mark.parametrize("lacking", sorted(OF_THIS_MACHINE), ids=errno.errorcode.get)
async def test_what_the_machine_lacks_is_waited_for_as_long_as_it_takes(lacking: int) -> None:
    failures = await ends_of(*[OSError(lacking, os.strerror(lacking), "/tmp/secret name")] * 3 * BUGS)
    assert {(failure.type, failure.non_retryable) for failure in failures} == {("OutsideUnavailable", False)}
    assert os.strerror(lacking) in TEXTS["zh"].say(failures[0].details[1])


async def test_a_file_that_is_missing_is_a_bug() -> None:
    last = (await ends_of(*[FileNotFoundError(errno.ENOENT, "No such file")] * BUGS))[-1]
    assert (last.type, last.non_retryable) == ("Unforeseen", True)


async def test_an_outage_between_bugs_begins_the_count_anew() -> None:
    tries = [BUG] * (BUGS - 1) + [AWAY] + [BUG] * (BUGS - 1)
    assert not any(failure.non_retryable for failure in await ends_of(*tries))


async def test_an_outage_of_days_before_a_bug_counts_for_nothing() -> None:
    assert not any(failure.non_retryable for failure in await ends_of(*[AWAY] * 500, BUG))


async def test_tries_that_end_without_a_word_come_to_an_end() -> None:
    (failure,) = await ends_of(*[None] * SILENT, AWAY)
    assert (failure.type, failure.non_retryable) == ("Unforeseen", True)
    (failure,) = await ends_of(*[None] * (SILENT - 1), AWAY)
    assert failure.type == "OutsideUnavailable"


async def test_a_try_that_never_ends_is_ended_in_time_with_a_word() -> None:
    class Hanging(ActivityInboundInterceptor):
        async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
            await asyncio.Event().wait()

    environment = ActivityEnvironment()
    environment.info = replace(environment.info, start_to_close_timeout=timedelta(seconds=0.02))
    activity = FailureInterceptor().intercept_activity(Hanging(Failing(BUG)))
    called = ExecuteActivityInput(fn=len, args=[], executor=None, headers={})
    with pytest.raises(ApplicationError, match="TimeoutError"):
        await environment.run(activity.execute_activity, called)


async def test_no_failure_tells_an_address_or_where_a_link_leads() -> None:
    quoting = "550 <wang@example.com> https://shop.example/d/secret"
    for error in (errors.OutsideUnavailable(quoting), ValueError(quoting)):
        failure = await failure_of(error)
        assert "w…@example.com" in failure.message
        assert "https://shop.example/…" in failure.message
        assert (failure.cause, "wang" in str(failure), "secret" in str(failure)) == (None, False, False)


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
