"""What is remembered of an activity's tries: those that nobody foresaw are counted, and come to an end.

A try that ends with an error we know says what is to be done. One that ends with another error is a bug of ours or of
a library; one that ends without a word was cut off in time, or its worker died. Temporal counts all of them together,
so what tells them apart is kept in the heartbeat details, which a try hands on to the next one.
"""

from dataclasses import dataclass, replace
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityOutboundInterceptor

BUGS = 5  # tries in a row that end with an error that nobody foresaw: half a minute to two minutes
SILENT = 20  # tries in a row that end without a word: workers may be restarted often, and die of other things
RARELY = 10  # tries between two notes that all is as foreseen: what waits for days must not cost a heartbeat each time
MARK = "darkroom_tries"


@dataclass(frozen=True)
class Tally:
    """What is known of the tries so far."""

    last_known: int = 0  # the last try of which it is known how it ended
    bugs: int = 0  # in a row

    @property
    def lost(self) -> int:
        """How many tries ended without a word since."""
        return activity.info().attempt - 1 - self.last_known

    def after_known_error(self) -> "Tally | None":
        """Return what is to be remembered after an error that we know; None where that can wait."""
        this = activity.info().attempt
        return Tally(this) if self.bugs or this - self.last_known >= RARELY else None

    def after_bug(self) -> "Tally":
        """Return what is to be remembered after an error that nobody foresaw."""
        return Tally(activity.info().attempt, self.bugs + 1)


class TallyKeeper(ActivityOutboundInterceptor):
    """Keeps the tally behind whatever an activity itself hands on by its heartbeats."""

    def __init__(self, next: ActivityOutboundInterceptor) -> None:  # noqa: A002 - the SDK's name
        super().__init__(next)
        self.tally = _read(next.info().heartbeat_details)
        self._handed_on: tuple[Any, ...] = tuple(self.info().heartbeat_details)

    def info(self) -> activity.Info:
        """Return what is known of the activity, with its own details alone."""
        info = super().info()
        return replace(info, heartbeat_details=[one for one in info.heartbeat_details if not _is_tally(one)])

    def heartbeat(self, *details: Any) -> None:
        """Hand the details on, with the tally where there is something to remember."""
        self._handed_on = details
        kept = [{MARK: [self.tally.last_known, self.tally.bugs]}] if self.tally != Tally() else []
        super().heartbeat(*details, *kept)

    def remember(self, tally: Tally) -> None:
        """Hand this on to the next try, with what the activity itself handed on last."""
        self.tally = tally
        self.heartbeat(*self._handed_on)


def _read(details: Any) -> Tally:
    return next((Tally(*one[MARK]) for one in details if _is_tally(one)), Tally())


def _is_tally(detail: Any) -> bool:
    return isinstance(detail, dict) and isinstance(detail.get(MARK), list)
