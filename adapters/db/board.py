"""Reads orders for the staff board from the rows written by their workflows; needs no worker."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Select, and_, func, not_, or_, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db.board_filter import HAS_NEEDS, OrderFilter, conditions
from adapters.db.engine import of_one_moment, outages
from adapters.db.models import (
    DispatchRow,
    GenerationResultRow,
    GenerationTaskRow,
    ImageTaskRow,
    OrderEventRow,
    OrderRow,
    PaymentRow,
    QuoteRow,
)
from domain.vocabulary.status import FINISHED

ORDER, TASK = OrderRow.__table__.columns, ImageTaskRow.__table__.columns
CALL, RESULT = GenerationTaskRow.__table__.columns, GenerationResultRow.__table__.columns
DISPATCH = DispatchRow.__table__.columns
Row: TypeAlias = dict[str, Any]

MOST_NEEDING = 500  # orders in the queue
MOST_LINES = 500  # of the audit trail
MOST_QUOTES = 5  # side by side
MOST_CALLS = 300


@dataclass(frozen=True)
class BoardOrder:
    """All that the tables hold of one order."""

    order: Row
    pictures: Sequence[Row]
    calls: Sequence[Row]  # of image models, with the files that came of each
    quotes: Sequence[Row]  # the latest versions, oldest first
    payments: Sequence[Row]
    dispatches: Sequence[Row]
    events: Sequence[Row]  # the latest ones, oldest first
    cost: Any = 0  # of all calls to models, in the shop's currency


@dataclass(frozen=True)
class Figures:
    """Counts for the side of the board."""

    needing: int = 0
    deadline: Row | None = None  # the next one of any order


class Board:
    """The orders as staff see them. Each method raises OutsideUnavailable if Postgres is unavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = of_one_moment(engine)

    async def needing(self, wanted: OrderFilter, also: Sequence[str] = ()) -> Sequence[Row]:
        """Return the orders that need staff, and those of the ids in `also`, oldest first, at most 500."""
        needing = or_(HAS_NEEDS, ORDER.order_id.in_(also)) if also else HAS_NEEDS
        without_need = replace(wanted, need=None)  # the need of a late designer is in no row
        found = _listed().where(needing, *conditions(without_need))
        return await self._rows(found.order_by(ORDER.created_at, ORDER.order_id).limit(MOST_NEEDING))

    async def orders(
        self, wanted: OrderFilter, *, limit: int, before: tuple[datetime, str] | None = None
    ) -> Sequence[Row]:
        """Return orders, newest first, after the one given by `before`."""
        place = (ORDER.created_at, ORDER.order_id)
        found = _listed().where(*conditions(wanted)).order_by(*(column.desc() for column in place))
        if before is not None:
            found = found.where(tuple_(*place) < tuple_(*before))
        return await self._rows(found.limit(limit))

    async def count(self, wanted: OrderFilter) -> int:
        """Return how many orders match."""
        async with self._connection() as connection:
            found = select(func.count()).select_from(OrderRow).where(*conditions(wanted))
            return int((await connection.execute(found)).scalar_one())

    async def with_designers(self) -> Sequence[Row]:
        """Return the dispatches of pictures that are open, longest first."""
        found = select(*DISPATCH).where(DISPATCH.closed_at.is_(None), DISPATCH.order_id.is_not(None))
        return await self._rows(found.order_by(DISPATCH.opened_at).limit(MOST_NEEDING))

    async def by_status(self) -> dict[str, int]:
        """Return how many orders have each status."""
        counted = select(ORDER.status, func.count()).group_by(ORDER.status)
        async with self._connection() as connection:
            rows = (await connection.execute(counted)).all()
        return {row[0]: row[1] for row in rows}

    async def figures(self, now: datetime) -> Figures:
        """Return how many orders need staff, and the next deadline of an open order."""
        counted = select(func.count()).select_from(OrderRow).where(HAS_NEEDS)
        coming = and_(ORDER.deadline_at > now, not_(ORDER.status.in_(FINISHED)))
        next_one = select(ORDER.order_id, ORDER.deadline, ORDER.deadline_at).where(coming)
        async with self._connection() as connection:
            needing = int((await connection.execute(counted)).scalar_one())
            deadline = await _rows(connection, next_one.order_by(ORDER.deadline_at).limit(1))
        return Figures(needing, next(iter(deadline), None))

    async def version(self, order_id: str) -> int:
        """Return the version of an order's row; 0 if there is none."""
        async with self._connection() as connection:
            found = await connection.execute(select(ORDER.version).where(ORDER.order_id == order_id))
            return int(found.scalar() or 0)

    async def models(self) -> list[str]:
        """Return the models that made pictures, for the filter."""
        found = select(CALL.model).where(CALL.kind == "image").distinct().order_by(CALL.model).limit(100)
        async with self._connection() as connection:
            return [name for name in (await connection.execute(found)).scalars() if name]

    async def order(self, order_id: str) -> BoardOrder | None:
        """Return all that is known of an order; None if there is none."""
        files = (
            select(
                RESULT.task_id,
                func.jsonb_agg(
                    aggregate_order_by(
                        func.jsonb_build_object(
                            "key", RESULT.generated_image_id, "score", RESULT.qa_score, "facts", RESULT.qa_facts
                        ),
                        RESULT.id,
                    )
                ).label("files"),
            )
            .group_by(RESULT.task_id)
            .subquery()
        )
        calls = (
            select(*CALL, files.c.files)
            .outerjoin(files, files.c.task_id == CALL.task_id)
            .where(CALL.order_id == order_id, CALL.kind == "image")
            .order_by(CALL.created_at, CALL.id)
            .limit(MOST_CALLS)
        )
        event, payment = OrderEventRow.__table__.columns, PaymentRow.__table__.columns
        latest = select(*event).where(event.order_id == order_id).order_by(event.serial.desc()).limit(MOST_LINES)
        quote = QuoteRow.__table__.columns
        quotes = select(*quote).where(quote.order_id == order_id).order_by(quote.version.desc()).limit(MOST_QUOTES)
        spent = func.coalesce(func.sum(func.coalesce(CALL.booked_cost, 0)), 0)
        async with self._connection() as connection:
            orders = await _rows(connection, select(*ORDER).where(ORDER.order_id == order_id))
            if not orders:
                return None
            return BoardOrder(
                order=orders[0],
                pictures=sorted(
                    await _rows(connection, select(*TASK).where(TASK.order_id == order_id)),
                    key=lambda row: int(row["task_id"].rpartition("_")[2]),
                ),
                calls=await _rows(connection, calls),
                quotes=list(reversed(await _rows(connection, quotes))),
                payments=await _rows(
                    connection, select(*payment).where(payment.order_id == order_id).order_by(payment.paid_at)
                ),
                dispatches=await _rows(
                    connection, select(*DISPATCH).where(DISPATCH.order_id == order_id).order_by(DISPATCH.opened_at)
                ),
                events=list(reversed(await _rows(connection, latest))),
                cost=(await connection.execute(select(spent).where(CALL.order_id == order_id))).scalar_one(),
            )

    async def _rows(self, statement: Select[Any]) -> Sequence[Row]:
        async with self._connection() as connection:
            return await _rows(connection, statement)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        with outages():
            async with self._engine.connect() as connection:
                yield connection


def _listed() -> Select[Any]:
    """Return the columns of an order in a list, with its first picture and how many it has."""
    of_order = TASK.order_id == ORDER.order_id
    first = select(TASK.original_image).where(of_order).order_by(TASK.created_at, TASK.task_id).limit(1)
    name = select(TASK.customer_name).where(of_order, TASK.customer_name != "").limit(1)
    notes = select(TASK.customer_notes).where(of_order, TASK.customer_notes != "").limit(1)
    done = select(func.array_agg(TASK.operation.distinct())).where(of_order, TASK.operation.is_not(None))
    return select(
        *ORDER,
        first.scalar_subquery().label("first_image"),
        name.scalar_subquery().label("customer_name"),
        notes.scalar_subquery().label("notes"),
        done.scalar_subquery().label("operations"),
        select(func.count()).where(of_order).scalar_subquery().label("pictures"),
    )


async def _rows(connection: AsyncConnection, statement: Select[Any]) -> Sequence[Row]:
    return [dict(row) for row in (await connection.execute(statement)).mappings()]
