"""Rows that are older than the shop keeps them: found in bounded batches, and deleted or left without words.

What the books need stays, as when a customer is forgotten: amounts, dates, ids, models and their costs.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, any_, delete, exists, func, literal, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.orm import aliased

from adapters.db.customer_data import CALL, NAMELESS, RESULT, CustomerData, found_of, hold_histories, rows_of
from adapters.db.engine import outages
from adapters.db.models import (
    Base,
    CustomerRow,
    DispatchRow,
    GenerationParameterRow,
    IdempotencyKeyRow,
    ImageTaskRow,
    OrderEventRow,
    OrderRow,
    PhotoRow,
    QuarantinedRow,
    QuoteRow,
    RequirementChangeRow,
    RevocationRow,
    SessionRow,
    TaskRow,
)
from domain.upkeep.work import Kept
from domain.vocabulary import ids
from domain.vocabulary.status import FINISHED

# What names a picture; all else that a forgotten customer loses are words.
OF_PICTURES: Mapping[type[Base], set[str]] = {
    ImageTaskRow: {"original_image", "result_image"},
    CALL: {"input_image_url", "input_image_id"},
    RESULT: {"generated_image_url", "sha256"},
}
DELETED: Mapping[Kept, tuple[type[Base], ...]] = {
    Kept.PICTURES: (PhotoRow, TaskRow),
    Kept.WORDS: (GenerationParameterRow, RequirementChangeRow, QuoteRow, IdempotencyKeyRow, QuarantinedRow),
}
REMOVED_AT = {Kept.PICTURES: OrderRow.pictures_removed_at, Kept.WORDS: OrderRow.words_removed_at}
ALONE: Mapping[Kept, tuple[Any, Any]] = {  # each with the moment from which its days count
    Kept.KEYS: (IdempotencyKeyRow, IdempotencyKeyRow.created_at),
    Kept.SET_ASIDE: (QuarantinedRow, QuarantinedRow.created_at),
    Kept.SESSIONS: (SessionRow, SessionRow.expires_at),
    Kept.REVOCATIONS: (RevocationRow, RevocationRow.expires_at),
}
# Of an event that found no open order, the money stays: it may be booked nowhere else.
_LATE = text("""
UPDATE order_events SET task_id = NULL, facts = jsonb_build_object('signal', facts->'signal', 'booked', (
    SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(facts->'payload')
    WHERE key IN ('amount', 'currency', 'payment_id', 'refund_id', 'paid_at')))
WHERE event_id IN (
    SELECT event_id FROM order_events
    WHERE what = 'late_event' AND facts ? 'payload' AND at < :before ORDER BY at LIMIT :most)
