"""An order's projection in Postgres: whole, idempotent, never backwards."""

import asyncio
import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.records import PostgresRecords
from domain.vocabulary.errors import OutsideRefused
from domain.vocabulary.money import Payment
from domain.vocabulary.pictures import Analysis
from domain.vocabulary.status import Status
from tests.integration.adapters.db.conftest import Query
from tests.integration.adapters.db.counting import counted
from tests.integration.adapters.db.orders import NOW, ORDER_ID, TASK_ID, finished_order, new_order

EVERYTHING = (
    "orders", "image_tasks", "payments", "order_events", "task_requirement_changes", "photo", "tag", "photo_tag",
    "customers",
)  # fmt: skip


async def snapshot(query: Query) -> list[Any]:
    return [await query(f"SELECT * FROM {table} ORDER BY 1, 2") for table in EVERYTHING]


async def test_peoples_own_sql_finds_the_pending_tasks(records: PostgresRecords, query: Query) -> None:
    await records.save(new_order(pictures=2))
    rows = await query("SELECT * FROM image_tasks WHERE status='pending' ORDER BY task_id")
    assert [row["task_id"] for row in rows] == [TASK_ID, TASK_ID[:-1] + "2"]
    assert [row["operation"] for row in rows] == [None, None]


async def test_the_row_of_a_finished_order_says_what_happened(records: PostgresRecords, query: Query) -> None:
    await records.save(finished_order())
    (row,) = await query("SELECT *, quote->'lines'->0->>'minimum' AS minimum FROM orders")
    assert (row["status"], row["email"], row["email_status"], row["version"]) == (
        "completed", "fang@example.com", "sent", 7,
    )  # fmt: skip
    assert (row["amount_due"], row["amount_paid"], row["amount_refunded"]) == (Decimal(15), Decimal("15.5"), 0)
    assert (row["currency"], row["minimum"], row["high_value"]) == ("CNY", "15", False)
    assert (row["created_at"], row["completed_at"]) == (NOW, NOW + timedelta(hours=1))


async def test_an_order_paid_before_any_quote_has_an_amount_but_nothing_due(
    records: PostgresRecords, query: Query
) -> None:
    order = finished_order()
    order.quotes = []
    await records.save(order)
    rows = await query("SELECT quote, amount_due, amount_paid, currency FROM orders WHERE quote IS NULL")
    assert rows == [{"quote": None, "amount_due": None, "amount_paid": Decimal("15.5"), "currency": "CNY"}]


async def test_the_row_of_a_finished_task_says_what_happened(records: PostgresRecords, query: Query) -> None:
    await records.save(finished_order())
    (row,) = await query("SELECT * FROM image_tasks WHERE requirements @> '[\"白底\"]'")
    assert (row["original_image"], row["result_image"], row["qa_score"]) == ("original.jpg", "attempt-3.png", 92)
    assert (row["retry_count"], row["revision_count"], row["operation"]) == (1, 1, "enhance")
    assert (row["customer_name"], row["customer_notes"]) == ("王芳", "[11-22 18:00] 脸部清晰一点")
    assert (row["requirements"], row["error_message"]) == (["2K", "白底"], None)
    assert (row["updated_at"], row["paid_at"]) == (NOW + timedelta(hours=1), NOW + timedelta(minutes=5))


async def test_the_audit_trail_reads_in_the_order_it_happened(records: PostgresRecords, query: Query) -> None:
    order = finished_order()
    await records.save(order)
    rows = await query("SELECT what, by, facts->>'to' AS went_to FROM order_events ORDER BY serial")
    assert [row["went_to"] for row in rows] == [
        None, "paid", "processing", "awaiting_confirm", "completed",
    ]  # fmt: skip
    assert (rows[0]["what"], rows[0]["by"]) == ("created", "customer")


async def test_a_snapshot_saved_twice_changes_nothing(records: PostgresRecords, query: Query) -> None:
    await records.save(finished_order())
    before = await snapshot(query)
    await records.save(finished_order())
    assert await snapshot(query) == before


async def test_an_older_snapshot_never_overwrites_a_newer_one(records: PostgresRecords, query: Query) -> None:
    await records.save(finished_order())
    before = await snapshot(query)
    await records.save(new_order())
    assert await snapshot(query) == before


async def test_rows_made_newer_by_hand_are_left_alone(records: PostgresRecords, query: Query) -> None:
    await records.save(finished_order())
    await query("UPDATE image_tasks SET version = 8, status = 'failed'")
    await query("UPDATE orders SET version = 8, email = 'staff@example.com'")
    await records.save(finished_order())
    assert await query("SELECT status FROM image_tasks") == [{"status": "failed"}]
    assert await query("SELECT email FROM orders") == [{"email": "staff@example.com"}]


async def test_what_left_the_journal_stays_in_the_rows(records: PostgresRecords, query: Query) -> None:
    order = finished_order()
    await records.save(order)
    order.journal = order.journal[-1:]
    order.note("later", NOW)
    order.version += 1
    await records.save(order)
    assert await query("SELECT count(*) FROM order_events") == [{"count": 6}]
    assert await query("SELECT created_at FROM image_tasks") == [{"created_at": NOW + timedelta(minutes=5)}]


