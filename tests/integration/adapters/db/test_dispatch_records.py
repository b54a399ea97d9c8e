"""The table of dispatches: who has done what, and whose turn it is."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.dispatch_records import PostgresDispatchRecords
from domain.designers.dispatch import DispatchRequest
from tests.integration.adapters.db.conftest import Query

REQUEST = DispatchRequest(
    task_id="TASK_20261122_7K3F9Q_1", order_id="ORDER_20261122_7K3F9Q", customer_id="tb_001", acc_id="shop1",
    reason="三次没过",
)  # fmt: skip
ROW = "SELECT designer, closing, assigned_at, closed_at FROM dispatches WHERE dispatch_id = 'D-1'"


@pytest.fixture
def dispatches(engine: AsyncEngine) -> PostgresDispatchRecords:
    return PostgresDispatchRecords(engine)


async def give(dispatches: PostgresDispatchRecords, *names: str) -> None:
    """Give each of these a task of their own, one after the other."""
    for name in names:
        await dispatches.opened(f"D-{name}", REQUEST)
        await dispatches.assigned(f"D-{name}", name, "T")


async def test_what_was_begun_is_on_record(dispatches: PostgresDispatchRecords, query: Query) -> None:
    await dispatches.opened("D-1", REQUEST)
    (row,) = await query("SELECT * FROM dispatches")
    assert row.pop("opened_at")
    assert row == {
        "dispatch_id": "D-1", "task_id": REQUEST.task_id, "order_id": REQUEST.order_id, "customer_id": "tb_001",
        "acc_id": "shop1", "reason": "三次没过", "dispatch_task_id": "", "designer": "", "closing": "",
        "assigned_at": None, "closed_at": None, "removed_at": None,
    }  # fmt: skip


async def test_a_question_has_no_order(dispatches: PostgresDispatchRecords, query: Query) -> None:
    await dispatches.opened("D-1", DispatchRequest(task_id="T-1", customer_id="tb_001"))
    assert await query("SELECT order_id, dispatch_task_id FROM dispatches") == [
        {"order_id": None, "dispatch_task_id": ""}
    ]


async def test_the_same_begun_again_changes_nothing(dispatches: PostgresDispatchRecords, query: Query) -> None:
    await dispatches.opened("D-1", REQUEST)
    await dispatches.assigned("D-1", "橘子", "ea853bd9")
    before = await query("SELECT * FROM dispatches")
    await asyncio.gather(*(dispatches.opened("D-1", REQUEST) for _ in range(4)))
    assert await query("SELECT * FROM dispatches") == before


async def test_who_never_had_a_task_is_next_by_name(dispatches: PostgresDispatchRecords) -> None:
    await give(dispatches, "a")
    assert await dispatches.next_in_turn(["c", "a", "b"]) == "b"


async def test_where_all_had_one_it_is_who_had_the_last_longest_ago(dispatches: PostgresDispatchRecords) -> None:
    await give(dispatches, "b", "c", "a")
    assert await dispatches.next_in_turn(["a", "b", "c"]) == "b"
    assert await dispatches.next_in_turn(["a", "c"]) == "c"


async def test_a_turn_goes_by_the_last_task_of_each_not_by_the_first(dispatches: PostgresDispatchRecords) -> None:
    await give(dispatches, "a", "b")
    await dispatches.opened("D-9", REQUEST)
    await dispatches.assigned("D-9", "a", "T")
    assert await dispatches.next_in_turn(["a", "b"]) == "b"


async def test_who_has_it_now_stands_in_the_place_of_who_had_it(
    dispatches: PostgresDispatchRecords, query: Query
) -> None:
    await dispatches.opened("D-1", REQUEST)
    await dispatches.assigned("D-1", "橘子", "ea853bd9")
    (before,) = await query(ROW)
    await dispatches.assigned("D-1", "婷婷", "ea853bd9")
    (after,) = await query(ROW)
    assert (before["designer"], after["designer"]) == ("橘子", "婷婷")
    assert before["assigned_at"] < after["assigned_at"]
    assert after["closed_at"] is None


async def test_what_is_over_says_why_and_keeps_who_did_it(dispatches: PostgresDispatchRecords, query: Query) -> None:
    await give(dispatches, "1", "2")
    await dispatches.closed("D-1", "dispatch_done")
    (row,) = await query(ROW)
    assert (row["designer"], row["closing"]) == ("1", "dispatch_done")
    assert row["closed_at"] > row["assigned_at"]
    assert await query("SELECT closing FROM dispatches WHERE dispatch_id = 'D-2'") == [{"closing": ""}]
