"""All rows about a customer: read to hand them over, and deleted or made nameless to forget the customer.

What the books need stays: amounts, dates, ids, models and their costs, under a made-up customer id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    any_,
    delete,
    false,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db.engine import of_one_moment, outages
from adapters.db.models import (
    Base,
    CustomerRow,
    DispatchRow,
    GenerationParameterRow,
    GenerationResultRow,
    GenerationTaskRow,
    IdempotencyKeyRow,
    ImageTaskRow,
    OrderEventRow,
    OrderRow,
    PaymentRow,
    PhotoRow,
    QuarantinedRow,
    QuoteRow,
    RequirementChangeRow,
    TaskRow,
)
from adapters.db.task_history.upkeep import HOLD
from domain.vocabulary import ids

FORGOTTEN = "customer_forgotten"  # in the audit trail
CALL, RESULT = GenerationTaskRow, GenerationResultRow
# In this order, so that no row goes before the rows that refer to it.
DELETED: tuple[type[Base], ...] = (
    GenerationParameterRow, RequirementChangeRow, QuoteRow, PhotoRow, IdempotencyKeyRow, QuarantinedRow, TaskRow,
    CustomerRow,
)  # fmt: skip
NAMELESS: Mapping[type[Base], Mapping[str, Any]] = {
    OrderRow: {"owner": None, "quote": None, "email": None, "waits_for": "", "needs": [], "deadline": ""},
    ImageTaskRow: {
        "customer_name": "", "original_image": None, "requirements": [], "customer_notes": "", "result_image": None,
        "error_message": None, "email": None,
    },
    OrderEventRow: {"task_id": None, "facts": {}},
    CALL: {
        "input_image_url": None, "input_image_id": "", "prompt": "", "error_message": None, "api_response": None,
    },
    RESULT: {"generated_image_url": None, "sha256": "", "qa_facts": None},
    DispatchRow: {"reason": ""},
    PaymentRow: {},
}  # fmt: skip

KEYS: Mapping[type[Base], Sequence[str]] = {
    ImageTaskRow: ("original_image", "result_image"),
    CALL: ("input_image_id",),
    RESULT: ("generated_image_id",),
    PhotoRow: ("key", "view_key", "shown_key"),
    TaskRow: ("aws_original_key", "aws_generated_key"),
}


@dataclass(frozen=True)
class Customer:
    """A customer of one shop account, or of all of them."""

    customer_id: str
    acc_id: str | None = None


@dataclass(frozen=True)
class Found:
    """Ids by which the rows of a customer are found, or with no customer those of some orders."""

    customer: Customer | None
    orders: list[str]
    tasks: list[str]
    calls: list[str]


class CustomerData:
    """The rows of customers and of orders. Each method raises OutsideUnavailable if Postgres is unavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def find(self, customer: Customer) -> Found:
        """Return the ids of a customer's orders, pictures and model calls."""
        with outages():
            async with self._engine.connect() as connection:
                orders = await _ids(connection, select(OrderRow.order_id).where(_of(customer, OrderRow)))
                return await found_of(connection, customer, orders)

    async def rows(self, found: Found) -> dict[str, list[dict[str, Any]]]:
        """Return all rows of a customer, by table."""
        with outages():
            async with of_one_moment(self._engine).connect() as connection:
                return {
                    table.__tablename__: [
                        dict(row) for row in (await connection.execute(select(table.__table__).where(whose))).mappings()
                    ]
                    for table, whose in rows_of(found).items()
                }

    async def keys(self, found: Found) -> set[str]:
        """Return the storage keys of all files that the rows name, in any folder."""
        whose, keys = rows_of(found), set()
        with outages():
            async with self._engine.connect() as connection:
                for table, columns in KEYS.items():
                    for column in columns:
                        named = select(table.__table__.c[column]).where(whose[table])
                        keys |= set(await _ids(connection, named)) - {None, ""}
        return keys

    async def folders(self, found: Found) -> set[str]:
        """Return the folders in storage of pictures and of questions to designers."""
        of_tasks = select(OrderRow.owner, OrderRow.customer_id, ImageTaskRow.task_id).join_from(OrderRow, ImageTaskRow)
        of_questions = select(DispatchRow.customer_id, DispatchRow.task_id)
        whose = rows_of(found)
        with outages():
            async with self._engine.connect() as connection:
                tasks = (await connection.execute(of_tasks.where(whose[OrderRow]))).all()
                questions = (await connection.execute(of_questions.where(whose[DispatchRow]))).all()
        return {
            *(ids.folder(owner or customer_id, task_id) for owner, customer_id, task_id in tasks),
            *(ids.folder(customer_id, task_id) for customer_id, task_id in questions),
        }

    async def forget(self, found: Found, nameless_id: str, reason: str) -> dict[str, int]:
        """Delete a customer's rows or make them nameless, in one transaction; return how many of each table.

        The audit trail of each order says that it was done, and why.
        """
        whose = rows_of(found)
        with outages():
            async with self._engine.begin() as connection:
                await hold_histories(connection, found)
                counts = {
                    table.__tablename__: (await connection.execute(delete(table).where(whose[table]))).rowcount
                    for table in DELETED
                }
                for table, blank in NAMELESS.items():
                    values = {**blank, **({"customer_id": nameless_id} if hasattr(table, "customer_id") else {})}
                    if table is RESULT:
                        values["generated_image_id"] = func.concat("forgotten-", RESULT.id)  # unique within a call
                    if values:
                        changed = await connection.execute(update(table).where(whose[table]).values(values))
                        counts[table.__tablename__] = changed.rowcount
                await _note(connection, found.orders, nameless_id, reason)
                return counts


