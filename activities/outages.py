"""Outages of outside systems, noticed by the calls to them and reported to staff once each.

They are kept in memory, since Postgres or Temporal may be what is unavailable. Each worker reports its own.
"""

import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

from activities.measures import Measures
from domain.texts.masking import redacted
from domain.texts.phrase import Said, said
from domain.vocabulary.errors import DarkroomError, OutsideRefused, OutsideUnavailable

TELL_AFTER = 60.0  # seconds of failures without a success in between
QUIET = 30.0  # seconds without a failure until it is over
RECENTLY = 120.0  # seconds for which a success counts as working for others
STALE = 600.0  # seconds after which a failure that was not retried is forgotten

Port = TypeVar("Port")
Call = tuple[str, str]  # service, operation


@dataclass
class FailureStreak:
    """Failures in a row."""

    first: float
    last: float
    reason: Said


@dataclass(frozen=True)
class OutageNews:
    """News for staff about a service: that it has an outage and why, or that the outage is over."""

    service: str
    reason: Said | None

    @property
    def phrase(self) -> str:
        """The key of the phrase for staff."""
        return "staff_trouble" if self.reason else "staff_trouble_over"


class Outages:
    """Which operations of each service fail, and since when."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failing: dict[Call, FailureStreak] = {}
        self._failed_at: dict[str, float] = {}
        self._served_at: dict[Call, float] = {}
        self._told: set[str] = set()

    def record_failure(self, service: str, asked: str, reason: Said) -> None:
        """Record a failed call."""
        now = self._clock()
        streak = self._failing.setdefault((service, asked), FailureStreak(now, now, reason))
        streak.last, streak.reason = now, reason
        self._failed_at[service] = now

    def record_success(self, service: str, asked: str) -> None:
        """Record a call that was answered."""
        self._failing.pop((service, asked), None)
        self._served_at[service, asked] = self._clock()

    def works_for_others(self, service: str, asked: str) -> bool:
        """Whether the same operation has recently worked, for somebody else."""
        served_at = self._served_at.get((service, asked))
        return served_at is not None and self._clock() - served_at < RECENTLY

    def unreported(self) -> list[OutageNews]:
        """Return what staff have not been told yet."""
        now = self._clock()
        self._failing = {call: streak for call, streak in self._failing.items() if now - streak.last < STALE}
        lasting = {call[0]: one.reason for call, one in self._failing.items() if one.last - one.first >= TELL_AFTER}
        failing = {service for service, _ in self._failing}
        begun = [OutageNews(service, reason) for service, reason in lasting.items() if service not in self._told]
        quiet = [service for service in self._told - failing if now - self._failed_at[service] >= QUIET]
        return begun + [OutageNews(service, None) for service in sorted(quiet)]

    def mark_reported(self, news: OutageNews) -> None:
        """Record that staff have been told."""
        if news.reason:
            self._told.add(news.service)
        else:
            self._told.discard(news.service)


def monitored(port: Port, service: str, outages: Outages, measures: Measures | None = None) -> Port:
    """Return the port wrapped so that its outages are recorded, and its calls measured."""
    return cast("Port", _Monitored(port, service, outages, measures or Measures()))


class _Monitored:
    def __init__(self, port: object, service: str, outages: Outages, measures: Measures) -> None:
        self._port, self._service, self._outages, self._measures = port, service, outages, measures

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        return self._recording(method, name) if inspect.iscoroutinefunction(method) else method

    def _recording(self, method: Any, asked: str) -> Any:
        @wraps(method)
        async def recorded(*args: Any, **kwargs: Any) -> Any:
            try:
                with self._measures.outside_call(self._service, asked):
                    result = await method(*args, **kwargs)
            except (OutsideUnavailable, OutsideRefused) as error:
                error.is_alone = self._outages.works_for_others(self._service, asked)
                self._outages.record_failure(self._service, asked, reason_of(error))
                raise
            except (DarkroomError, KeyError):
                self._outages.record_success(self._service, asked)  # it answered
                raise
            self._outages.record_success(self._service, asked)
            return result

        return recorded


def reason_of(error: DarkroomError) -> Said:
    """Return the reason of an error, with the message of the service."""
    return error.why or said(error.told.phrase, detail=redacted(str(error))[:200])
