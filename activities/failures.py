"""Errors of the domain become Temporal's: the one place that says what is tried again, and when."""

from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from domain.errors import DarkroomError, ModelAnswerUnusable, ModelUnavailable

TRIES: dict[type[DarkroomError], int] = {
    ModelUnavailable: 20,  # half an hour at 2, 4, 8 ... 64 seconds, then two minutes
    ModelAnswerUnusable: 3,  # each was paid for
}


class FailureInterceptor(Interceptor):
    """Translates every DarkroomError that leaves an activity."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        """Wrap an activity."""
        return _Translating(next)


class _Translating(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        try:
            return await super().execute_activity(input)
        except DarkroomError as error:
            raise ApplicationError(
                str(error),
                type=type(error).__name__,
                non_retryable=_is_final(error),
                next_retry_delay=error.retry_after,
            ) from error


def _is_final(error: DarkroomError) -> bool:
    """Whether no further try follows: never for a service of ours that is away, for a model after so many tries."""
    tries = next((tries for kind, tries in TRIES.items() if isinstance(error, kind)), None)
    return error.permanent or (tries is not None and activity.info().attempt >= tries)
