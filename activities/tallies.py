"""Counting an activity's attempts by how they ended, so that unexpected errors are not retried forever.

An attempt that ends with a known error says what to do. One that ends with any other error hit a bug, ours or a
library's. One that ends without a result timed out, or its worker died. Temporal counts all of them together, so
the separate counts are kept in the heartbeat details, which an attempt passes on to the next one.
"""

from dataclasses import dataclass, replace
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityOutboundInterceptor

BUGS = 5  # attempts in a row that end with an unexpected error: half a minute to two minutes
SILENT = 20  # attempts in a row without a result: workers may restart often, or die for other reasons
RARELY = 10  # attempts between two records of known errors: long waits should not cost a heartbeat each
MARK = "darkroom_tries"


@dataclass(frozen=True)
class Tally:
    """What is known about the attempts so far."""

    last_known: int = 0  # the last attempt whose outcome is known
    bugs: int = 0  # in a row

    @property
    def lost(self) -> int:
        """How many attempts since then ended without a result."""
        return activity.info().attempt - 1 - self.last_known

    def after_known_error(self) -> "Tally | None":
        """Return the tally after a known error, or None if recording it can wait."""
        this = activity.info().attempt
        return Tally(this) if self.bugs or this - self.last_known >= RARELY else None

    def after_bug(self) -> "Tally":
        """Return the tally after an unexpected error."""
        return Tally(activity.info().attempt, self.bugs + 1)


class TallyKeeper(ActivityOutboundInterceptor):
    """Appends the tally to the heartbeat details of the activity itself."""

    def __init__(self, next: ActivityOutboundInterceptor) -> None:  # noqa: A002 - the SDK's name
        super().__init__(next)
        self.tally = _read(next.info().heartbeat_details)
        self._handed_on: tuple[Any, ...] = tuple(self.info().heartbeat_details)

    def info(self) -> activity.Info:
        """Return the info of the activity, with only its own heartbeat details."""
        info = super().info()
        return replace(info, heartbeat_details=[one for one in info.heartbeat_details if not _is_tally(one)])

    def heartbeat(self, *details: Any) -> None:
        """Send a heartbeat with the details, and with the tally unless it is empty."""
        self._handed_on = details
        kept = [{MARK: [self.tally.last_known, self.tally.bugs]}] if self.tally != Tally() else []
        super().heartbeat(*details, *kept)

    def remember(self, tally: Tally) -> None:
        """Pass the tally on to the next attempt, with the activity's own last details."""
        self.tally = tally
        self.heartbeat(*self._handed_on)


def _read(details: Any) -> Tally:
    return next((Tally(*one[MARK]) for one in details if _is_tally(one)), Tally())


def _is_tally(detail: Any) -> bool:
    return isinstance(detail, dict) and isinstance(detail.get(MARK), list)
