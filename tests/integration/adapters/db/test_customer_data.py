"""To forget a customer leaves nothing of the customer in any table, and takes nothing from the books or from others."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import BigInteger, Boolean, Date, Integer, Numeric, SmallInteger, Table, Uuid, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.columns import Facts, Moment
from adapters.db.customer_data import DELETED, FORGOTTEN, NAMELESS, Customer, CustomerData
from adapters.db.models import Base, CreditRow, TagRow, TaskStatisticsRow

# Tables that hold nothing of a shop's customer. A new table belongs either here or into adapters/db/customer_data.py.
NOBODYS = {
    "api_keys",
    "begun",
    "credit_ledger",
    "order_viewers",
    "photo_tag",
    "saved_views",
    "sessions",
    "shop_settings",
    "tag",
    "token_revocations",
    "user_task_statistics",
}
TODAY, USER = datetime(2026, 12, 1, tzinfo=UTC), uuid.uuid4()
ALLOWED: dict[str, Any] = {
    "status": "completed", "email_status": "sent", "operation": "enhance", "changed_by": "customer",
    "change_type": "add_note", "task_type": "image_edit", "currency": "CNY", "rating": 5, "view_key": "",
    "tokens": {"input": {"text": 7}},
}  # fmt: skip
OF_TYPE: dict[Any, Any] = {
    Uuid: uuid.uuid4, Moment: TODAY, Date: TODAY.date(), Numeric: Decimal(18), Boolean: False,
    (Integer, BigInteger, SmallInteger): 7,
}  # fmt: skip
# Texts that are ids or words of ours or of providers, never of a customer.
OURS: dict[str, set[str]] = {
    "orders": {"acc_type"},
    "image_tasks": {"acc_type"},
    "payments": {"payment_id", "flagged"},
    "order_events": {"event_id", "what", "by"},
    "image_generation_task": {
        "provider", "model", "size", "outcome", "cost_currency", "provider_request_id", "finish_reason",
    },
    "generation_result": {"model", "content_type"},
    "dispatches": {"dispatch_id", "dispatch_task_id", "designer", "closing"},
}  # fmt: skip
KINDS = {"payments": "payment", "image_generation_task": "image", "photo": "original"}


def value_of(table: Table, name: str, mark: str) -> Any:
    """A value that the column takes; a text that may be of a customer has the mark."""
    kind = table.c[name].type
    if name in ALLOWED or name == "kind":
        return ALLOWED.get(name, KINDS.get(table.name))
    if isinstance(kind, Facts):
        return {"words": mark} if "dict" in str(table.c[name].comment) or name in {"facts", "quote"} else [mark]
    if name in {"user_id", "deleted_at"}:
        return USER if name == "user_id" else None
    for types, value in OF_TYPE.items():
        if isinstance(kind, types):
            return value() if callable(value) else value
    return f"{uuid.uuid4()} {name}" if name in OURS.get(table.name, ()) else f"{mark} {name}"


def ids_of(customer: str) -> Mapping[str, str]:
    """The ids by which rows refer to each other."""
    digits = f"{abs(hash(customer)) % 10**6:06}"
    order = f"ORDER_20261201_{digits}"
    return {"order_id": order, "task_id": f"TASK_20261201_{digits}_1", "customer_id": customer, "acc_id": "shop-1"}


async def plant(engine: AsyncEngine, customer: str, mark: str) -> None:
    """Write a row of each table that has rows of customers, with the mark in every text."""
    known = ids_of(customer)
    call = f"{known['task_id']}-1-1"
    async with engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name in NOBODYS:
                continue
            row = {column.name: value_of(table, column.name, mark) for column in table.columns}
            row |= {name: value for name, value in known.items() if name in row}
            if table.name in {"image_generation_task", "generation_result", "generation_parameter"}:
                row["task_id"] = call
            if table.name == "image_generation_task":
                row["image_task_id"] = known["task_id"]
            if table.name == "quarantined_rows":
                row["row"] = json.dumps({"order_id": known["order_id"], "words": mark})
            if table.name == "user_task_history":
                row |= {"image_task_id": known["task_id"], "call_id": call}
                row.pop("revision")
            await connection.execute(insert(table).values(row))


async def everything(engine: AsyncEngine) -> dict[str, list[dict[str, Any]]]:
    async with engine.connect() as connection:
        return {
            table.name: [
                dict(row)
                for row in (await connection.execute(select(table).order_by(*table.primary_key.columns))).mappings()
            ]
            for table in Base.metadata.sorted_tables
        }


def texts(rows: object) -> str:
    return json.dumps(rows, default=str, ensure_ascii=False)


def test_each_table_is_known() -> None:
    known = {table.__tablename__ for table in (*DELETED, *NAMELESS)} | NOBODYS
    assert known == set(Base.metadata.tables)
    assert not {CreditRow.__tablename__, TagRow.__tablename__, TaskStatisticsRow.__tablename__} - NOBODYS


@pytest.fixture
async def data(engine: AsyncEngine) -> CustomerData:
    await plant(engine, "kanari", "卡娜丽")
    await plant(engine, "bekannt", "别人")
    return CustomerData(engine)


async def test_nothing_of_the_customer_is_left_in_any_table(data: CustomerData, engine: AsyncEngine) -> None:
    before = await everything(engine)
    assert {name for name, rows in before.items() if "卡娜丽" in texts(rows)} == set(before) - NOBODYS - {"payments"}
    counts = await data.forget(await data.find(Customer("kanari")), "forgotten-1", "asked by telephone")
    after = await everything(engine)
    left = {
        (name, column)
        for name, rows in after.items()
        for row in rows
        for column, value in row.items()
        if "卡娜丽" in texts(value)
    }
    assert not left
    assert "kanari" not in texts(after)
    assert set(counts) == set(after) - NOBODYS - {"payments"}
    assert set(counts.values()) == {1}


async def test_the_books_stay(data: CustomerData, engine: AsyncEngine) -> None:
    before = await everything(engine)
    await data.forget(await data.find(Customer("kanari")), "forgotten-1", "asked by telephone")
    after = await everything(engine)
    for name in ("orders", "image_tasks", "payments", "image_generation_task", "dispatches"):
        for column in Base.metadata.tables[name].columns:
            if isinstance(column.type, Numeric | Moment | Integer) or column.primary_key:
                assert [row[column.name] for row in before[name]] == [row[column.name] for row in after[name]]
    order = ids_of("kanari")["order_id"]
    (trail,) = [row for row in after["order_events"] if row["order_id"] == order and row["what"] == FORGOTTEN]
    assert trail["facts"] == {"reason": "asked by telephone", "customer_id": "forgotten-1"}
    assert {row["customer_id"] for row in after["orders"]} == {"forgotten-1", "bekannt"}


async def test_other_customers_keep_every_row(data: CustomerData, engine: AsyncEngine) -> None:
    others = {name: [row for row in rows if "别人" in texts(row)] for name, rows in (await everything(engine)).items()}
    await data.forget(await data.find(Customer("kanari")), "forgotten-1", "asked")
    after = await everything(engine)
    assert {name: [row for row in rows if "别人" in texts(row)] for name, rows in after.items()} == others


async def test_a_customer_of_another_shop_account_is_another_customer(data: CustomerData, engine: AsyncEngine) -> None:
    before = await everything(engine)
    found = await data.find(Customer("kanari", "shop-2"))
    assert not found.orders
    await data.forget(found, "forgotten-1", "asked")
    after = await everything(engine)
    assert after["orders"] == before["orders"]
    assert after["customers"] == before["customers"]


async def test_to_forget_twice_is_to_forget_once(data: CustomerData, engine: AsyncEngine) -> None:
    await data.forget(await data.find(Customer("kanari")), "forgotten-1", "asked")
    once = await everything(engine)
    again = await data.find(Customer("kanari"))
    assert (again.orders, again.tasks, again.calls) == ([], [], [])
    await data.forget(again, "forgotten-2", "asked")
    assert await everything(engine) == once


async def test_a_customer_is_handed_every_row(data: CustomerData, engine: AsyncEngine) -> None:
    found = await data.find(Customer("kanari"))
    rows = await data.rows(found)
    before = await everything(engine)
    marked = {name: [row for row in rows if "卡娜丽" in texts(row)] for name, rows in before.items()}
    payments = rows.pop("payments")
    assert rows == {name: rows for name, rows in marked.items() if rows}
    assert [row["order_id"] for row in payments] == [ids_of("kanari")["order_id"]]
    assert "别人" not in texts(rows)
    keys = await data.keys(found)
    assert {"卡娜丽 original_image", "卡娜丽 shown_key", "卡娜丽 generated_image_id"} <= keys
