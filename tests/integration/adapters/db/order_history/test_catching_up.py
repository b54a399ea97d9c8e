"""Records of the orders that were there before the task history."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.ledger import PostgresLedger
from adapters.db.order_history import OrderHistory, catch_up
from adapters.db.records import PostgresRecords
from domain.vocabulary.status import Status
from tests.integration.adapters.db.order_history.making import FILE, OWNER, Query, made, shown, third


class TestCatchingUp:
    async def test_orders_that_are_there_already_get_their_records_once_and_free_of_charge(
        self, engine: AsyncEngine, query: Query
    ) -> None:
        await _before_the_history(engine, query, OWNER)
        first = await catch_up(engine, OrderHistory())
        assert (first.orders, first.records.created, first.records.changed, first.strangers) == (1, 2, 0, 0)
        again = await catch_up(engine, OrderHistory())
        assert (again.orders, again.records.created, again.records.changed) == (1, 0, 0)
        rows = await query()
        assert [(row["status"], row["credits_deducted"]) for row in rows] == [("failed", 0), ("completed", 0)]
        assert rows[1]["aws_generated_key"] == FILE
        assert rows[1]["created_at"] < rows[1]["completed_at"] + timedelta(seconds=1)

    async def test_a_record_that_fell_behind_is_updated(self, engine: AsyncEngine, query: Query) -> None:
        await _before_the_history(engine, query, OWNER)
        await catch_up(engine, OrderHistory())
        await query("UPDATE user_task_history SET tokens_used = 1, status = 'pending', completed_at = NULL")
        assert (await catch_up(engine, OrderHistory())).records.changed == 2

    async def test_orders_of_nobody_who_can_sign_in_are_counted_and_left_out(
        self, engine: AsyncEngine, query: Query
    ) -> None:
        await _before_the_history(engine, query, "tb_001")
        done = await catch_up(engine, OrderHistory())
        assert (done.orders, done.strangers, await query()) == (0, 1, [])


async def _before_the_history(engine: AsyncEngine, query: Query, owner: str) -> None:
    """Rows as they were before there was a task history."""
    ledger = PostgresLedger(engine)
    await ledger.open_call(third(1))
    await made(ledger, third(2))
    order = shown(Status.COMPLETED)
    order.owner = None
    await PostgresRecords(engine).save(order)
    await query("UPDATE orders SET owner = :owner", owner=owner)
