"""Errors of the domain become Temporal's: the one place that says what is tried again, and when."""

from typing import Any

from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from domain.errors import DarkroomError


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
                str(error), type=type(error).__name__, non_retryable=error.permanent, next_retry_delay=error.retry_after
            ) from error
