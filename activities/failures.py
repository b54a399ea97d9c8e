"""Errors become Temporal's: the one place that says what is tried again, when, and for how long.

Their details are what the error holds for the workflow, and why it happened as a phrase for people.
"""

import asyncio
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

from activities.tries import BUGS, SILENT, TallyKeeper
from domain.attempts.work import IS_SHARED
from domain.texts.masking import redacted
from domain.texts.phrase import Said, mapped, said
from domain.vocabulary.errors import DarkroomError, NotYet, Unforeseen

LONGEST_DELAY = timedelta(hours=1)  # a provider may ask for years
ALONE = 20  # tries at a service that serves others meanwhile: a quarter to half an hour
TIME_SHARE = 0.95  # of the time that a try has: it ends by itself, with a word, before Temporal gives it up
LONGEST_TEXT = 500  # of an error that nobody foresaw


class FailureInterceptor(Interceptor):
    """Translates every error that leaves an activity; none holds an address or a link of a customer."""

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
            raise _final_failure(f"{SILENT} tries ended without a word: each was cut off in time, or its worker died")
        try:
            async with asyncio.timeout(_time_limit()):
                return await super().execute_activity(input)
        except DarkroomError as error:
            self._remember(is_known=True)
            raise _known_failure(error) from None  # its causes may quote whom it is about
        except ApplicationError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it must come to an end
            bugs = self._remember(is_known=False)
            raise (_final_failure(_describe(error)) if bugs >= BUGS else _retryable_bug(error)) from None

    def _remember(self, *, is_known: bool) -> int:
        """Note how this try ended; return how many ended with a bug in a row."""
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
    """Return why, for people, without addresses and links of customers."""
    told = mapped(error.told, redacted)
    assert isinstance(told, Said)
    return told


def _retryable_bug(error: Exception) -> ApplicationError:
    return ApplicationError(_describe(error), type=type(error).__name__)


def _final_failure(words: str) -> ApplicationError:
    told = said("error.unforeseen", detail=words)
    return ApplicationError(words, None, told, type=Unforeseen.__name__, non_retryable=True)


def _describe(error: Exception) -> str:
    """Say what it is and where it came from: the cause itself does not travel, it may quote customers."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})" if frames else ""
    return f"{redacted(f'{type(error).__name__}: {error}')[:LONGEST_TEXT]}{where}"


def is_last_try(error: DarkroomError) -> bool:
    """Whether no further try follows: for a model after so many tries, and for what fails while others are served.

    Never for a service of ours that is away from all: its end is waited for, and staff hear of it once.
    """
    most = ALONE if error.is_alone else error.tries
    return error.permanent or (most is not None and activity.info().attempt >= most)


def _category(error: DarkroomError) -> ApplicationErrorCategory:
    """A look that comes too early is no failure: it is neither warned of nor counted as one."""
    return ApplicationErrorCategory.BENIGN if isinstance(error, NotYet) else ApplicationErrorCategory.UNSPECIFIED
