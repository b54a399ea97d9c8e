"""The dashboard's figures: what the rows of orders, payments, calls and dispatches add up to."""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.board_figures import BoardFigures, Period
from adapters.db.ledger import PostgresLedger
from adapters.db.records import PostgresRecords
from domain.vocabulary.money import Payment, Refund
from tests.integration.adapters.db.conftest import Query
from tests.integration.adapters.db.orders import NOW, ORDER_ID, call, finished_order

DAY = date(2026, 11, 22)
ZONE = "Asia/Shanghai"


def period(first: date = DAY, last: date = DAY, zone: str = ZONE) -> Period:
    return Period(first, last, zone, "CNY")


async def test_a_day_adds_up(
    engine: AsyncEngine, records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    order = finished_order()
    order.payments.append(Payment(payment_id="pay-2", amount=Decimal(5), currency="CNY", paid_at=NOW))
    order.payments.append(Payment(payment_id="pay-3", amount=Decimal(99), currency="USD", paid_at=NOW))
    order.refunds = [Refund(refund_id="back", amount=Decimal("2.5"), currency="CNY", at=NOW)]
    await records.save(order)
    await ledger.open_call(call())
    await ledger.open_call(call(2))
    await query(
        "UPDATE image_generation_task SET created_at = :at, status = 'completed', outcome = 'passed', booked_cost = 0.5"
        ", latency_ms = 8000", at=NOW,
    )  # fmt: skip
    await query("UPDATE image_generation_task SET status = 'failed', outcome = 'busy' WHERE task_id LIKE '%A1.2'")
    found = await BoardFigures(engine).of(period(DAY - timedelta(days=1)))
    assert [(row["day"], row["orders"]) for row in found.days] == [(DAY - timedelta(days=1), 0), (DAY, 1)]
    today = found.days[-1]
    assert (today["paid_orders"], today["revenue"], today["cost"]) == (1, Decimal("18.0"), Decimal("1.0"))
    (operation,) = found.operations
    assert (operation["operation"], operation["pictures"], operation["completed"], operation["failed"]) == (
        "enhance",
        1,
        1,
        0,
    )
    assert (float(operation["revisions"]), float(operation["score"])) == (1, 92)
    (model,) = found.models
    assert (model["calls"], model["passed"], model["failed"], model["median_ms"]) == (2, 1, 1, 8000)
    assert [(row["provider"], row["outcome"], row["calls"]) for row in found.errors] == [("gemini", "busy", 1)]
    assert (found.waits["orders"], float(found.waits["median"])) == (1, 0)


async def test_a_day_is_one_of_the_shop(engine: AsyncEngine, records: PostgresRecords) -> None:
    await records.save(finished_order())  # at 18:00 in Shanghai, 23:00 in Auckland
    figures = BoardFigures(engine)
    assert [row["orders"] for row in (await figures.of(period(zone="Pacific/Auckland"))).days] == [1]
    assert [row["orders"] for row in (await figures.of(period(zone="Pacific/Kiritimati"))).days] == [0]


async def test_nothing_is_no_error(engine: AsyncEngine) -> None:
    found = await BoardFigures(engine).of(period())
    assert ([row["orders"] for row in found.days], found.waits["median"], found.models) == ([0], None, [])


async def test_designers_are_counted_by_what_they_have_and_did(engine: AsyncEngine, query: Query) -> None:
    closings = (None, None, "2026-11-22 12:00Z", "2026-10-01 12:00Z")
    for number, closed in enumerate(closings):
        await query(
            "INSERT INTO dispatches (dispatch_id, task_id, order_id, customer_id, acc_id, reason, designer,"
            " assigned_at, closed_at) VALUES (:id, 'T', :order, 'c', 's', '', '橘子',"
            " timestamptz '2026-11-22 11:00Z', CAST(CAST(:closed AS text) AS timestamptz))",
            id=f"dispatch-{number}", order=ORDER_ID, closed=closed,
        )  # fmt: skip
    (designer,) = (await BoardFigures(engine).of(period())).designers
    assert (designer["designer"], designer["open"], designer["closed"], float(designer["median"])) == (
        "橘子",
        2,
        1,
        3600,
    )
