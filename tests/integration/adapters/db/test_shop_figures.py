"""The figures of a day of the shop, as staff get them in the digest."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.ledger import PostgresLedger
from adapters.db.records import PostgresRecords
from adapters.db.shop_figures import PostgresShopFigures
from domain.attempts.ledger import CallFailure
from domain.upkeep.work import Digest
from domain.vocabulary.money import Payment, Refund
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import ModelCall
from tests.integration.adapters.db.orders import NOW, call, finished_order

DAY = timedelta(days=1)
MIDNIGHT = NOW.replace(hour=0)


async def test_a_day_without_anything_has_zeroes(engine: AsyncEngine) -> None:
    figures = await PostgresShopFigures(engine).of_day(MIDNIGHT, MIDNIGHT + DAY)
    assert figures == Digest(day="2026-11-22", paid="0", refunded="0", cost="0.00")


async def test_orders_and_money_count_on_their_own_days(engine: AsyncEngine) -> None:
    order = finished_order()
    order.payments.append(Payment(payment_id="pay-2", amount=Decimal("3.25"), currency="USD", paid_at=NOW))
    order.refunds = [Refund(refund_id="r-1", amount=Decimal(2), currency="CNY", at=NOW + DAY)]
    await PostgresRecords(engine).save(order)
    figures = PostgresShopFigures(engine)
    first, second = [await figures.of_day(MIDNIGHT + n * DAY, MIDNIGHT + (n + 1) * DAY) for n in (0, 1)]
    assert (first.orders_started, first.orders_paid, first.orders_completed) == (1, 1, 1)
    assert (first.paid, first.refunded) == ("15.50 CNY, 3.25 USD", "0")
    assert (second.orders_started, second.paid, second.refunded) == (0, "0", "2.00 CNY")


async def test_calls_count_with_their_cost_and_their_failures(engine: AsyncEngine) -> None:
    ledger = PostgresLedger(engine)
    for number in (1, 2):
        await ledger.open_call(call(number, attempt=number))
    made = ModelCall(provider="gemini", model="m", booked_cost=Decimal("0.5"))
    await ledger.close_call(call(1).call_id, made, {})
    failure = CallFailure(Outcome.BUSY, "busy", made.model_copy(update={"booked_cost": None}), possibly_billed=False)
    await ledger.fail_call(call(2, attempt=2).call_id, failure)
    async with engine.connect() as connection:
        now = (await connection.exec_driver_sql("SELECT now()")).scalar_one()
    figures = await PostgresShopFigures(engine).of_day(now - DAY, now + DAY)
    assert (figures.calls, figures.calls_failed, figures.cost) == (2, 1, "0.50")
