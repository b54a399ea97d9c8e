"""Writes orders, customers and late events to the tables."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db import customers, feed, late
from adapters.db.engine import outages
from adapters.db.library_rows import add_to_library
from adapters.db.models import (
    CustomerRow,
    ImageTaskRow,
    OrderEventRow,
    OrderRow,
    PaymentRow,
    PhotoRow,
    RequirementChangeRow,
)
from adapters.db.projection import change_rows, event_rows, order_row, payment_rows, task_rows
from adapters.db.quarantine import RowByRowWriter
from adapters.db.writing import Writer
from domain.attempts.work import LateEvent
from domain.order.order import Order
from domain.story.customers import Profile, updated_profile
from domain.vocabulary.errors import ValueRefused

T = TypeVar("T")


class PostgresRecords:
    """The Records port: each method is one idempotent transaction. Raises OutsideUnavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def save(self, order: Order) -> None:
        """Write all rows of an order; an older version never overwrites a newer one.

        A row that Postgres rejects is quarantined, and all others are written.
        """
        await self._written(lambda writer: _save(writer, order))
        await feed.announce(self._engine, order.order_id)

    async def known_customer(self, acc_id: str, customer_id: str) -> Profile | None:
        """Return the profile of a shop's customer, if there is one."""
        async with self._transaction() as connection:
            return await customers.find(connection, acc_id, customer_id)

    async def keep_late_event(self, event: LateEvent, event_id: str, at: datetime) -> bool:
        """Record a late event once, with its payment or refund; return whether the order is known."""
        is_known = await self._written(lambda writer: late.keep(writer, event, event_id, at))
        if is_known:
            await feed.announce(self._engine, event.order_id)
        return is_known

    async def _written(self, write: Callable[[Writer], Awaitable[T]]) -> T:
        """Write in one transaction or, if a value is rejected, row by row."""
        try:
            async with self._transaction() as connection:
                return await write(Writer(connection))
        except ValueRefused:
            async with self._transaction() as connection:
                return await write(RowByRowWriter(connection))

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        with outages():
            async with self._engine.begin() as connection:
                yield connection


async def _save(writer: Writer, order: Order) -> None:
    # The order first: its row lock admits one writer per order. The customer last, so that two orders of one customer
    # cannot deadlock.
    is_newest = await writer.upsert(OrderRow, [order_row(order)])
    await writer.upsert(ImageTaskRow, task_rows(order))
    await writer.add(PaymentRow, payment_rows(order))
    await writer.add(OrderEventRow, event_rows(order))
    await writer.add(RequirementChangeRow, change_rows(order))
    if is_newest:
        connection, name, customer = writer.connection, order.acc_id, order.customer_id
        await writer.step(PaymentRow, order.order_id, lambda: _flag(connection, order))
        await writer.step(PhotoRow, order.order_id, lambda: add_to_library(connection, order))
        remember = partial(customers.remember, connection, name, customer)
        await writer.step(
            CustomerRow,
            f"{name} {customer}",
            lambda: remember(lambda known, totals: updated_profile(known, order, totals)),
        )


async def _flag(connection: AsyncConnection, order: Order) -> None:
    """Update the flags of payments, their only mutable column."""
    money = PaymentRow.__table__.columns
    for row in payment_rows(order):
        this = [money[name] == row[name] for name in ("order_id", "payment_id", "kind")]
        changed = update(PaymentRow).where(*this, money.flagged != row["flagged"])
        await connection.execute(changed.values(flagged=row["flagged"]))
