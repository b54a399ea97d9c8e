"""The state of the whole shop: what is counted, without names, and by which indexes."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db import query_times
from adapters.db.records import PostgresRecords
from adapters.db.shop_state import OPEN, STATEMENTS, ShopStates
from tests.integration.adapters.db.conftest import Query
from tests.integration.adapters.db.orders import finished_order
from tests.integration.adapters.db.test_board import held_order

TASK = """
INSERT INTO dispatches (dispatch_id, task_id, customer_id, acc_id, reason, designer, opened_at, closed_at)
VALUES (:id, :id, 'wang', 'shop', 'hard', :designer, now() - interval '1 hour', CAST(:closed AS timestamptz))
"""


async def test_open_orders_needs_and_tasks_are_counted(
    engine: AsyncEngine, records: PostgresRecords, query: Query
) -> None:
    await records.save(finished_order())
    await records.save(held_order())
    for number, designer in enumerate(["小李", "小李", "小王", "", "小李"]):
        ended = "2026-11-22" if number == 4 else None
        await query(TASK.replace(":closed", f"'{ended}'" if ended else "NULL"), id=f"d{number}", designer=designer)
    state = await ShopStates(engine).read()
    statuses = {row["status"]: row["orders"] for row in state.open_orders}
    assert statuses == {held_order().status: 1}
    assert {row["kind"]: row["needs"] for row in state.needs} == {"payment": 1}
    assert sorted((row["is_waiting"], row["tasks"]) for row in state.designers) == [(False, 1), (False, 2), (True, 1)]
    assert all(3590 < row["oldest"] < 7200 for row in state.designers)
    assert "小" not in repr(state)


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("open_orders", "ix_orders_status_created_at"),
        ("new_orders", "ix_orders_created_at"),
        ("needs", "ix_orders_with_needs"),
        ("designers", "ix_dispatches_open"),
    ],
)
async def test_the_state_is_read_by_an_index(engine: AsyncEngine, name: str, index: str) -> None:
    statement = STATEMENTS[name].replace(":open", f"'{{{','.join(OPEN)}}}'")
    async with engine.connect() as connection:
        await connection.execute(text("SET enable_seqscan = off"))
        plan = "\n".join((await connection.execute(text("EXPLAIN " + statement.replace("::", r"\:\:")))).scalars())
    assert index in plan


async def test_each_statement_is_timed_by_its_verb(engine: AsyncEngine) -> None:
    told: list[tuple[str, float]] = []
    query_times.observe(engine, lambda verb, seconds: told.append((verb, seconds)))
    async with engine.connect() as connection:
        for statement in ("SELECT 1", " with x as (select 1) select * from x", "SHOW timezone"):
            await connection.execute(text(statement))
    ours = [(verb, seconds) for verb, seconds in told if verb in {"select", "with", "other"}]
    assert [verb for verb, _ in ours] == ["select", "with", "other"]
    assert all(seconds > 0 for _, seconds in ours)
