"""Turning errors into Temporal's: the only place that decides what is retried, when, and for how long.

The details of a failure are what the error holds for the workflow, and the reason as a phrase for people.
"""

import asyncio
import errno
import traceback
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.worker import (
    ActivityInboundInterceptor,
    ActivityOutboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)

from activities.tallies import BUGS, SILENT, TallyKeeper
from domain.attempts.work import IS_SHARED
from domain.texts.masking import redacted
from domain.texts.phrase import Said, mapped, said
from domain.vocabulary.errors import DarkroomError, NotYet, OutsideUnavailable, Unforeseen, away

LONGEST_DELAY = timedelta(hours=1)  # a provider may ask for years
ALONE = 20  # attempts at a service that works for others meanwhile: 15 to 30 minutes
TIME_SHARE = 0.95  # of the start-to-close timeout: an attempt fails with an error before Temporal times it out
LONGEST_TEXT = 500  # of an unexpected error
# What this machine lacks, such as room on its disk, is no bug: it is waited for, and the worker's probes tell staff.
OF_THIS_MACHINE = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EIO,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.EAGAIN,
}


class FailureInterceptor(Interceptor):
    """Translates every error that leaves an activity, masking addresses and links of customers."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        """Wrap an activity."""
        return _Translating(next)


class _Translating(ActivityInboundInterceptor):
    memory: TallyKeeper | None = None

    def init(self, outbound: ActivityOutboundInterceptor) -> None:
        self.memory = TallyKeeper(outbound)
        super().init(self.memory)

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        if self.memory and self.memory.tally.lost >= SILENT:
            raise _final_failure(f"{SILENT} tries ended without a result: each timed out, or its worker died")
        try:
            async with asyncio.timeout(_time_limit()):
                return await self._execute(input)
        except DarkroomError as error:
            self._remember(is_known=True)
            raise _known_failure(error) from None  # its causes may contain personal data
        except ApplicationError:
            raise
        except Exception as error:  # noqa: BLE001 - retries of any error must be limited
            bugs = self._remember(is_known=False)
            raise (_final_failure(_describe(error)) if bugs >= BUGS else _retryable_bug(error)) from None

    async def _execute(self, called: ExecuteActivityInput) -> Any:
        try:
            return await super().execute_activity(called)
        except OSError as error:
            if error.errno not in OF_THIS_MACHINE:
                raise
            raise OutsideUnavailable(_describe(error), why=away("machine", error.strerror or "")) from error

    def _remember(self, *, is_known: bool) -> int:
        """Record how this attempt ended, and return how many in a row ended with a bug."""
        if self.memory is None:
            return 1
        tally = self.memory.tally.after_known_error() if is_known else self.memory.tally.after_bug()
        if tally and tally.bugs < BUGS:
            self.memory.remember(tally)
        return tally.bugs if tally else 0


def _time_limit() -> float | None:
    given = activity.info().start_to_close_timeout
    return given.total_seconds() * TIME_SHARE if given else None


def _known_failure(error: DarkroomError) -> ApplicationError:
    return ApplicationError(
        redacted(str(error)),
        error.details,
        masked_reason(error),
        *([IS_SHARED] if error.is_alone is False else []),
        type=type(error).__name__,
        non_retryable=is_last_try(error),
        category=_category(error),
        next_retry_delay=min(error.retry_after, LONGEST_DELAY) if error.retry_after else None,
    )


def masked_reason(error: DarkroomError) -> Said:
    """Return the reason, worded for people, without addresses and links of customers."""
    told = mapped(error.told, redacted)
    assert isinstance(told, Said)
    return told


def _retryable_bug(error: Exception) -> ApplicationError:
    return ApplicationError(_describe(error), type=type(error).__name__)


def _final_failure(words: str) -> ApplicationError:
    told = said("error.unforeseen", detail=words)
    return ApplicationError(words, None, told, type=Unforeseen.__name__, non_retryable=True)


def _describe(error: Exception) -> str:
    """Return the type, message and place of an error. Its cause is left out, since it may contain personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})" if frames else ""
    return f"{redacted(f'{type(error).__name__}: {error}')[:LONGEST_TEXT]}{where}"


def is_last_try(error: DarkroomError) -> bool:
    """Whether no retry follows: after the limit of a model error, or of a service that works for others meanwhile.

    Never for a service that is unavailable to all: activities wait for it, and staff are told once.
    """
    most = ALONE if error.is_alone else error.tries
    return error.permanent or (most is not None and activity.info().attempt >= most)


def _category(error: DarkroomError) -> ApplicationErrorCategory:
    """Return `BENIGN` for a look that came too early, so that it is neither logged nor counted as a failure."""
    return ApplicationErrorCategory.BENIGN if isinstance(error, NotYet) else ApplicationErrorCategory.UNSPECIFIED
