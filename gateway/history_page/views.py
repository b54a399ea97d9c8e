"""What the page shows: statistics, and records by days."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request

from domain.task_history.records import Period, Task, TaskFilter
from gateway.history_page import charts, rendering
from gateway.history_page.session import Session
from gateway.task_history.context import context

MOST_DAYS = 3660  # summed at most


def by_days(tasks: Sequence[Task], zone: str) -> Iterator[tuple[date, list[Task]]]:
    """Yield records by their day in the shop's time zone, in their order."""
    for day, of_day in groupby(tasks, lambda task: task.created_at.astimezone(ZoneInfo(zone)).date()):
        yield day, list(of_day)


async def statistics(request: Request, session: Session, wanted: TaskFilter) -> dict[str, Any]:
    """Return what statistics.html shows: the totals of the filter's dates, and a chart."""
    reader, today = context(request).statistics, rendering.today(request)
    first, last = charts.span(wanted.start_date, wanted.end_date, today)
    is_narrowed = bool(wanted.start_date or wanted.end_date)
    earliest = last - timedelta(days=MOST_DAYS)
    since = max(wanted.start_date or earliest, earliest) if is_narrowed else first
    counted = await reader.days(session.user, since, last)
    days = {one.period_date: charts.Totals.of([one]) for one in counted}
    totals = charts.Totals.of(counted if is_narrowed else [await reader.of(session.user, Period.ALL)])
    return {
        "totals": totals,
        "is_narrowed": is_narrowed,
        "first": wanted.start_date or min((day for day, sums in days.items() if sums.total), default=first),
        "last": last,
        "chart": charts.chart(first, last, days),
    }
