"""Profiles of customers: merged from every order that is saved, counted over the rows."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from adapters.db.records import PostgresRecords
from domain.order.order import Order
from domain.vocabulary.money import Payment, Refund
from domain.vocabulary.pictures import Analysis, Complexity
from tests.integration.adapters.db.conftest import Query
from tests.integration.adapters.db.orders import NOW, finished_order, new_order, stored

PROFILES = "SELECT * FROM customers ORDER BY acc_id, customer_id"


def order_number(number: int, customer_id: str = "tb_001", acc_id: str = "shop1") -> Order:
    """Another order of a customer, a day after the one before it, paid 10 and revised twice."""
    order = new_order()
    order.order_id, order.customer_id, order.acc_id = f"ORDER_20261122_{number:06}", customer_id, acc_id
    order.created_at = NOW + timedelta(days=number)
    order.journal, order.pictures[0].task_id = [], f"TASK_20261122_{number:06}_1"
    order.pictures[0].revision_notes = ["亮一点", "再亮一点"]
    order.payments = [Payment(payment_id=f"p{number}", amount=Decimal(10), currency="CNY", paid_at=NOW)]
    return order


async def test_nobody_is_known_before_their_first_order(records: PostgresRecords) -> None:
    assert await records.known_customer("shop1", "tb_001") is None


async def test_the_row_of_a_customer_says_what_their_order_told(records: PostgresRecords, query: Query) -> None:
    order = finished_order()
    order.pictures[0].analysis = Analysis(complexity=Complexity.HARD, prompt="a portrait", aspect_ratio="3:4")
    await records.save(order)
    (row,) = await query("SELECT *, complexity_history->0->>'complexity' AS complexity FROM customers")
    assert (row["acc_id"], row["customer_id"], row["name"]) == ("shop1", "tb_001", "王芳")
    assert (row["email"], row["email_status"]) == ("fang@example.com", "sent")
    assert (row["last_picture"], row["last_prompt"]) == ("original.jpg", "a portrait")
    assert (row["last_aspect_ratio"], row["last_perspective"], row["complexity"]) == ("3:4", "no", "hard")
    assert (row["orders"], row["revisions"], row["spent"], row["currency"]) == (1, 1, Decimal("15.5"), "CNY")
    assert (row["tags"], row["requirement_history"][0]["requirements"]) == (["new"], ["2K", "白底"])


async def test_a_profile_is_read_back_as_it_was_written(records: PostgresRecords) -> None:
    order = finished_order()
    order.pictures[0].analysis = Analysis(complexity=Complexity.HARD)
    await records.save(order)
    known = await records.known_customer("shop1", "tb_001")
    assert (known.name, known.email, known.spent, known.tags) == ("王芳", "fang@example.com", Decimal("15.5"), ["new"])
    assert known.sources["email"].at == known.complexity_history[0].at == NOW


async def test_the_same_customer_of_two_shops_has_two_profiles(records: PostgresRecords) -> None:
    await records.save(order_number(1))
    await records.save(order_number(2, acc_id="shop2"))
    assert (await records.known_customer("shop1", "tb_001")).orders == 1
    assert (await records.known_customer("shop2", "tb_001")).orders == 1
    assert await records.known_customer("shop2", "tb_002") is None


async def test_totals_are_over_all_orders_and_repeats_change_nothing(records: PostgresRecords, query: Query) -> None:
    orders = [order_number(number) for number in (1, 2, 3)]
    orders[0].refunds = [Refund(refund_id="r1", amount=Decimal(4), currency="CNY", at=NOW)]
    for order in orders:
        await records.save(order)
    before = await query(PROFILES)
    for order in reversed(orders):
        await records.save(order)
    assert await query(PROFILES) == before
    (row,) = before
    assert (row["orders"], row["revisions"], row["spent"]) == (3, 6, 26)
    assert row["tags"] == ["returning", "often_revises"]


async def test_money_of_an_order_in_another_currency_than_the_newest_is_not_counted(records: PostgresRecords) -> None:
    old = order_number(1)
    await records.save(old)
    await records.save(order_number(2))
    await records.save(order_number(3, customer_id="tb_002"))
    rules = old.known_rules.model_copy(deep=True)
    rules.prices.currency = "USD"
    old.rules, old.version = rules, 1
    await records.save(old)
    known = await records.known_customer("shop1", "tb_001")
    assert (known.orders, known.spent, known.currency) == (2, 10, "CNY")


async def test_an_order_of_high_value_makes_a_customer_of_high_value(records: PostgresRecords) -> None:
    order = finished_order()
    order.quotes[0].high_value = True
    await records.save(order)
    known = await records.known_customer("shop1", "tb_001")
    assert (known.high_value_orders, known.tags) == (1, ["new", "high_value"])


async def test_an_older_snapshot_leaves_the_profile_alone(records: PostgresRecords, query: Query) -> None:
    order = finished_order()
    await records.save(order)
    before = await query(PROFILES)
    order.version, order.customer_name, order.email = order.version - 1, "before", "before@example.com"
    await records.save(order)
    assert await query(PROFILES) == before


async def test_an_older_order_leaves_what_the_newer_one_told(records: PostgresRecords) -> None:
    new, old = order_number(2), order_number(1)
    new.customer_name, old.customer_name = "new", "old"
    new.pictures[0].original, old.pictures[0].original = stored("new.jpg"), stored("old.jpg")
    new.pictures[0].analysis = old.pictures[0].analysis = Analysis()
    await records.save(new)
    await records.save(old)
    known = await records.known_customer("shop1", "tb_001")
    assert (known.name, known.last_picture, known.orders) == ("new", "new.jpg", 2)


@pytest.mark.parametrize("is_known", [False, True])
async def test_orders_of_one_customer_saved_at_the_same_time_are_all_counted(
    is_known: bool, records: PostgresRecords
) -> None:
    if is_known:
        await records.save(order_number(1))
    await asyncio.gather(*(records.save(order_number(number)) for number in range(1, 13)))
    known = await records.known_customer("shop1", "tb_001")
    assert (known.orders, known.revisions, known.spent) == (12, 24, 120)


async def test_odd_characters_in_a_customer_do_not_hold_up_their_order(records: PostgresRecords, query: Query) -> None:
    order = order_number(1, customer_id="tb\0_001")
    order.customer_name, order.pictures[0].requirements = "王\0\ud800", ["\0白底"]
    await records.save(order)
    rows = await query("SELECT customer_id, name, requirement_history->0->'requirements' AS wanted FROM customers")
    assert rows == [{"customer_id": "tb_001", "name": "王?", "wanted": ["白底"]}]
