"""Errors of the domain become Temporal's: the one place that says what is tried again, and when.

Their details are what the error holds for the workflow, and why it happened as a phrase for people.
"""

from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from domain.errors import DarkroomError, NotYet

LONGEST_DELAY = timedelta(hours=1)  # a provider may ask for years


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
                error.details,
                error.told,
                type=type(error).__name__,
                non_retryable=is_last_try(error),
                category=_category(error),
                next_retry_delay=min(error.retry_after, LONGEST_DELAY) if error.retry_after else None,
            ) from error


def is_last_try(error: DarkroomError) -> bool:
    """Whether no further try follows: never for a service of ours that is away, for a model after so many tries."""
    return error.permanent or (error.tries is not None and activity.info().attempt >= error.tries)


def _category(error: DarkroomError) -> ApplicationErrorCategory:
    """A look that comes too early is no failure: it is neither warned of nor counted as one."""
    return ApplicationErrorCategory.BENIGN if isinstance(error, NotYet) else ApplicationErrorCategory.UNSPECIFIED
