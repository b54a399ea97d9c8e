"""Writes to the tables: an order's projection, its customer, and events that came too late."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db import customers, feed, late
from adapters.db.engine import outages
from adapters.db.models import ImageTaskRow, OrderEventRow, OrderRow, PaymentRow, RequirementChangeRow
from adapters.db.projection import change_rows, event_rows, order_row, payment_rows, task_rows
from adapters.db.shelving import shelve
from adapters.db.writing import add, upsert
from domain.customers import Profile, remembered
from domain.order import Order
from domain.work import LateEvent


class PostgresRecords:
    """The Records port: each method is one transaction, harmless when repeated. Raises OutsideUnavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def save(self, order: Order) -> None:
        """Write the projection of an order, whole; an older version never overwrites a newer one."""
        async with self._transaction() as connection:
            # The order comes first: the lock on its row lets only one writer of an order through at a time. The
            # customer comes last, so that two orders of one customer wait for each other, never crosswise.
            is_newest = await upsert(connection, OrderRow, [order_row(order)])
            await upsert(connection, ImageTaskRow, task_rows(order))
            await add(connection, PaymentRow, payment_rows(order))
            await add(connection, OrderEventRow, event_rows(order))
            await add(connection, RequirementChangeRow, change_rows(order))
            if is_newest:
                await shelve(connection, order)
                await customers.remember(
                    connection, order.acc_id, order.customer_id, lambda known, totals: remembered(known, order, totals)
                )
        await feed.announce(self._engine, order.order_id)

    async def known_customer(self, acc_id: str, customer_id: str) -> Profile | None:
        """Return what is remembered of a customer of a shop."""
        async with self._transaction() as connection:
            return await customers.find(connection, acc_id, customer_id)

    async def keep_late_event(self, event: LateEvent, event_id: str, at: datetime) -> bool:
        """Keep an event of an order that has closed, once, with its money; return whether the order is known."""
        async with self._transaction() as connection:
            is_known = await late.keep(connection, event, event_id, at)
        if is_known:
            await feed.announce(self._engine, event.order_id)
        return is_known

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        with outages():
            async with self._engine.begin() as connection:
                yield connection
