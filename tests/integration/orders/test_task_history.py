"""An order with an owner in that user's task history, on real parts: once for each call, also over a kill."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from domain.vocabulary.status import Status
from runtime import wiring
from tests.integration.orders.conftest import RealOrder, RealShop

CREDITS = '{"order": 2}'


@pytest.fixture
def owner() -> str:
    return str(uuid4())


async def records(shop: RealShop, owner: str) -> list[dict[str, Any]]:
    statement = "SELECT * FROM user_task_history WHERE user_id = CAST(:owner AS uuid) ORDER BY created_at"
    return await shop.rows(statement, owner=owner)


async def assert_in_step(shop: RealShop, order: RealOrder, owner: str) -> None:
    """Each image call has one record, charged once, and the statistics count them."""
    found, calls = await records(shop, owner), await order.calls()
    assert [row["call_id"] for row in found] == [call["task_id"] for call in calls]
    ends = {"processing": "pending", "completed": "completed", "failed": "failed", "interrupted": "failed"}
    assert [row["status"] for row in found] == [ends[call["status"]] for call in calls]
    entered = "SELECT what, amount FROM credit_ledger WHERE user_id = CAST(:owner AS uuid) AND what = 'order'"
    assert [row["amount"] for row in await shop.rows(entered, owner=owner)] == [-2] * len(calls)
    sums = "SELECT * FROM user_task_statistics WHERE user_id = CAST(:owner AS uuid) AND period_type = 'all'"
    (total,) = await shop.rows(sums, owner=owner)
    assert (total["total_tasks"], total["successful_tasks"]) == (
        len(found), sum(row["status"] == "completed" for row in found),
    )  # fmt: skip
    assert total["total_credits_deducted"] == sum(row["credits_deducted"] for row in found)


async def test_its_owner_sees_the_preview_first_and_the_file_once_it_is_delivered(
    real_shop: RealShop, photo: bytes, owner: str
) -> None:
    real_shop.have_no_worker()
    real_shop.start_worker(CREDITS=CREDITS)
    order = await real_shop.new_order(photo, owner=owner)
    await order.is_shown()
    (row,) = await records(real_shop, owner)
    assert row["aws_generated_key"].endswith("attempt-1-preview.jpg")
    assert row["aws_generated_key"].startswith(f"task-history/{owner}/TASK_")
    assert row["tokens_used"] > 0
    assert row["generation_time_ms"] > 0
    await order.signal("customer_message", event_id="yes", text="可以,发到 wang@example.com")
    await order.reaches(Status.COMPLETED)
    (row,) = await records(real_shop, owner)
    assert "-generated." in row["aws_generated_key"]
    assert await wiring.files(real_shop.settings).find(row["aws_generated_key"])
    await assert_in_step(real_shop, order, owner)


async def test_calls_of_a_killed_worker_and_their_retries_are_one_record_each(
    real_shop: RealShop, photo: bytes, owner: str
) -> None:
    real_shop.have_no_worker()
    real_shop.start_worker(CREDITS=CREDITS)
    order = await real_shop.new_order(photo, owner=owner)
    price = await order.is_quoted()
    await real_shop.ask_for_fault("gemini", fault="hang", kind="image")
    await order.pay(price)
    async with asyncio.timeout(60):
        while not await records(real_shop, owner):  # noqa: ASYNC110 - Postgres sets no event of ours
            await asyncio.sleep(0.05)
    (row,) = await records(real_shop, owner)
    assert (row["status"], row["completed_at"]) == ("pending", None)
    real_shop.kill_worker()
    real_shop.start_worker(CREDITS=CREDITS)
    await order.reaches(Status.AWAITING_CONFIRM)
    found = await records(real_shop, owner)
    assert [row["status"] for row in found] == ["failed", "completed"]
    await assert_in_step(real_shop, order, owner)
