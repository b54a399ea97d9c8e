"""What the worker does for the records of all users, as its own role: removing, mending, and the figures of a day."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, delete, func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db.engine import outages
from adapters.db.models import TaskRow
from adapters.db.task_history.rows import SUMS, TASK, start_of, task_of
from adapters.db.task_history.tasks import UNDO_ENDED
from domain.task_history.records import Drift, Period, Task, TaskStatus

HOLD = text("SELECT hold_task_history(:user_id)")
MEND = text("SELECT period, first_day, was, should_be FROM mend_task_statistics(:user_id)")
OF_ALL = SUMS.period_type == Period.ALL.value


@dataclass(frozen=True)
class DayFigures:
    """The sums of all users on a day of the shop; `rating` is None if nobody rated a record of that day."""

    day: date
    users: int
    tasks: int
    successful: int
    failed: int
    tokens: int
    credits: int
    rating: float | None


@asynccontextmanager
async def as_worker(engine: AsyncEngine, user_id: UUID) -> AsyncIterator[AsyncConnection]:
    """Yield the worker's connection in a transaction that writes one user's records, after their other writers.

    Raises OutsideUnavailable.
    """
    with outages():
        async with engine.begin() as connection:
            await connection.execute(HOLD, {"user_id": user_id})
            yield connection


class HistoryUpkeep:
    """The records of all users. Each method raises OutsideUnavailable if Postgres is unavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def users(self, after: UUID | None = None, limit: int = 1000) -> list[UUID]:
        """Return users who have or had records, in the order of their ids, after one of them."""
        found = select(SUMS.user_id).where(OF_ALL).order_by(SUMS.user_id).limit(limit)
        async with self._connection() as connection:
            rows = await connection.execute(found if after is None else found.where(SUMS.user_id > after))
            return list(rows.scalars())

    async def emptied_bins(self, limit: int = 1000) -> list[Task]:
        """Return records whose time to undo has passed, the oldest first: to be removed."""
        return await self._tasks(TASK.deleted_at.is_not(None), UNDO_ENDED, order=TASK.deleted_at, limit=limit)

    async def expired(self, before: datetime, limit: int = 1000) -> list[Task]:
        """Return finished records created before a time, the oldest first: to be removed."""
        finished = TASK.status != TaskStatus.PENDING.value
        return await self._tasks(TASK.created_at < before, finished, order=TASK.created_at, limit=limit)

    async def storage(self, more_than: int) -> list[tuple[UUID, int]]:
        """Return users whose files take more bytes than this, and how many they take, the largest first."""
        found = select(SUMS.user_id, SUMS.total_storage_bytes).where(OF_ALL, SUMS.total_storage_bytes > more_than)
        async with self._connection() as connection:
            rows = await connection.execute(found.order_by(SUMS.total_storage_bytes.desc(), SUMS.user_id))
            return [(user_id, size) for user_id, size in rows]

    async def remove(self, user_id: UUID, task_ids: Collection[UUID]) -> int:
        """Delete records of a user, whose files are deleted already; return how many were still there."""
        gone = delete(TaskRow).where(TASK.user_id == user_id, TASK.id.in_(task_ids)).returning(TASK.id)
        async with as_worker(self._engine, user_id) as connection:
            return len((await connection.execute(gone)).all())

    async def known(self, task_ids: Sequence[UUID]) -> set[UUID]:
        """Return which of these records exist, those in the bin included; the files of others are orphans."""
        async with self._connection() as connection:
            return set((await connection.execute(select(TASK.id).where(TASK.id.in_(task_ids)))).scalars())

    async def mend_statistics(self, user_id: UUID) -> list[Drift]:
        """Count a user's records anew, correct statistics that differ, and return which did."""
        async with as_worker(self._engine, user_id) as connection:
            rows = await connection.execute(MEND, {"user_id": user_id})
            return [Drift(Period(row.period), row.first_day, row.was, row.should_be) for row in rows]

    async def figures(self, day: date) -> DayFigures:
        """Return the sums of a day of the shop over all users."""
        summed = {
            "tasks": SUMS.total_tasks,
            "successful": SUMS.successful_tasks,
            "failed": SUMS.failed_tasks,
            "tokens": SUMS.total_tokens_used,
            "credits": SUMS.total_credits_deducted,
        }
        totals = [func.coalesce(func.sum(column), 0).label(name) for name, column in summed.items()]
        counted = select(func.count().filter(SUMS.total_tasks > 0).label("users"), *totals).where(
            SUMS.period_type == Period.DAY.value, SUMS.period_date == day
        )
        rated = select(func.avg(TASK.rating)).where(
            TASK.created_at >= start_of(literal(day, Date)), TASK.created_at < start_of(literal(day, Date) + 1)
        )
        async with self._connection() as connection:
            sums = (await connection.execute(counted)).mappings().one()
            rating = (await connection.execute(rated)).scalar_one()
        numbers = {name: int(value) for name, value in sums.items()}
        return DayFigures(day=day, rating=None if rating is None else float(rating), **numbers)

    async def _tasks(self, *conditions: ColumnElement[bool], order: ColumnElement[Any], limit: int) -> list[Task]:
        async with self._connection() as connection:
            rows = await connection.execute(select(*TASK).where(*conditions).order_by(order, TASK.id).limit(limit))
            return [task_of(row) for row in rows.mappings()]

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        with outages():
            async with self._engine.connect() as connection:
                yield connection
