"""A record is written once, however often and in whatever order its writers come."""

import asyncio

from adapters.db.ledger import PostgresLedger
from adapters.db.records import PostgresRecords
from domain.vocabulary.status import Status
from tests.integration.adapters.db.order_history.making import (
    Query,
    made,
    owned,
    shown,
    third,
)
from tests.integration.adapters.db.orders import call, new_order


async def test_a_record_is_written_once_however_often_everything_is_repeated(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    for _ in range(3):
        await records.save(owned(new_order()))
        await made(ledger, third())
    assert len(await query()) == 1
    assert len(await query("SELECT 1 FROM credit_ledger")) == 1
    (sums,) = await query("SELECT * FROM user_task_statistics WHERE period_type = 'all'")
    assert (sums["total_tasks"], sums["successful_tasks"], sums["total_tokens_used"]) == (1, 1, 2590)


async def test_repeats_do_not_touch_the_row(records: PostgresRecords, ledger: PostgresLedger, query: Query) -> None:
    await records.save(owned(new_order()))
    await made(ledger, third())
    before = await query()
    await made(ledger, third())
    await records.save(owned(new_order()))
    assert await query() == before


async def test_two_writers_at_once_leave_the_newest_state(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    await records.save(owned(new_order()))
    calls = [call(1, attempt=number) for number in range(1, 9)]
    delivered = shown(Status.COMPLETED)
    await asyncio.gather(*(made(ledger, one) for one in calls), records.save(delivered))
    await records.save(delivered)
    found = await query()
    assert [row["status"] for row in found] == ["completed"] * 8
    (sums,) = await query("SELECT * FROM user_task_statistics WHERE period_type = 'all'")
    assert sums["successful_tasks"] == 8


async def test_a_call_before_the_orders_first_row_is_recorded_with_that_row(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    await made(ledger, third())
    assert await query() == []
    await records.save(owned(new_order()))
    assert [row["status"] for row in await query()] == ["completed"]
