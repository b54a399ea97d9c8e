"""Upkeep of the task history in Postgres, and the figures of the shop."""

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db.engine import outages
from adapters.db.models import GenerationTaskRow, OrderRow, PaymentRow, TaskRow, TaskStatisticsRow
from domain.task_history.records import Period, TaskStatus
from domain.upkeep.ports import RemovedRecord
from domain.upkeep.work import Digest
from domain.vocabulary.status import Status

RECORD, CALL = TaskRow, GenerationTaskRow


class PostgresHistoryKeeper:
    """The HistoryKeeper port, as the role of the worker, who sees all users. Raises OutsideUnavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def remove_binned(self, before: datetime, most: int) -> list[RemovedRecord]:
        """Remove records that were put in the bin before a moment."""
        return await self._remove(RECORD.deleted_at < before, most)

    async def remove_expired(self, before: datetime, most: int) -> list[RemovedRecord]:
        """Remove records that were created before a moment."""
        return await self._remove(RECORD.created_at < before, most)

    async def existing(self, tasks: Collection[UUID]) -> set[tuple[UUID, UUID]]:
        """Return which of these records exist, as pairs of user and task; those in the bin included."""
        async with _transaction(self._engine) as connection:
            found = await connection.execute(select(RECORD.user_id, RECORD.id).where(RECORD.id.in_(tasks)))
            return {(user, task) for user, task in found}

    async def users(self, after: UUID, most: int) -> list[UUID]:
        """Return users who have statistics, in order, beginning after one; a record always has statistics."""
        statistics = TaskStatisticsRow
        users = select(statistics.user_id).where(statistics.user_id > after).distinct()
        async with _transaction(self._engine) as connection:
            return list((await connection.execute(users.order_by(statistics.user_id).limit(most))).scalars())

    async def mend_statistics(self, user_id: UUID) -> list[str]:
        """Recount a user's statistics, fix the rows that differ, and describe each difference."""
        mended = func.mend_task_statistics(user_id).table_valued("period", "first_day", "was", "should_be")
        async with _transaction(self._engine) as connection:
            found = await connection.execute(select(*mended.c))
            return [_difference(one.period, one.first_day, one.was, one.should_be) for one in found]

    async def over_quota(self, quota: int, most: int) -> list[tuple[UUID, int]]:
        """Return users whose files take more bytes than `quota`, the largest first."""
        statistics = TaskStatisticsRow
        over = (statistics.period_type == Period.ALL) & (statistics.total_storage_bytes > quota)
        users = select(statistics.user_id, statistics.total_storage_bytes).where(over)
        async with _transaction(self._engine) as connection:
            found = await connection.execute(users.order_by(statistics.total_storage_bytes.desc()).limit(most))
            return [(user, size) for user, size in found]

    async def _remove(self, which: ColumnElement[bool], most: int) -> list[RemovedRecord]:
        """Remove the records of one user per statement, in the order in which all writers hold users."""
        chosen = select(RECORD.user_id, RECORD.id).where(which).limit(most)
        async with _transaction(self._engine) as connection:
            found = (await connection.execute(chosen)).all()
            for user in sorted({row.user_id for row in found}):
                await connection.execute(select(func.hold_task_history(user)))
            gone = delete(RECORD).where(RECORD.id.in_([row.id for row in found]), which)
            rows = await connection.execute(gone.returning(RECORD.user_id, RECORD.id, RECORD.order_id))
            return [RemovedRecord(row.user_id, row.id, row.order_id is not None) for row in rows]


class PostgresShopFigures:
    """The ShopFigures port. Raises OutsideUnavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of_day(self, begins: datetime, ends: datetime) -> Digest:
        """Return the figures of a day."""

        def during(when: Any) -> ColumnElement[bool]:
            return and_(when >= begins, when < ends)

        async with _transaction(self._engine) as connection:
            orders = await _one(
                connection,
                func.count().filter(during(OrderRow.created_at)).label("started"),
                func.count().filter(during(OrderRow.paid_at)).label("paid"),
                func.count().filter(during(OrderRow.completed_at)).label("completed"),
                func.count().filter(OrderRow.status == Status.FAILED).label("failed"),
            )
            unsuccessful = CALL.status.in_(("failed", "interrupted"))
            calls = await _one(
                connection,
                func.count().label("made"),
                func.count().filter(unsuccessful).label("failed"),
                func.coalesce(func.sum(CALL.booked_cost), 0).label("cost"),
                where=during(CALL.created_at),
            )
            records = await _one(
                connection,
                func.count().label("made"),
                func.count().filter(RECORD.status == TaskStatus.FAILED).label("failed"),
                func.count(RECORD.user_id.distinct()).label("users"),
                where=during(RECORD.created_at) & RECORD.deleted_at.is_(None),
            )
            moved = select(PaymentRow.kind, PaymentRow.currency, func.sum(PaymentRow.amount))
            money = moved.where(during(PaymentRow.paid_at)).group_by(PaymentRow.kind, PaymentRow.currency)
            found = await connection.execute(money.order_by(PaymentRow.currency))
            sums = [(kind, currency, amount) for kind, currency, amount in found]
        return Digest(
            day=f"{begins:%Y-%m-%d}",
            orders_started=orders.started,
            orders_paid=orders.paid,
            orders_completed=orders.completed,
            orders_failed=orders.failed,
            paid=_amounts(sums, "payment"),
            refunded=_amounts(sums, "refund"),
            calls=calls.made,
            calls_failed=calls.failed,
            cost=f"{calls.cost:.2f}",
            records=records.made,
            records_failed=records.failed,
            users=records.users,
        )


def _difference(period: str, day: date, was: int, should_be: int) -> str:
    """Describe a row that was wrong: by its number of records, or if that was right, by its sums."""
    return f"{period} {day}: {was} ≠ {should_be}" if was != should_be else f"{period} {day}: Σ ≠"


def _amounts(sums: Iterable[tuple[str, str, Decimal]], kind: str) -> str:
    return ", ".join(f"{amount:.2f} {currency}" for which, currency, amount in sums if which == kind) or "0"


async def _one(connection: AsyncConnection, *figures: Any, where: ColumnElement[bool] | None = None) -> Row[Any]:
    wanted = select(*figures)
    return (await connection.execute(wanted.where(where) if where is not None else wanted)).one()


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    with outages():
        async with engine.begin() as connection:
            yield connection