async def found_of(connection: AsyncConnection, customer: Customer | None, orders: list[str]) -> Found:
    """Return the ids of the pictures and model calls of orders."""
    tasks = select(ImageTaskRow.task_id).where(_any(ImageTaskRow.order_id, orders))
    calls = select(CALL.task_id).where(_any(CALL.order_id, orders))
    return Found(customer, orders, await _ids(connection, tasks), await _ids(connection, calls))


def rows_of(found: Found) -> dict[type[Base], ColumnElement[bool]]:
    """Return for each table which of its rows are the customer's. A test knows which tables are missing, and why."""
    customer = found.customer
    named = [*found.orders, *found.tasks, *([customer.customer_id] if customer else [])]
    names = func.unnest(literal(named, ARRAY(Text))).column_valued("name")
    mentions = func.strpos(func.concat(QuarantinedRow.key, " ", QuarantinedRow.row), names) > 0
    return {
        OrderRow: _any(OrderRow.order_id, found.orders),
        ImageTaskRow: _any(ImageTaskRow.task_id, found.tasks),
        PaymentRow: _any(PaymentRow.order_id, found.orders),
        RequirementChangeRow: _any(RequirementChangeRow.task_id, found.tasks),
        QuoteRow: _any(QuoteRow.order_id, found.orders),
        OrderEventRow: _any(OrderEventRow.order_id, found.orders),
        CustomerRow: _of(customer, CustomerRow) if customer else false(),
        CALL: _any(CALL.task_id, found.calls),
        RESULT: _any(RESULT.task_id, found.calls),
        GenerationParameterRow: _any(GenerationParameterRow.task_id, found.calls),
        DispatchRow: _of(customer, DispatchRow) if customer else _any(DispatchRow.order_id, found.orders),
        PhotoRow: _of(customer, PhotoRow) if customer else _any(PhotoRow.order_id, found.orders),
        TaskRow: _any(TaskRow.order_id, found.orders),
        IdempotencyKeyRow: _any(IdempotencyKeyRow.order_id, found.orders),
        QuarantinedRow: select(names).where(mentions).exists(),
    }


def _of(customer: Customer, table: Any) -> ColumnElement[bool]:
    same: ColumnElement[bool] = table.customer_id == customer.customer_id
    return same if customer.acc_id is None else same & (table.acc_id == customer.acc_id)


def _any(column: Any, values: Sequence[str]) -> ColumnElement[bool]:
    matching: ColumnElement[bool] = column == any_(literal(list(values), ARRAY(Text)))
    return matching


async def _ids(connection: AsyncConnection, wanted: Select[Any]) -> list[str]:
    return list((await connection.execute(wanted)).scalars())


async def hold_histories(connection: AsyncConnection, found: Found) -> None:
    """Wait for other writers of the users' records, as each writer does: triggers keep their statistics."""
    owners = select(TaskRow.user_id).where(_any(TaskRow.order_id, found.orders)).distinct().order_by(TaskRow.user_id)
    for user_id in list((await connection.execute(owners)).scalars()):
        assert isinstance(user_id, UUID)
        await connection.execute(HOLD, {"user_id": user_id})


async def _note(connection: AsyncConnection, orders: Sequence[str], nameless_id: str, reason: str) -> None:
    lines = [
        {
            "event_id": f"{FORGOTTEN}-{order_id}-{nameless_id}",
            "order_id": order_id,
            "serial": 2**31 - 1,  # after all others
            "task_id": None,
            "what": FORGOTTEN,
            "by": "staff",
            "facts": {"reason": reason, "customer_id": nameless_id},
        }
        for order_id in orders
    ]
    if lines:
        await connection.execute(insert(OrderEventRow).values(at=text("now()")), lines)
