"""Reads orders for the gateway from the rows written by their workflows; needs no worker."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db.engine import of_one_moment, outages
from adapters.db.models import BegunRow, ImageTaskRow, OrderEventRow, OrderRow, RequirementChangeRow
from domain.vocabulary.trail import JournalEntry

MOST_LINES = 500  # journal lines read at once

ORDER = OrderRow.__table__.columns
TASK = ImageTaskRow.__table__.columns


@dataclass(frozen=True)
class OnRecord:
    """An order and its pictures as rows."""

    order: RowMapping
    pictures: Sequence[RowMapping]


class OrderReader:
    """Reads orders. Each method raises OutsideUnavailable if Postgres is unavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = of_one_moment(engine)

    async def order(self, order_id: str) -> OnRecord | None:
        """Return an order with its pictures, in order of arrival."""
        async with self._connection() as connection:
            return await _order(connection, order_id)

    async def news(self, order_id: str, after: int) -> tuple[list[JournalEntry], OnRecord | None]:
        """Return the journal lines after a serial number, and the order, over one connection."""
        async with self._connection() as connection:
            lines = await _journal(connection, order_id, after)
            return lines, await _order(connection, order_id)

    async def of_customer(
        self,
        customer_id: str,
        *,
        acc_id: str | None,
        status: str | None,
        begun_by: str | None,
        limit: int,
        before: tuple[datetime, str] | None,
    ) -> Sequence[RowMapping]:
        """Return a customer's orders, newest first, after the one given by `before`; `begun_by` filters by API key."""
        place = (ORDER.created_at, ORDER.order_id)
        found = select(*ORDER).where(ORDER.customer_id == customer_id).order_by(*(column.desc() for column in place))
        if acc_id is not None:
            found = found.where(ORDER.acc_id == acc_id)
        if status is not None:
            found = found.where(ORDER.status == status)
        if begun_by is not None:
            found = found.where(ORDER.order_id.in_(select(BegunRow.name).where(BegunRow.begun_by == begun_by)))
        if before is not None:
            found = found.where(tuple_(*place) < tuple_(*before))
        return await self._rows(found.limit(limit))

    async def changes(self, order_id: str) -> Sequence[RowMapping]:
        """Return changes of requirements and operations, including refused ones, newest first."""
        change = RequirementChangeRow.__table__.columns
        of_order = select(TASK.task_id).where(TASK.order_id == order_id)
        found = select(*change).where(change.task_id.in_(of_order))
        return await self._rows(found.order_by(change.changed_at.desc(), change.serial.desc(), change.id))

    async def journal(self, order_id: str, after: int) -> list[JournalEntry]:
        """Return up to MOST_LINES journal lines after a serial number, oldest first."""
        async with self._connection() as connection:
            return await _journal(connection, order_id, after)

    async def _rows(self, statement: Select[Any]) -> Sequence[RowMapping]:
        async with self._connection() as connection:
            return await _rows(connection, statement)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        with outages():
            async with self._engine.connect() as connection:
                yield connection


async def _order(connection: AsyncConnection, order_id: str) -> OnRecord | None:
    orders = await _rows(connection, select(*ORDER).where(ORDER.order_id == order_id))
    pictures = await _rows(connection, select(*TASK).where(TASK.order_id == order_id))
    return OnRecord(orders[0], sorted(pictures, key=_number)) if orders else None


async def _journal(connection: AsyncConnection, order_id: str, after: int) -> list[JournalEntry]:
    line = OrderEventRow.__table__.columns
    behind = (line.order_id == order_id) & (line.serial > after)
    found = await _rows(connection, select(*line).where(behind).order_by(line.serial).limit(MOST_LINES))
    return [JournalEntry.model_validate(dict(row)) for row in found]


async def _rows(connection: AsyncConnection, statement: Select[Any]) -> Sequence[RowMapping]:
    found: Sequence[RowMapping] = (await connection.execute(statement)).mappings().all()
    return found


def _number(picture: RowMapping) -> int:
    return int(picture["task_id"].rpartition("_")[2])
