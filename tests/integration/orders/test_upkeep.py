"""Upkeep on real parts: what it deletes and what it leaves, by its schedule, and over a kill of its worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from temporalio.client import ScheduleActionExecutionStartWorkflow
from temporalio.worker import Worker

from activities.activity_counter import ActivityCounter
from activities.outages import Outages
from domain.upkeep.work import Part, UpkeepReport, UpkeepRequest
from runtime import wiring
from starter import upkeep
from tests.integration.cli.running import darkroom
from tests.integration.orders.conftest import RealShop, eventually
from worker import build_workers
from workflows import options

USER = UUID("0b5c8f6e-2f0f-4a46-9d5f-0e6a4c1d2b3a")
RECORD = (
    "INSERT INTO user_task_history"
    " (id, user_id, task_type, prompt, status, aws_generated_key, completed_at, created_at)"
    " VALUES (:id, :user, 'image_edit', '', 'completed', :key, now(), :at)"
)


async def execute(shop: RealShop, statement: str, *rows: dict[str, Any]) -> None:
    engine = wiring.engine(shop.settings)
    async with engine.begin() as connection:
        await connection.execute(text(statement), list(rows) or None)
    await engine.dispose()


async def keep_records(shop: RealShop, count: int, at: datetime) -> list[UUID]:
    tasks = [uuid4() for _ in range(count)]
    await execute(
        shop,
        RECORD,
        *({"id": task, "user": USER, "key": key(task), "at": at} for task in tasks),
    )
    return tasks


def key(task: UUID, user: UUID = USER) -> str:
    return f"task-history/{user}/{task}/generated.jpg"


async def records(shop: RealShop) -> int:
    return int((await shop.rows("SELECT count(*) FROM user_task_history"))[0]["count"])


async def stored(shop: RealShop, *keys: str) -> None:
    files = wiring.files(shop.settings)
    await asyncio.gather(*(files.put(one, b"-", "image/jpeg") for one in keys))


async def missing(shop: RealShop, *keys: str) -> list[str]:
    files = wiring.files(shop.settings)
    return [one for one in keys if await files.find(one) is None]


@pytest.fixture
async def worker(real_shop: RealShop) -> AsyncIterator[Worker]:
    """A worker in this process, whose clock can be told otherwise."""
    async with AsyncExitStack() as stack:
        workers = await build_workers(real_shop.settings, real_shop.client, stack, ActivityCounter(), Outages())
        (own,) = [one for one in workers if one.task_queue == options.ORDERS]
        async with own:
            yield own


async def test_an_orphan_goes_and_the_files_of_records_and_orders_stay(
    real_shop: RealShop, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_shop.have_no_worker()
    (known,) = await keep_records(real_shop, 1, datetime.now(UTC))
    orphans = [key(uuid4()), key(uuid4(), uuid4()), *(key(uuid4()) for _ in range(3))]
    stay = [
        key(known),
        f"task-history/{USER}/TASK_20261122_7K3F9Q_1/attempt-1-generated.png",
        "task-history/customer-1/TASK_20261122_7K3F9Q_1/original.jpg",
        f"uploads/{uuid4()}/1.jpg",
    ]
    await stored(real_shop, *orphans, *stay)
    young = await upkeep.run_now(real_shop.client, UpkeepRequest(digest=False))
    assert (young.count(Part.FILES, "orphans"), await missing(real_shop, *orphans)) == (0, [])
    monkeypatch.setattr("activities.upkeep.ORPHANED_FOR", timedelta(seconds=-60))
    monkeypatch.setattr("activities.upkeep.PAGE", 3)  # so that it goes from page to page
    report = await upkeep.run_now(real_shop.client, UpkeepRequest(digest=False))
    assert report.is_well
    assert report.count(Part.FILES, "deleted") == len(orphans)
    assert sorted(await missing(real_shop, *orphans, *stay)) == sorted(orphans)


async def test_the_schedule_fires_and_statistics_are_mended_and_staff_told(real_shop: RealShop) -> None:
    await keep_records(real_shop, 2, datetime.now(UTC) - timedelta(days=1))
    await execute(real_shop, "UPDATE user_task_statistics SET total_tasks = 99 WHERE period_type = 'all'")
    real_shop.have_a_worker()
    await upkeep.set_up(real_shop.client, 4, "Asia/Shanghai")
    schedule = real_shop.client.get_schedule_handle("upkeep")
    await schedule.trigger()

    async def begun() -> Any:
        return (await schedule.describe()).info.recent_actions

    action = (await eventually(begun))[-1].action
    assert isinstance(action, ScheduleActionExecutionStartWorkflow)
    handle = real_shop.client.get_workflow_handle(action.workflow_id, result_type=UpkeepReport)
    report: UpkeepReport = await handle.result()
    await schedule.delete()
    assert report.is_well
    assert report.count(Part.STATISTICS, "mended") == 1
    assert report.digest
    assert report.digest.records == 2
    (sums,) = await real_shop.rows("SELECT total_tasks FROM user_task_statistics WHERE period_type = 'all'")
    assert sums["total_tasks"] == await records(real_shop)
    messages = await eventually(partial(real_shop.ledger, "wecom", errcode="0"))
    told = [message["content"] for message in messages if report.digest.day in message["content"]]
    assert len(told) == 1
    assert f"all 1970-01-01: 99 ≠ {sums['total_tasks']}" in told[0]


async def test_a_run_whose_worker_is_killed_goes_on_where_it_was(real_shop: RealShop) -> None:
    real_shop.have_no_worker()
    await execute(real_shop, "DELETE FROM user_task_history")
    old, fresh = datetime.now(UTC) - timedelta(days=100), datetime.now(UTC)
    expired = await keep_records(real_shop, 1500, old)
    await stored(real_shop, *map(key, expired[:50]))
    (kept,) = await keep_records(real_shop, 1, fresh)
    real_shop.start_worker(HISTORY_KEPT_DAYS="90")
    await real_shop.client.start_workflow("UpkeepWorkflow", {"digest": False}, id="killed", task_queue=options.ORDERS)
    await eventually(partial(records, real_shop), lambda left: left <= 1400)
    real_shop.kill_worker()
    assert await records(real_shop) > 1, "it was done before it could be killed"
    real_shop.start_worker(HISTORY_KEPT_DAYS="90")
    handle = real_shop.client.get_workflow_handle("killed", result_type=UpkeepReport)
    report: UpkeepReport = await handle.result()
    assert report.is_well
    left = await real_shop.rows("SELECT id FROM user_task_history")
    assert [row["id"] for row in left] == [kept]
    assert (await real_shop.rows("SELECT total_tasks FROM user_task_statistics WHERE period_type = 'all'"))[0][
        "total_tasks"
    ] == 1


async def test_a_run_by_hand_prints_what_it_did(real_shop: RealShop) -> None:
    real_shop.have_a_worker()
    ran = await darkroom(real_shop, "upkeep", "run", "--json")
    assert ran.status == 0, ran.err
    report = UpkeepReport.model_validate_json(ran.out)
    assert set(report.parts) == {Part.RECORDS, Part.FILES, Part.STATISTICS, Part.STORAGE}
    assert report.digest is None
