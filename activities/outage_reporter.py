"""Telling staff, bypassing Temporal, what affects many orders: outages and refused rows."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from activities.outages import Outages
from domain.ports import Phrases, Staff
from domain.texts.escaping import plain
from domain.texts.phrase import said
from domain.vocabulary.errors import DarkroomError
from domain.vocabulary.quarantine import SetAside

OK = "ok"
QUEUE = "queue "  # a probe of our own polling, not of a service

log = logging.getLogger("outage_reporter")


class RefusedRows(Protocol):
    """Rows that Postgres refused and that were set aside."""

    async def tell(self, staff: Callable[[list[SetAside]], Awaitable[None]]) -> None:
        """Tell staff about the rows that they have not been told about."""


class OutageReporter:
    """Runs every few seconds. What staff could not be told is told the next time."""

    def __init__(self, outages: Outages, staff: Staff, phrases: Phrases, aside: RefusedRows) -> None:
        self._outages = outages
        self._staff = staff
        self._phrases = phrases
        self._aside = aside

    async def look(self, checks: Mapping[str, str]) -> None:
        """Record the state of each service, and tell staff what is new."""
        for service, state in checks.items():
            if state == OK:
                self._outages.record_success(service, "probe")
            elif not service.startswith(QUEUE):
                self._outages.record_failure(service, "probe", said("error.outside_unavailable", detail=state))
        try:
            await self._tell()
        except DarkroomError as error:
            log.warning("staff cannot be told now: %s", error)

    async def _tell(self) -> None:
        for news in self._outages.unreported():
            log.warning("%s: %s", news.service, "outage" if news.reason else "available again")
            values = {"reason": news.reason} if news.reason else {}
            await self._staff.tell(self._phrases.text(news.phrase, service=news.service, **values))
            self._outages.mark_reported(news)
        await self._aside.tell(self._tell_of_rows)

    async def _tell_of_rows(self, rows: list[SetAside]) -> None:
        told = "\n".join(plain(f"{row.row_id} {row.table_name} {row.key}: {row.reason}") for row in rows)
        await self._staff.tell(self._phrases.text("staff_rows_refused", count=len(rows), rows=told))
