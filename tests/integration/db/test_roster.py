"""The table of dispatches: who had what, and whose turn it is."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.roster import PostgresRoster
from domain.dispatch import DispatchRequest
from tests.integration.db.conftest import Query

REQUEST = DispatchRequest(task_id="TASK_20261122_7K3F9Q_1", customer_id="c1", acc_id="shop-1", reason="two heads")


@pytest.fixture
async def roster(engine: AsyncEngine, query: Query) -> PostgresRoster:
    await query("DELETE FROM dispatches")
    return PostgresRoster(engine)


async def given(roster: PostgresRoster, dispatch_id: str, designer: str) -> None:
    await roster.opened(dispatch_id, REQUEST, "T1")
    await roster.assigned(dispatch_id, designer)


async def test_a_dispatch_is_on_record_from_its_beginning_to_its_end(roster: PostgresRoster, query: Query) -> None:
    await given(roster, "d1", "橘子")
    await roster.opened("d1", REQUEST, "another")
    await roster.closed("d1", "dispatch_accepted")
    (row,) = await query("SELECT * FROM dispatches")
    assert (row["task_id"], row["order_id"], row["customer_id"], row["reason"]) == (
        "TASK_20261122_7K3F9Q_1", None, "c1", "two heads",
    )  # fmt: skip
    assert (row["dispatch_task_id"], row["designer"], row["closing"]) == ("T1", "橘子", "dispatch_accepted")
    assert row["opened_at"] < row["assigned_at"] < row["closed_at"]


async def test_who_never_had_one_comes_first_then_who_had_the_last_one_longest_ago(roster: PostgresRoster) -> None:
    assert await roster.next_in_turn(["b", "a"]) == "a"
    await given(roster, "d1", "a")
    assert await roster.next_in_turn(["b", "a"]) == "b"
    await given(roster, "d2", "b")
    assert await roster.next_in_turn(["b", "a"]) == "a"
    await given(roster, "d3", "a")
    assert await roster.next_in_turn(["b", "a"]) == "b"
    assert await roster.next_in_turn(["a"]) == "a"
