"""A record shows the preview, and the file only once it is delivered; what its user does to it stays."""

from decimal import Decimal

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.ledger import PostgresLedger
from adapters.db.order_history import OrderHistory, catch_up
from adapters.db.records import PostgresRecords
from domain.vocabulary.money import Refund
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.status import Status
from tests.integration.adapters.db.order_history.making import FILE, PREVIEW, Query, made, owned, shown, third
from tests.integration.adapters.db.orders import NOW, call, new_order, stored


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.COMPLETED])
async def test_only_the_preview_is_seen_until_the_picture_was_delivered(
    records: PostgresRecords, ledger: PostgresLedger, query: Query, status: Status
) -> None:
    await records.save(owned(new_order()))
    await made(ledger, third())
    await records.save(shown(status))
    assert [row["aws_generated_key"] for row in await query()] == [PREVIEW]


async def test_the_delivered_file_is_seen_and_no_other_one(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    await records.save(owned(new_order()))
    await made(ledger, call(1, attempt=2), stored(FILE.replace("attempt-3", "attempt-2")))
    await made(ledger, third())
    await records.save(shown(Status.COMPLETED))
    assert [row["aws_generated_key"] for row in await query()] == [
        PREVIEW.replace("attempt-3", "attempt-2"),
        FILE,
    ]


async def test_what_was_delivered_stays_while_it_is_reworked_and_goes_with_the_money(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    await records.save(owned(new_order()))
    await made(ledger, third())
    order = shown(Status.COMPLETED)
    await records.save(order)
    order.pictures[0].status, order.version = Status.REVISION, order.version + 1
    await records.save(order)
    assert [row["aws_generated_key"] for row in await query()] == [FILE]
    order.refunds = [Refund(refund_id="r-1", amount=Decimal("15.5"), currency="CNY", at=NOW)]
    order.version += 1
    await records.save(order)
    assert [row["aws_generated_key"] for row in await query()] == [PREVIEW]


async def test_a_record_that_its_user_deleted_does_not_come_back(
    records: PostgresRecords, ledger: PostgresLedger, query: Query, engine: AsyncEngine, history: OrderHistory
) -> None:
    await records.save(owned(new_order()))
    await made(ledger, third())
    await query("DELETE FROM user_task_history")
    await records.save(shown(Status.COMPLETED))
    await ledger.record_outcome(third().call_id, Outcome.PASSED)
    assert (await catch_up(engine, history)).records.created == 0
    assert await query() == []


async def test_a_mark_of_the_user_survives_later_news(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    await records.save(owned(new_order()))
    await made(ledger, third())
    await query("UPDATE user_task_history SET favourite = true, rating = 5, rating_comment = '好'")
    await records.save(shown(Status.COMPLETED))
    (row,) = await query()
    assert (row["favourite"], row["rating"], row["rating_comment"], row["aws_generated_key"]) == (True, 5, "好", FILE)
