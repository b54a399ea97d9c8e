"""Reads a user's statistics, which triggers keep."""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, Date, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.task_history.claims import as_user
from adapters.db.task_history.rows import SUMMED, SUMS, day_of, statistics_of
from domain.task_history.records import Period, Statistics
from domain.task_history.users import User

BEGINNING = date(1970, 1, 1)  # the date of the period `all`


class TaskStatistics:
    """A user's sums. Each method raises OutsideUnavailable if Postgres is unavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of(self, user: User, period: Period, day: date | None = None) -> Statistics:
        """Return the sums of the period with this day of the shop (default: today); zeros if there are no records."""
        wanted = day_of(func.now()) if day is None else literal(day, Date)
        begun: ColumnElement[date] = cast(func.date_trunc(period.value, wanted), Date)
        first = literal(BEGINNING, Date) if period is Period.ALL else begun
        # One query, so that the date is known even if there is no row.
        sums = select(*SUMMED).where(SUMS.period_type == period.value, SUMS.period_date == first).subquery()
        asked = select(first.label("first")).subquery()
        found = select(asked.c.first, sums).select_from(asked.outerjoin(sums, sums.c.period_date == asked.c.first))
        async with as_user(self._engine, user) as connection:
            row = dict((await connection.execute(found)).mappings().one())
        first_day = row.pop("first")
        return statistics_of(row) if row["period_type"] else Statistics(period, first_day)

    async def days(self, user: User, first: date, last: date) -> list[Statistics]:
        """Return the sums of each day from the first to the last, days without records included."""
        within = (SUMS.period_type == Period.DAY.value, SUMS.period_date.between(first, last))
        async with as_user(self._engine, user) as connection:
            rows = (await connection.execute(select(*SUMMED).where(*within))).mappings()
            found = {row["period_date"]: statistics_of(row) for row in rows}
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        return [found.get(day) or Statistics(Period.DAY, day) for day in days]
