"""The task history of orders that belong to a user: a record for each image call, written along with the call's row."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, any_, bindparam, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db import order_records
from adapters.db.engine import outages
from adapters.db.models import (
    CreditRow,
    GenerationParameterRow,
    GenerationResultRow,
    GenerationTaskRow,
    ImageTaskRow,
    OrderRow,
    TaskRow,
)
from adapters.db.projection import Row
from adapters.db.quarantine import quarantine_row
from domain.texts.catalogue import Language
from domain.vocabulary.errors import ValueRefused

CALL, RECORD = GenerationTaskRow, TaskRow
BATCH = 100  # orders
MOST_REMEMBERED = 10_000  # orders without an owner
# They lock the calls before anything else is read. Fixed texts are cheap to run: this follows every model call.
OF_CALLS = text(
    "SELECT c.task_id, o.owner FROM image_generation_task c JOIN orders o USING (order_id)"
    " WHERE c.task_id = ANY(:calls) AND c.kind = 'image' ORDER BY c.task_id FOR NO KEY UPDATE OF c"
)
OF_ORDERS = text(
    "SELECT c.task_id FROM image_generation_task c JOIN orders o USING (order_id)"
    " WHERE c.order_id = ANY(:orders) AND c.kind = 'image' AND o.owner IS NOT NULL"
    " ORDER BY c.task_id FOR NO KEY UPDATE OF c"
)
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Followed:
    """How many records were created, and how many changed."""

    created: int = 0
    changed: int = 0

    def __add__(self, other: "Followed") -> "Followed":
        return Followed(self.created + other.created, self.changed + other.changed)


@dataclass(frozen=True)
class CaughtUp:
    """What a catch-up did: orders of users, records, and orders whose owner is not a user."""

    orders: int = 0
    records: Followed = Followed()
    strangers: int = 0


class OrderHistory:
    """Keeps records in step with the rows of the shop, inside the transaction that changes these.

    `price` is what an image call costs its user in credits. A record that its user deleted is not created again.
    """

    def __init__(self, language: Language = "zh", price: int = 0) -> None:
        self._language = language
        self._price = price
        self._unowned: OrderedDict[str, None] = OrderedDict()

    def is_unowned(self, order_id: str) -> bool:
        """Whether an order is known to have no owner, so that nothing follows its calls."""
        return order_id in self._unowned

    async def follow_calls(self, connection: AsyncConnection, order_id: str, calls: Sequence[str]) -> None:
        """Create or update the records of an order's calls, the last thing that a transaction does.

        An order without an owner never gets one, so for those that are known this costs nothing.
        """
        if self.is_unowned(order_id):
            return
        found = (await connection.execute(OF_CALLS, {"calls": calls})).all()
        if any(call.owner is None for call in found):
            self._remember_unowned(order_id)
        await self._follow(connection, [call.task_id for call in found if call.owner is not None])

    async def follow_orders(self, connection: AsyncConnection, orders: Sequence[str]) -> Followed:
        """Create or update the records of all calls of orders with an owner, the last thing that a transaction does."""
        found = (await connection.execute(OF_ORDERS, {"orders": orders})).all()
        return await self._follow(connection, [call.task_id for call in found])

    async def _follow(self, connection: AsyncConnection, calls: Sequence[str]) -> Followed:
        """Write the records of calls that are locked, so that of two writers the later one sees all.

        If Postgres refuses a record, it is set aside and the rest of the transaction stands.
        """
        if not calls:
            return Followed()
        try:
            async with connection.begin_nested():
                with outages():
                    return await self._write(connection, calls)
        except ValueRefused as error:
            await quarantine_row(connection, RECORD, " ".join(calls), None, error)
            return Followed()

    def _remember_unowned(self, order_id: str) -> None:
        self._unowned[order_id] = None
        if len(self._unowned) > MOST_REMEMBERED:
            self._unowned.popitem(last=False)

    async def _write(self, connection: AsyncConnection, names: Sequence[str]) -> Followed:
        found = (await connection.execute(_FACTS, {"calls": names})).mappings().all()
        owned = [(user, call) for call in found if (user := order_records.user_of(call["owner"]))]
        for user in sorted({user for user, _ in owned}):
            await connection.execute(_HOLD, {"user": user})
        unseen = [(user, call) for user, call in owned if call["record_id"] is None]
        new = await _never_recorded(connection, [order_records.record_id(call["task_id"]) for _, call in unseen])
        rows = [
            order_records.record(call, user, self._price, self._language)
            for user, call in unseen
            if order_records.record_id(call["task_id"]) in new
        ]
        if rows:
            await connection.execute(insert(RECORD), rows)
        return Followed(len(rows), await self._update(connection, [call for _, call in owned if call["record_id"]]))

    async def _update(self, connection: AsyncConnection, calls: Sequence[Facts]) -> int:
        """Update the records that differ from their calls."""
        changed: list[Row] = []
        for call in calls:
            wanted = order_records.changing_facts(call, self._language)
            if wanted != {name: call[f"record_{name}"] for name in wanted}:
                changed.append({f"new_{name}": value for name, value in wanted.items()} | {"this": call["record_id"]})
        if changed:
            await connection.execute(_CHANGE, changed)
        return len(changed)


async def catch_up(engine: AsyncEngine, history: OrderHistory) -> CaughtUp:
    """Create or update the records of all orders, in batches. Idempotent. Raises OutsideUnavailable."""
    done, after = CaughtUp(), ""
    while True:
        with outages():
            async with engine.begin() as connection:
                owned = select(OrderRow.order_id, OrderRow.owner).where(OrderRow.owner.is_not(None))
                following = owned.where(OrderRow.order_id > after).order_by(OrderRow.order_id).limit(BATCH)
                orders = (await connection.execute(following)).all()
                if not orders:
                    return done
                names = [order.order_id for order in orders if order_records.user_of(order.owner)]
                records = await history.follow_orders(connection, names) if names else Followed()
        after = orders[-1].order_id
        strangers = len(orders) - len(names)
        done = CaughtUp(done.orders + len(names), done.records + records, done.strangers + strangers)


async def _never_recorded(connection: AsyncConnection, records: Sequence[UUID]) -> set[UUID]:
    """Return those of these records that never existed: of one that was deleted, its entry of credits is left."""
    if not records:
        return set()
    return set(records) - set((await connection.execute(_ENTERED, {"records": records})).scalars())


def _facts() -> Select[Any]:
    result, parameter = GenerationResultRow, GenerationParameterRow
    best_first = aggregate_order_by(result.generated_image_id, result.qa_score.desc().nulls_last(), result.id)
    files = select(func.array_agg(best_first)).where(result.task_id == CALL.task_id).scalar_subquery()
    ratio = (
        select(parameter.parameter_value)
        .where(parameter.task_id == CALL.task_id, parameter.parameter_name == "aspect_ratio")
        .scalar_subquery()
    )
    recorded = [
        column.label(f"record_{column.name}")
        for column in RECORD.__table__.columns
        if column.name in {"id", *order_records.CHANGING}
    ]
    return (
        select(
            *(CALL.task_id, CALL.order_id, CALL.image_task_id, CALL.prompt, CALL.model, CALL.input_image_id),
            *(CALL.status, CALL.outcome, CALL.tokens, CALL.latency_ms, CALL.created_at, CALL.completed_at),
            *(OrderRow.owner, OrderRow.paid_at, OrderRow.amount_paid, OrderRow.amount_refunded),
            *(ImageTaskRow.status.label("picture_status"), ImageTaskRow.result_image),
            *(files.label("files"), ratio.label("aspect_ratio"), RECORD.aws_generated_key.label("visible_key")),
            *recorded,
        )
        .join(OrderRow, OrderRow.order_id == CALL.order_id)
        .outerjoin(ImageTaskRow, ImageTaskRow.task_id == CALL.image_task_id)
        .outerjoin(RECORD, RECORD.call_id == CALL.task_id)
        .where(CALL.task_id == any_(bindparam("calls", type_=ARRAY(Text))))
        .order_by(CALL.task_id)
    )


# Built once: building a statement costs more than running it.
_FACTS = _facts()
_HOLD = select(func.hold_task_history(bindparam("user", type_=Uuid)))
_ENTERED = select(CreditRow.task).where(CreditRow.task == any_(bindparam("records", type_=ARRAY(Uuid))))
_NEW_VALUES: dict[str, Any] = {name: bindparam(f"new_{name}") for name in order_records.CHANGING}
_CHANGE = update(RECORD).where(RECORD.id == bindparam("this")).values(_NEW_VALUES)