async def test_snapshots_saved_at_the_same_time_end_as_the_newest(records: PostgresRecords, query: Query) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    snapshots = []
    order = new_order(pictures=3)
    for version in range(1, 21):
        order.version = version
        order.note("step", NOW + timedelta(seconds=version), number=version)
        order.payments.append(Payment(payment_id=f"p{version}", amount=Decimal(1), currency="CNY", paid_at=NOW))
        snapshots.append(order.model_copy(deep=True))
    random.Random(seed).shuffle(snapshots)
    await asyncio.gather(*map(records.save, snapshots))
    assert await query("SELECT DISTINCT version FROM image_tasks") == [{"version": 20}]
    assert await query("SELECT version, amount_paid FROM orders") == [{"version": 20, "amount_paid": 20}]
    assert await query("SELECT count(*) FROM payments") == [{"count": 20}]
    assert await query("SELECT count(*) FROM order_events") == [{"count": 21}]


async def test_a_save_is_one_statement_for_all_rows_and_more_only_for_what_changed(
    engine: AsyncEngine, records: PostgresRecords
) -> None:
    await records.save(new_order())
    order = finished_order()
    order.change(TASK_ID, "add_requirement", "无", "2K", NOW, by="customer")
    order.pictures[0].analysis = Analysis(subject="猫")
    with counted(engine) as statements:
        await records.save(order)
    rows, *tags_and_customer, news = statements
    assert [f"INSERT INTO {table} " in rows for table in EVERYTHING] == [*[True] * 6, False, False, False]
    kinds = [statement.split()[0] for statement in tags_and_customer]
    assert kinds == ["SELECT", "WITH", "INSERT", "DELETE", "SELECT", "WITH", "SELECT", "SELECT", "UPDATE"]
    assert "pg_notify" in news, "whoever follows the order is told, once it is written"
    order.version += 1
    with counted(engine) as statements:
        await records.save(order)
    assert [statement.split()[0] for statement in statements] == ["WITH", "SELECT", "SELECT", "SELECT"]


async def test_an_older_snapshot_costs_no_statement_for_the_customer(
    engine: AsyncEngine, records: PostgresRecords
) -> None:
    await records.save(finished_order())
    with counted(engine) as statements:
        await records.save(new_order())
    rows, news = statements
    assert "INSERT INTO orders " in rows
    assert "pg_notify" in news


async def test_profile_tags_and_library_follow_when_only_they_change(records: PostgresRecords, query: Query) -> None:
    order = finished_order()
    order.pictures[0].analysis = Analysis(subject="猫")
    await records.save(order)
    order.pictures[0].analysis = Analysis(subject="狗", prompt="a dog")
    order.customer_name = "王芳芳"
    order.version += 1
    await records.save(order)
    assert await query("SELECT name, last_prompt, orders FROM customers") == [
        {"name": "王芳芳", "last_prompt": "a dog", "orders": 1}
    ]
    tags = await query("SELECT DISTINCT name FROM photo_tag JOIN tag ON tag.id = tag_id WHERE name IN ('猫', '狗')")
    assert tags == [{"name": "狗"}]


async def test_a_save_that_fails_half_way_leaves_nothing(records: PostgresRecords, query: Query) -> None:
    await query("ALTER TABLE photo RENAME TO photos")
    with pytest.raises(OutsideRefused, match="photo"):
        await records.save(finished_order())
    await query("ALTER TABLE photos RENAME TO photo")
    assert await snapshot(query) == [[] for _ in EVERYTHING]


async def test_two_shops_may_use_the_same_payment_id(records: PostgresRecords, query: Query) -> None:
    one, other = finished_order(), finished_order()
    other.order_id = "ORDER_20261122_OTHER1"
    other.pictures, other.journal = [], []
    await records.save(one)
    await records.save(other)
    rows = await query("SELECT order_id FROM payments WHERE payment_id = 'pay-1' ORDER BY 1")
    assert [row["order_id"] for row in rows] == [ORDER_ID, "ORDER_20261122_OTHER1"]


async def test_odd_characters_and_numbers_do_not_hold_up_an_order(records: PostgresRecords, query: Query) -> None:
    order = finished_order()
    order.pictures[0].notes[0].text = "a\0b\ud800c"
    order.payments[0].amount = Decimal("1e30")
    facts: dict[str, Any] = {"text": "\0x\ud83d", "number": float("inf"), "key\0": [Decimal("0.1"), {"deep": "\0"}]}
    order.note("odd\0", NOW, **facts)
    await records.save(order)
    assert await query("SELECT customer_notes FROM image_tasks") == [{"customer_notes": "[11-22 18:00] ab?c"}]
    (row,) = await query("SELECT what, facts FROM order_events ORDER BY serial DESC LIMIT 1")
    assert row == {"what": "odd", "facts": {"text": "x?", "number": None, "key": ["0.1", {"deep": ""}]}}


async def test_a_status_that_is_none_is_refused(records: PostgresRecords, query: Query) -> None:
    await records.save(new_order())
    with pytest.raises(Exception, match="ck_orders_status"):
        await query("UPDATE orders SET status = 'nonsense'")


@pytest.mark.parametrize("status", list(Status))
async def test_every_status_of_the_domain_has_its_place(status: Status, records: PostgresRecords, query: Query) -> None:
    order = new_order()
    order.pictures[0].status = status
    await records.save(order)
    assert await query("SELECT status FROM image_tasks") == [{"status": status}]
