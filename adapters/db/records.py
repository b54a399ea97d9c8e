"""Writes orders, customers and late events to the tables."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db import customers, feed, late
from adapters.db.engine import outages
from adapters.db.library_rows import tag_photos
from adapters.db.models import (
    CustomerRow,
    ImageTaskRow,
    OrderEventRow,
    OrderRow,
    PaymentRow,
    PhotoRow,
    PhotoTagRow,
    QuoteRow,
    RequirementChangeRow,
)
from adapters.db.order_history import OrderHistory
from adapters.db.order_records import user_of
from adapters.db.projection import (
    change_rows,
    event_rows,
    order_row,
    payment_rows,
    photo_rows,
    quote_rows,
    task_rows,
)
from adapters.db.quarantine import RowByRowWriter
from adapters.db.writing import Part, Writer
from domain.attempts.work import LateEvent
from domain.order.order import Order
from domain.story.customers import Profile, updated_profile
from domain.vocabulary.errors import ValueRefused

T = TypeVar("T")


class PostgresRecords:
    """The Records port: each method is one idempotent transaction. Raises OutsideUnavailable."""

    def __init__(self, engine: AsyncEngine, history: OrderHistory | None = None) -> None:
        self._engine = engine
        self._history = history or OrderHistory()

    async def save(self, order: Order) -> None:
        """Write all rows of an order; an older version never overwrites a newer one.

        A row that Postgres rejects is quarantined, and all others are written.
        """
        with outages():
            async with self._engine.connect() as connection:
                await _written(connection, lambda writer: _save(writer, order, self._history))
                await feed.announce(connection, order.order_id)

    async def known_customer(self, acc_id: str, customer_id: str) -> Profile | None:
        """Return the profile of a shop's customer, if there is one."""
        with outages():
            async with self._engine.connect() as connection:
                return await customers.find(connection, acc_id, customer_id)

    async def keep_late_event(self, event: LateEvent, event_id: str, at: datetime) -> bool:
        """Record a late event once, with its payment or refund; return whether the order is known."""
        with outages():
            async with self._engine.connect() as connection:
                is_known = await _written(connection, lambda writer: late.keep(writer, event, event_id, at))
                if is_known:
                    await feed.announce(connection, event.order_id)
                return is_known


async def _written(connection: AsyncConnection, write: Callable[[Writer], Awaitable[T]]) -> T:
    """Write in one transaction or, if a value is rejected, row by row."""
    try:
        with outages():
            async with connection.begin():
                return await write(Writer(connection))
    except ValueRefused:
        async with connection.begin():
            return await write(RowByRowWriter(connection))


async def _save(writer: Writer, order: Order, history: OrderHistory) -> None:
    # The order first: its row lock admits one writer per order. The customer last, so that two orders of one customer
    # cannot deadlock. Then the owner's task history, as in every transaction.
    payments = payment_rows(order)
    the_order, tasks, *_ = await writer.write(
        [
            Part("upsert", OrderRow, [order_row(order)], watched=customers.COUNTED),
            Part("upsert", ImageTaskRow, task_rows(order), watched=("revision_count",)),
            Part("add", PaymentRow, payments),
            Part("add", OrderEventRow, event_rows(order)),
            Part("add", RequirementChangeRow, change_rows(order)),
            Part("add", QuoteRow, quote_rows(order)),
            Part("refresh", PaymentRow, payments, watched=("flagged",), needs_newest=True),
            Part("add", PhotoRow, photo_rows(order), needs_newest=True),
        ]
    )
    if the_order.rows:
        connection, shop, customer = writer.connection, order.acc_id, order.customer_id
        await writer.step(PhotoTagRow, order.order_id, lambda: tag_photos(connection, order))
        remember = partial(
            customers.remember, connection, shop, customer, counts=the_order.has_changed or tasks.has_changed
        )
        await writer.step(
            CustomerRow,
            f"{shop} {customer}",
            lambda: remember(lambda known, totals: updated_profile(known, order, totals)),
        )
        if user_of(order.owner):
            await history.follow_orders(connection, [order.order_id])
