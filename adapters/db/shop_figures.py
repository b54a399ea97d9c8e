"""The figures of the shop in Postgres."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db.engine import outages
from adapters.db.models import GenerationTaskRow, OrderRow, PaymentRow
from domain.upkeep.work import Digest
from domain.vocabulary.status import Status

CALL = GenerationTaskRow


class PostgresShopFigures:
    """The ShopFigures port. Raises OutsideUnavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of_day(self, begins: datetime, ends: datetime) -> Digest:
        """Return the figures of orders and model calls between two moments."""

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
        )


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
