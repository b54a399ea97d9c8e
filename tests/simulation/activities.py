"""One try of an activity: the real code, through the real interceptor of failures, on the fakes of the outside."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from temporalio import activity
from temporalio.api.failure.v1 import Failure
from temporalio.bridge.proto.activity_result import activity_result_pb2 as result_proto
from temporalio.bridge.proto.workflow_commands import workflow_commands_pb2 as command_proto
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError, TimeoutType
from temporalio.exceptions import CancelledError as TemporalCancelled
from temporalio.exceptions import TimeoutError as TemporalTimeout
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ActivityOutboundInterceptor, ExecuteActivityInput

from activities.failures import FailureInterceptor
from starter.client import CONVERTER
from tests.simulation.runs import LOOP, Run

Resolution = result_proto.ActivityResolution
LONGEST_TRY = 5  # seconds of real time: fakes answer at once


@dataclass
class Scheduled:
    """An activity that a run has scheduled."""

    run: Run
    command: command_proto.ScheduleActivity
    scheduled_at: datetime
    attempt: int = 1
    not_before: datetime | None = None
    details: list[Any] = field(default_factory=list)  # of its last heartbeat
    is_called_off: bool = False

    @property
    def name(self) -> str:
        """The activity's name."""
        return self.command.activity_type

    def resolution_of(self, result: Any) -> Resolution:
        """Return the resolution of a try that ended well."""
        (payload,) = CONVERTER.payload_converter.to_payloads([result])
        return Resolution(completed=result_proto.Success(result=payload))

    def cancellation(self) -> Resolution:
        """Return the resolution of an activity that was called off."""
        return Resolution(cancelled=result_proto.Cancellation(failure=self._failure(TemporalCancelled("called off"))))

    def after(self, error: ApplicationError | None, now: datetime) -> Resolution | None:
        """Return the resolution after a failed try, None if it is tried again later; no error means a lost worker."""
        policy = RetryPolicy.from_proto(self.command.retry_policy)
        cause = error or TemporalTimeout("no heartbeat", type=TimeoutType.HEARTBEAT, last_heartbeat_details=[])
        is_last = bool(policy.maximum_attempts and self.attempt >= policy.maximum_attempts)
        is_final = isinstance(cause, ApplicationError) and (
            cause.non_retryable or cause.type in (policy.non_retryable_error_types or ())
        )
        wait = self._pause(policy, error)
        longest = self.command.schedule_to_close_timeout
        is_late = bool(longest.ToTimedelta()) and now + wait > self.scheduled_at + longest.ToTimedelta()
        if is_last or is_final or is_late:
            return Resolution(failed=result_proto.Failure(failure=self._failure(cause)))
        self.attempt += 1
        self.not_before = now + wait
        return None

    def _pause(self, policy: RetryPolicy, error: ApplicationError | None) -> timedelta:
        if error and error.next_retry_delay:
            return error.next_retry_delay
        pause = policy.initial_interval * policy.backoff_coefficient ** min(self.attempt - 1, 30)
        return min(pause, policy.maximum_interval or pause)

    def _failure(self, cause: BaseException) -> Failure:
        failure = Failure(message="activity failed")
        failure.activity_failure_info.activity_type.name = self.name
        failure.activity_failure_info.activity_id = self.command.activity_id
        CONVERTER.failure_converter.to_failure(cause, CONVERTER.payload_converter, failure.cause)
        return failure

    def perform(self, function: Callable[..., Any], now: datetime) -> Any:
        """Run the activity once, with all its effects, and return its result. Raises ApplicationError."""
        definition = activity._Definition.must_from_callable(function)
        arguments = CONVERTER.payload_converter.from_payloads(list(self.command.arguments), definition.arg_types)
        environment = ActivityEnvironment()
        environment.payload_converter = CONVERTER.payload_converter
        environment.on_heartbeat = self._beat
        environment.info = replace(
            environment.info, attempt=self.attempt, activity_type=self.name, activity_id=self.command.activity_id,
            workflow_id=self.run.workflow_id, workflow_type=self.run.kind, scheduled_time=self.scheduled_at,
            started_time=now, current_attempt_scheduled_time=now, heartbeat_details=self.details,
            start_to_close_timeout=self.command.start_to_close_timeout.ToTimedelta(),
        )  # fmt: skip

        async def through_interceptors() -> Any:
            inbound = FailureInterceptor().intercept_activity(_Innermost())
            outbound = _Outermost(environment)
            inbound.init(outbound)
            environment.info = outbound.seen_through(inbound)
            asked = ExecuteActivityInput(fn=function, args=arguments, executor=None, headers={})
            return await asyncio.wait_for(inbound.execute_activity(asked), LONGEST_TRY)

        return LOOP.run_until_complete(environment.run(through_interceptors))

    def _beat(self, *details: Any) -> None:
        self.details = list(details)


class _Innermost(ActivityInboundInterceptor):
    """Runs the function; keeps the outbound interceptors of those before it."""

    def __init__(self) -> None:
        self.outbound: ActivityOutboundInterceptor | None = None

    def init(self, outbound: ActivityOutboundInterceptor) -> None:
        self.outbound = outbound

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        return await input.fn(*input.args)


class _Outermost(ActivityOutboundInterceptor):
    """Info and heartbeats as the server knows them."""

    def __init__(self, environment: ActivityEnvironment) -> None:
        self._environment, self._info, self._beat = environment, environment.info, environment.on_heartbeat

    def info(self) -> activity.Info:
        return self._info

    def heartbeat(self, *details: Any) -> None:
        self._beat(*details)

    def seen_through(self, inbound: ActivityInboundInterceptor) -> activity.Info:
        """Let the activity see info and heartbeats through the interceptors, and return that info."""
        innermost: Any = inbound
        while not isinstance(innermost, _Innermost):
            innermost = innermost.next
        assert innermost.outbound is not None
        self._environment.on_heartbeat = innermost.outbound.heartbeat
        return innermost.outbound.info()
