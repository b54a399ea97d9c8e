"""Events that come when their order has closed, or of orders that nobody knows."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.db.records import PostgresRecords
from domain.attempts.work import LateEvent
from domain.vocabulary.errors import OutsideRefused
from domain.vocabulary.status import Status
from tests.integration.adapters.db.conftest import Query
from tests.integration.adapters.db.orders import NOW, ORDER_ID, finished_order, new_order

LATE = NOW + timedelta(days=20)
PAYMENTS = "SELECT kind, payment_id, amount, currency, paid_at, flagged FROM payments WHERE flagged <> '' ORDER BY kind"
AMOUNTS = "SELECT amount_paid, amount_refunded, currency, version FROM orders"
PAID = {"event_id": "e1", "payment_id": "pay-2", "amount": "9.5", "paid_at": "2026-12-12T08:00:00+08:00"}
FLAG = "payment.late"


def late(signal: str, order_id: str = ORDER_ID, **payload: Any) -> LateEvent:
    return LateEvent(order_id=order_id, signal=signal, payload=payload)


async def amounts(query: Query) -> tuple[Any, ...]:
    (row,) = await query(AMOUNTS)
    return tuple(row.values())


async def test_a_late_event_is_the_last_line_of_its_order(records: PostgresRecords, query: Query) -> None:
    await records.save(finished_order())
    assert await records.keep_late_event(late("customer_message", text="在吗"), "e1", LATE) is True
    (line,) = await query("SELECT * FROM order_events ORDER BY serial DESC LIMIT 1")
    assert (line["serial"], line["what"], line["by"], line["at"]) == (6, "late_event", "sender", LATE)
    assert line["facts"] == {"signal": "customer_message", "payload": {"text": "在吗"}}


async def test_an_event_of_an_order_that_nobody_knows_is_kept_and_said_so(
    records: PostgresRecords, query: Query
) -> None:
    assert await records.keep_late_event(late("payment_received", **PAID), "e1", LATE) is False
    assert await records.keep_late_event(late("customer_message", text="在吗"), "e2", LATE) is False
    rows = await query("SELECT order_id, serial FROM order_events ORDER BY serial")
    assert [tuple(row.values()) for row in rows] == [(ORDER_ID, 1), (ORDER_ID, 2)]
    assert await query(PAYMENTS) == []


async def test_a_repeated_event_changes_nothing(records: PostgresRecords, query: Query) -> None:
    await records.save(finished_order())
    event = late("payment_received", amount="9.5")
    answers = await asyncio.gather(*(records.keep_late_event(event, "e1", LATE) for _ in range(5)))
    assert answers == [True] * 5
    assert await query("SELECT count(*) FROM order_events WHERE what = 'late_event'") == [{"count": 1}]
    assert await amounts(query) == (Decimal("25.0"), 0, "CNY", 7)


async def test_two_orders_or_signals_may_use_the_same_event_id(records: PostgresRecords, query: Query) -> None:
    for event in (late("customer_message"), late("link_opened"), late("customer_message", order_id="ORDER_OTHER")):
        await records.keep_late_event(event, "e1", LATE)
    assert await query("SELECT count(*) FROM order_events") == [{"count": 3}]


async def test_a_late_payment_is_booked_and_flagged(records: PostgresRecords, query: Query) -> None:
    await records.save(finished_order())
    await records.keep_late_event(late("payment_received", **PAID), "e1", LATE)
    (row,) = await query(PAYMENTS)
    paid_at = datetime(2026, 12, 12, tzinfo=UTC)
    assert tuple(row.values()) == ("payment", "pay-2", Decimal("9.5"), "CNY", paid_at, FLAG)
    assert await amounts(query) == (Decimal("25.0"), 0, "CNY", 7)


async def test_a_payment_that_the_order_knew_already_is_not_counted_again(
    records: PostgresRecords, query: Query
) -> None:
    await records.save(finished_order())
    await records.keep_late_event(late("payment_received", payment_id="pay-1", amount="15.5"), "e9", LATE)
    assert await query(PAYMENTS) == []
    assert await amounts(query) == (Decimal("15.5"), 0, "CNY", 7)


async def test_different_late_payments_at_the_same_time_add_up(records: PostgresRecords, query: Query) -> None:
    await records.save(finished_order())
    payments = [late("payment_received", payment_id=f"late-{number}", amount="1") for number in range(8)]
    await asyncio.gather(*(records.keep_late_event(event, f"e{n}", LATE) for n, event in enumerate(payments)))
    assert (await amounts(query))[0] == Decimal("23.5")
    rows = await query("SELECT serial FROM order_events WHERE what = 'late_event' ORDER BY serial")
    assert [row["serial"] for row in rows] == list(range(6, 14))


async def test_money_without_an_id_goes_by_the_event(records: PostgresRecords, query: Query) -> None:
    await records.save(finished_order())
    await records.keep_late_event(late("payment_received", event_id="theirs"), "e1", LATE)
    await records.keep_late_event(late("refund_recorded", amount="1"), "e2", LATE)
    assert [(row["payment_id"], row["amount"], row["paid_at"]) for row in await query(PAYMENTS)] == [
        ("theirs", 0, LATE), ("e2", 1, LATE),
    ]  # fmt: skip


@pytest.mark.parametrize(("amount", "refunded"), [("5", 5), (None, Decimal("15.5"))])
async def test_a_late_refund_without_an_amount_is_all_that_was_paid(
    amount: str | None, refunded: Decimal, records: PostgresRecords, query: Query
) -> None:
    await records.save(finished_order())
    await records.keep_late_event(late("refund_recorded", refund_id="r1", amount=amount), "e1", LATE)
    (row,) = await query(PAYMENTS)
    assert tuple(row.values()) == ("refund", "r1", refunded, "CNY", LATE, "refund.late")
    assert await amounts(query) == (Decimal("15.5"), refunded, "CNY", 7)


async def test_late_money_in_another_currency_is_on_record_only(records: PostgresRecords, query: Query) -> None:
    await records.save(finished_order())
    await records.keep_late_event(late("payment_received", **PAID, currency="USD"), "e1", LATE)
    assert [row["currency"] for row in await query(PAYMENTS)] == ["USD"]
    assert await amounts(query) == (Decimal("15.5"), 0, "CNY", 7)


async def test_an_order_that_was_never_priced_gets_the_currency_of_its_late_payment(
    records: PostgresRecords, query: Query
) -> None:
    await records.save(new_order())
    await records.keep_late_event(late("payment_received", **PAID), "e1", LATE)
    assert await amounts(query) == (Decimal("9.5"), 0, "CNY", 0)


async def test_late_money_counts_for_the_customer(records: PostgresRecords) -> None:
    await records.save(finished_order())
    await records.keep_late_event(late("payment_received", amount="200"), "e1", LATE)
    known = await records.known_customer("shop1", "tb_001")
    assert (known.spent, known.tags, known.email) == (Decimal("215.5"), ["new", "high_value"], "fang@example.com")


@pytest.mark.parametrize("event", [late("quote_set", amount="much"), late("no_such_signal", amount="9")])
async def test_what_cannot_be_read_is_kept_as_it_came(event: LateEvent, records: PostgresRecords, query: Query) -> None:
    await records.save(finished_order())
    assert await records.keep_late_event(event, "e1", LATE) is True
    (line,) = await query("SELECT facts FROM order_events WHERE what = 'late_event'")
    assert line["facts"] == {"signal": event.signal, "payload": event.payload}
    assert await query(PAYMENTS) == []
    assert await amounts(query) == (Decimal("15.5"), 0, "CNY", 7)


async def test_a_late_event_that_fails_half_way_leaves_nothing(records: PostgresRecords, query: Query) -> None:
    await records.save(finished_order())
    await query("DROP TABLE customers")
    with pytest.raises(OutsideRefused, match="customers"):
        await records.keep_late_event(late("payment_received", **PAID), "e1", LATE)
    assert await query(PAYMENTS) == []
    assert await query("SELECT count(*) FROM order_events WHERE what = 'late_event'") == [{"count": 0}]


async def test_odd_characters_in_a_late_event_are_cleaned(records: PostgresRecords, query: Query) -> None:
    await records.save(finished_order())
    event = late("payment_received", payment_id="p\0", amount="1")
    event.order_id += "\0"
    event.payload["note"] = "\ud800"  # none comes over the wire, nor is one measured
    assert await records.keep_late_event(event, "e\0", LATE) is True
    assert [row["payment_id"] for row in await query(PAYMENTS)] == ["p"]


@pytest.mark.parametrize("paid_at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "yesterday"])
async def test_a_time_that_cannot_be_meant_does_not_hold_up_a_payment(
    paid_at: str, records: PostgresRecords, query: Query
) -> None:
    await records.save(finished_order())
    await records.keep_late_event(late("payment_received", amount="1", paid_at=paid_at), "e1", LATE)
    assert [row["paid_at"] for row in await query(PAYMENTS)] == [LATE]


async def test_late_money_that_cannot_be_read_is_on_record_and_in_no_sum(
    records: PostgresRecords, query: Query
) -> None:
    await records.save(finished_order())
    await records.keep_late_event(late("payment_received", payment_id="p2", amount="25,00"), "e1", LATE)
    await records.keep_late_event(late("refund_recorded", refund_id="r2", amount="lots"), "e2", LATE)
    rows = await query(PAYMENTS)
    assert [(row["amount"], row["flagged"]) for row in rows] == [(0, "payment.unread"), (0, "refund.unread")]
    assert await amounts(query) == (Decimal("15.5"), 0, "CNY", 7)


@pytest.mark.parametrize(
    ("events", "is_due"),
    [
        ([], False),
        ([late("payment_received", payment_id="p1", amount="5")], True),
        ([late("payment_received", payment_id="p1", amount="5"), late("refund_recorded", amount="5")], False),
        ([late("payment_received", payment_id="p1", amount="5"), late("refund_recorded", amount="2")], True),
        ([late("payment_received", payment_id="p1"), late("refund_recorded", amount="2")], True),
        ([late("payment_received", payment_id="p1", amount="5"), late("refund_recorded")], False),
    ],
)
async def test_a_cancelled_order_owes_what_came_late_until_it_has_gone_back(
    events: list[LateEvent], is_due: bool, records: PostgresRecords, query: Query
) -> None:
    order = new_order()
    order.payments, order.ended = [], Status.CANCELLED
    for picture in order.pictures:
        picture.status = Status.CANCELLED
    await records.save(order)
    for number, event in enumerate(events):
        await records.keep_late_event(event, f"e{number}", LATE)
    assert await query("SELECT refund_due FROM orders") == [{"refund_due": is_due}]
