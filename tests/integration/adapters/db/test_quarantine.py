"""What Postgres refuses for good: that row is set aside, everything else is written, and staff can mend it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.dispatch_records import PostgresDispatchRecords
from adapters.db.ledger import PostgresLedger
from adapters.db.quarantine import Quarantine
from adapters.db.records import PostgresRecords
from domain.attempts.ledger import CallFailure
from domain.attempts.work import LateEvent
from domain.designers.dispatch import DispatchRequest
from domain.order.order import Order
from domain.texts.phrase import Said
from domain.vocabulary.errors import ValueRefused
from domain.vocabulary.money import Payment, Refund
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import ModelCall
from domain.vocabulary.quarantine import SetAside
from tests.integration.adapters.db.conftest import Query
from tests.integration.adapters.db.orders import NOW, ORDER_ID, TASK_ID, call, finished_order, stored

LONG = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(3000))  # hardly to be compressed


@pytest.fixture
def quarantine(engine: AsyncEngine) -> Quarantine:
    return Quarantine(engine)


def negative_refund(order: Order) -> None:
    order.refunds = [Refund.model_construct(refund_id="r1", amount=Decimal(-5), currency="CNY", at=NOW)]


def endless_digits(order: Order) -> None:
    order.payments.append(
        Payment.model_construct(
            payment_id="p2", amount=Decimal("1E-20000"), currency="CNY", paid_at=NOW, flagged=Said()
        )
    )


def too_large_for_an_index(order: Order) -> None:
    order.note("said", NOW, task_id=LONG)


def not_one_of_the_words(order: Order) -> None:
    order.changes = []
    order.__dict__["email_status"] = "lost"  # what no code of today says


def of_no_task(order: Order) -> None:
    order.pictures[0].attempts[0].number = 2**40  # which is nobody's business
    order.pictures[0].revision_notes = []
    assert order.pictures[0].result
    order.pictures[0].result.score = 2**40


def missing_altogether(order: Order) -> None:
    order.journal[0].__dict__["what"] = None  # what no code of today does


def too_wide_for_a_hash(order: Order) -> None:
    assert order.pictures[0].original
    order.pictures[0].original.width = 2**40


def never_a_customer(order: Order) -> None:
    order.customer_id = LONG


SPOILERS = [
    (negative_refund, {"orders", "payments"}),
    (endless_digits, {"payments"}),
    (too_large_for_an_index, {"order_events"}),
    (not_one_of_the_words, {"orders", "customers"}),
    (of_no_task, {"image_tasks", "photo"}),
    (missing_altogether, {"order_events"}),
    (too_wide_for_a_hash, {"photo"}),
    (never_a_customer, {"orders", "image_tasks", "photo", "customers"}),
]


@pytest.mark.parametrize(("spoil", "tables"), SPOILERS)
async def test_what_is_refused_is_set_aside_and_the_rest_is_written(
    records: PostgresRecords,
    quarantine: Quarantine,
    query: Query,
    spoil: Callable[[Order], None],
    tables: set[str],
) -> None:
    await records.save(finished_order())
    order = finished_order()
    order.version += 1
    order.payments.append(Payment(payment_id="p9", amount=Decimal(1), currency="CNY", paid_at=NOW))
    order.note("said", NOW, by="customer")
    spoil(order)
    await records.save(order)
    await records.save(order)  # a repeat of it changes nothing
    aside = await quarantine.listing()
    assert {row.table_name for row in aside} <= tables
    assert aside
    assert all(row.reason.startswith("Postgres ") for row in aside)
    assert await query("SELECT 1 AS one FROM payments WHERE payment_id = 'p9'") == [{"one": 1}]
    assert await query("SELECT 1 AS one FROM order_events WHERE what = 'said'") == [{"one": 1}]


async def test_a_sound_order_costs_no_savepoint(records: PostgresRecords, quarantine: Quarantine) -> None:
    await records.save(finished_order())
    assert await quarantine.listing() == []


async def test_staff_are_told_once_and_a_row_that_is_mended_goes_in(
    records: PostgresRecords, quarantine: Quarantine, query: Query
) -> None:
    order, told = finished_order(), list[SetAside]()
    order.refunds = [Refund.model_construct(refund_id="r1", amount=Decimal(-5), currency="CNY", at=NOW)]

    async def staff(news: list[SetAside]) -> None:
        told.extend(news)

    await records.save(order)
    for _ in range(2):
        await quarantine.tell(staff)
        await records.save(order)
    (refund,) = [row for row in told if row.key.endswith("refund")]
    assert len(told) == len(await quarantine.listing())
    with pytest.raises(ValueRefused, match="amount_not_negative"):
        await quarantine.retry(refund.row_id)
    await query("UPDATE quarantined_rows SET row = replace(row, '\"-5\"', '\"5\"')")  # as staff would by hand
    for row in await quarantine.listing():
        await quarantine.retry(row.row_id)
    assert await quarantine.listing() == []
    assert await query("SELECT amount FROM payments WHERE kind = 'refund'") == [{"amount": Decimal(5)}]


async def test_staff_who_could_not_be_told_are_told_next_time(records: PostgresRecords, quarantine: Quarantine) -> None:
    order = finished_order()
    endless_digits(order)
    await records.save(order)

    async def away(_: list[SetAside]) -> None:
        raise ConnectionError

    with pytest.raises(Exception, match="away"):
        await quarantine.tell(away)
    told: list[SetAside] = []

    async def staff(news: list[SetAside]) -> None:
        told.extend(news)

    await quarantine.tell(staff)
    assert [row.table_name for row in told] == ["payments"]


async def test_a_late_event_is_kept_although_its_money_is_refused(
    records: PostgresRecords, quarantine: Quarantine, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    from adapters.db import late  # noqa: PLC0415 - to spoil what it makes

    await records.save(finished_order())
    made = late._payment_row

    def spoilt(*args: Any) -> Any:
        return {**(made(*args) or {}), "amount": Decimal("1E-20000")}

    monkeypatch.setattr(late, "_payment_row", spoilt)
    event = LateEvent(order_id=ORDER_ID, signal="payment_received", payload={"payment_id": "p7", "amount": "1"})
    assert await records.keep_late_event(event, "e7", NOW + timedelta(days=1))
    assert [row.table_name for row in await quarantine.listing()] == ["payments"]
    assert len(await query("SELECT 1 FROM order_events WHERE what = 'late_event'")) == 1


async def test_a_call_that_was_made_ends_in_the_books_whatever_it_says_of_itself(
    ledger: PostgresLedger, quarantine: Quarantine, query: Query
) -> None:
    odd = ModelCall.model_construct(provider="gemini", model="m", latency_ms=2**40, cost=Decimal("1E-20000"))
    odd.input_tokens, odd.output_tokens = {}, {}
    for number, end in enumerate(("close", "fail"), 1):
        record = call(number)
        await ledger.open_call(record)
        if end == "close":
            await ledger.close_call(record.call_id, odd, {})
        else:
            await ledger.fail_call(record.call_id, CallFailure(Outcome.BUSY, "429", odd, possibly_billed=False))
    rows = await query("SELECT status FROM image_generation_task ORDER BY task_id")
    assert [row["status"] for row in rows] == ["completed", "failed"]
    await ledger.save_result("no call", stored("attempt-1.png"), "local")
    assert len(await quarantine.listing()) == 3
    assert await ledger.tries(TASK_ID, 1, [Outcome.BUSY]) == 1


async def test_a_call_that_cannot_be_opened_is_not_made(ledger: PostgresLedger) -> None:
    with pytest.raises(ValueRefused):
        await ledger.open_call(call(attempt=2**40))


async def test_a_dispatch_goes_on_although_its_row_is_refused(engine: AsyncEngine, quarantine: Quarantine) -> None:
    dispatches = PostgresDispatchRecords(engine)
    request = DispatchRequest.model_construct(task_id=LONG, customer_id="c", acc_id="s", reason="r", order_id=None)
    await dispatches.opened("dispatch-1", request)
    await dispatches.assigned("dispatch-1", "橘子", "T1")
    assert [row.table_name for row in await quarantine.listing()] == ["dispatches"]


async def test_no_reason_quotes_what_a_customer_wrote(records: PostgresRecords, quarantine: Quarantine) -> None:
    order = finished_order()
    order.email = "canary@example.com"
    not_one_of_the_words(order)
    endless_digits(order)
    await records.save(order)
    assert not [row for row in await quarantine.listing() if "canary" in row.reason or "1E-20000" in row.reason]