""")


class PostgresOldRows:
    """Rows past their time. Each method is idempotent, and raises OutsideUnavailable if Postgres is unavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._data = CustomerData(engine)

    async def orders(self, kind: Kept, before: datetime, most: int) -> list[str]:
        """Return finished orders of which this is still kept, though nothing happened to them since a moment.

        An order of which the shop may still have to give money back is not among them.
        """
        happened = exists().where(OrderEventRow.order_id == OrderRow.order_id, OrderEventRow.at >= before)
        due = (
            select(OrderRow.order_id)
            .where(REMOVED_AT[kind].is_(None), OrderRow.created_at < before)
            .where(OrderRow.status.in_(FINISHED), ~OrderRow.refund_due, ~happened)
        )
        return await self._ids(due.order_by(OrderRow.created_at).limit(most))

    async def questions(self, before: datetime, most: int) -> list[tuple[str, str]]:
        """Return questions to designers that ended before a moment: the id of each, and the folder of its files."""
        row = DispatchRow
        due = select(row.dispatch_id, row.customer_id, row.task_id).where(
            row.order_id.is_(None), row.removed_at.is_(None), row.closed_at < before
        )
        with outages():
            async with self._engine.connect() as connection:
                found = await connection.execute(due.order_by(row.closed_at).limit(most))
                return [(name, ids.folder(customer_id, task_id)) for name, customer_id, task_id in found]

    async def files(self, orders: Sequence[str]) -> tuple[set[str], set[str]]:
        """Return the keys of all files of orders, and the folders with their pictures."""
        with outages():
            async with self._engine.connect() as connection:
                found = await found_of(connection, None, list(orders))
        return {key for key in await self._data.keys(found) if ids.is_key(key)}, await self._data.folders(found)

    async def remove(self, kind: Kept, orders: Sequence[str]) -> None:
        """Delete or blank the rows of orders about this, whose files are deleted already."""
        with outages():
            async with self._engine.begin() as connection:
                found = await found_of(connection, None, list(orders))
                whose = rows_of(found)
                if kind is Kept.PICTURES:
                    await hold_histories(connection, found)
                    originals = select(ImageTaskRow.original_image).where(whose[ImageTaskRow])
                    last = update(CustomerRow).where(
                        _of_their_customers(orders), CustomerRow.last_picture.in_(originals)
                    )
                    await connection.execute(last.values(last_picture=None))
                for table in DELETED[kind]:
                    await connection.execute(delete(table).where(whose[table]))
                for table in NAMELESS:
                    if values := _blank(kind, table):
                        await connection.execute(update(table).where(whose[table]).values(values))
                mine = OrderRow.order_id == any_(literal(list(orders), ARRAY(Text)))
                await connection.execute(update(OrderRow).where(mine).values({REMOVED_AT[kind]: func.now()}))
                if kind is Kept.WORDS:
                    await _remove_profiles(connection, orders)

    async def remove_questions(self, names: Sequence[str]) -> None:
        """Remove the words of questions, whose files are deleted already."""
        mine = DispatchRow.dispatch_id == any_(literal(list(names), ARRAY(Text)))
        with outages():
            async with self._engine.begin() as connection:
                await connection.execute(update(DispatchRow).where(mine).values(reason="", removed_at=func.now()))

    async def remove_late_words(self, before: datetime, most: int) -> int:
        """Remove the words of events that found no open order; their money stays. Return how many there were."""
        with outages():
            async with self._engine.begin() as connection:
                return (await connection.execute(_LATE, {"before": before, "most": most})).rowcount

    async def remove_old(self, kind: Kept, before: datetime, most: int) -> int:
        """Delete rows of a kind that stand alone and are from before a moment; return how many."""
        table, at = ALONE[kind]
        key = table.__table__.primary_key.columns
        old = select(*key).where(at < before).order_by(at).limit(most)
        with outages():
            async with self._engine.begin() as connection:
                return (await connection.execute(delete(table).where(tuple_(*key).in_(old)))).rowcount

    async def _ids(self, wanted: Any) -> list[str]:
        with outages():
            async with self._engine.connect() as connection:
                return list((await connection.execute(wanted)).scalars())


def _blank(kind: Kept, table: type[Base]) -> dict[str, Any]:
    """Return the columns of a table that are emptied, with what they are then."""
    named = OF_PICTURES.get(table, set())
    of_pictures = {name: value for name, value in NAMELESS[table].items() if name in named}
    if kind is Kept.PICTURES:
        is_result = {"generated_image_id": func.concat("removed-", RESULT.id)} if table is RESULT else {}
        return of_pictures | is_result
    kept = {*named, "owner", "task_id"}  # ids
    return {name: value for name, value in NAMELESS[table].items() if name not in kept}


async def _remove_profiles(connection: AsyncConnection, orders: Sequence[str]) -> None:
    """Delete the profiles of customers none of whose orders has words any more."""
    other = aliased(OrderRow)
    has_words = exists().where(
        other.customer_id == CustomerRow.customer_id,
        other.acc_id == CustomerRow.acc_id,
        other.words_removed_at.is_(None),
    )
    await connection.execute(delete(CustomerRow).where(_of_their_customers(orders), ~has_words))


def _of_their_customers(orders: Sequence[str]) -> ColumnElement[bool]:
    mine = OrderRow.order_id == any_(literal(list(orders), ARRAY(Text)))
    whose = select(OrderRow.acc_id, OrderRow.customer_id).where(mine)
    return tuple_(CustomerRow.acc_id, CustomerRow.customer_id).in_(whose)
