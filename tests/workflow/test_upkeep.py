"""Upkeep: what it removes, what it only reports, and that no part stops another."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from temporalio.client import ScheduleActionExecutionStartWorkflow, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.testing import TimeSkipper

from domain.task_history.records import Drift, Period
from domain.texts.phrase import said
from domain.upkeep.work import Part, UpkeepReport, UpkeepRequest
from domain.vocabulary.errors import MalformedRequest, OutsideUnavailable, ValueRefused
from starter import upkeep
from tests import skipping
from tests.fake_history import Kept
from tests.patience import pauses
from tests.shop import TIMEOUT_SECONDS, FakeShop
from workflows import options
from workflows.upkeep import UpkeepWorkflow

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=100)
DRIFT = Drift(Period.ALL, date(1970, 1, 1), 7, 7)
USER = UUID("11111111-1111-4111-8111-111111111111")


def key(task: UUID, user: UUID = USER, name: str = "generated.jpg") -> str:
    return f"task-history/{user}/{task}/{name}"


async def run(shop: FakeShop, request: object = None) -> UpkeepReport:
    return await shop.client.execute_workflow(
        UpkeepWorkflow.run, request, id=f"upkeep-{uuid.uuid4().hex}", task_queue=options.ORDERS
    )


async def test_what_is_in_the_bin_or_too_old_goes_with_its_files_and_the_rest_stays(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.kept_days = 90
    old, fresh = Kept(USER, uuid4(), LONG_AGO), Kept(USER, uuid4(), NOW)
    binned = Kept(USER, uuid4(), NOW, binned_at=NOW - timedelta(hours=1))
    # Ahead of the clock by what a busy machine may take until the upkeep looks.
    just_binned = Kept(USER, uuid4(), NOW, binned_at=datetime.now(UTC) + timedelta(minutes=1))
    shop.history.records = [old, binned, fresh, just_binned]
    shop.folder.stored = {key(one.task_id): NOW for one in shop.history.records}
    async with shop.open():
        report = await run(shop)
    assert shop.history.records == [fresh, just_binned]
    assert set(shop.folder.stored) == {key(fresh.task_id), key(just_binned.task_id)}
    assert report.parts[Part.RECORDS].counts == {"binned": 1, "expired": 1, "files": 2}
    assert report.is_well


async def test_nothing_expires_if_the_shop_keeps_everything(shop: FakeShop) -> None:
    shop.history.records = [Kept(USER, uuid4(), LONG_AGO)]
    await run(shop)
    assert len(shop.history.records) == 1


async def test_an_expired_record_of_an_order_leaves_the_orders_files(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.kept_days = 90
    shop.history.records = [Kept(USER, uuid4(), LONG_AGO, is_order=True)]
    theirs = f"task-history/{USER}/TASK_20261122_7K3F9Q_1/attempt-1-generated.jpg"
    shop.folder.stored = {theirs: LONG_AGO}
    async with shop.open():
        await run(shop)
    assert (shop.history.records, set(shop.folder.stored)) == ([], {theirs})


async def test_files_without_a_record_go_after_a_day_and_nobody_elses_do(shop: FakeShop) -> None:
    known = Kept(USER, uuid4(), NOW)
    shop.history.records = [known]
    stay = [
        key(known.task_id),
        f"task-history/{USER}/TASK_20261122_7K3F9Q_1/original.jpg",
        "task-history/customer-1/TASK_20261122_7K3F9Q_1/original.jpg",
        f"task-history/customer-1/{uuid4()}/original.jpg",
        f"task-history/{USER}/loose.jpg",
        f"task-history/{USER}/{uuid4()}/deeper/file.jpg",
        "uploads/1.jpg",
    ]
    shop.folder.stored = dict.fromkeys(stay, LONG_AGO) | {key(uuid4()): NOW - timedelta(hours=1)}
    young = set(shop.folder.stored)
    shop.folder.stored[key(uuid4())] = shop.folder.stored[key(uuid4(), uuid4())] = LONG_AGO
    report = await run(shop)
    assert set(shop.folder.stored) == young
    assert report.parts[Part.FILES].counts == {"files": 9, "orphans": 2, "deleted": 2}


async def test_very_many_orphans_look_like_a_lost_table_so_staff_decide(shop: FakeShop) -> None:
    shop.folder.stored = {key(uuid4()): LONG_AGO for _ in range(5)}
    report = await run(shop, {"most_orphans": 4})
    assert len(shop.folder.stored) == 5
    assert (report.parts[Part.FILES].is_held, report.is_well) == (True, False)
    assert "有5个文件没有任务记录,一个都没删" in shop.staff.told[-1]
    await run(shop, {"most_orphans": 5})
    assert not shop.folder.stored


async def test_wrong_statistics_are_corrected_and_staff_told(shop: FakeShop) -> None:
    shop.history.wrong[USER] = [Drift(Period.DAY, date(2026, 11, 1), 5, 6)]
    report = await run(shop)
    assert report.parts[Part.STATISTICS].counts == {"users": 1, "mended": 1}
    assert "有1行统计和记录对不上" in shop.staff.told[-1]
    assert f"{USER} day 2026-11-01: 5 ≠ 6" in shop.staff.told[-1]


async def test_every_user_is_checked_portion_by_portion(shop: FakeShop) -> None:
    shop.history.wrong = {uuid4(): [DRIFT] for _ in range(250)}
    report = await run(shop)
    assert report.parts[Part.STATISTICS].counts == {"users": 250, "mended": 250}
    assert len(report.parts[Part.STATISTICS].examples) == 10


async def test_users_over_their_quota_are_reported_and_keep_their_files(shop: FakeShop) -> None:
    shop.history.sizes = {USER: 60_000_000, uuid4(): 1}
    shop.folder.stored = {key(uuid4()): NOW}
    await run(shop)
    assert f"{USER} 60 MB" in shop.staff.told[-1]
    assert len(shop.folder.stored) == 1


async def test_staff_get_the_figures_of_the_shops_yesterday(shop: FakeShop) -> None:
    report = await run(shop)
    assert report.digest
    ((begins, ends),) = shop.figures.asked
    assert (begins.hour, ends - begins) == (0, timedelta(days=1))
    assert report.digest.day == f"{begins:%Y-%m-%d}"
    assert f"**昨日小结 {report.digest.day}**" in shop.staff.told[-1]
    assert "收款:54.00 CNY" in shop.staff.told[-1]
    assert "任务记录:40条,没成3条,用户2位" in shop.staff.told[-1]


async def test_a_run_without_a_digest_that_finds_nothing_tells_nobody(shop: FakeShop) -> None:
    assert (await run(shop, UpkeepRequest(digest=False))).is_well
    assert not shop.staff.told


@pytest.mark.parametrize("failure", [ValueRefused("no such value"), RuntimeError("a bug")], ids=["refused", "bug"])
async def test_a_part_that_fails_stops_no_other_and_staff_are_told(shop: FakeShop, failure: Exception) -> None:
    shop.history.wrong[USER] = [DRIFT]
    shop.history.failures = [failure] * 5
    shop.history.sizes = {USER: 60_000_000}
    report = await run(shop)
    assert report.parts[Part.STATISTICS].error
    assert report.parts[Part.STORAGE].counts == {"over_quota": 1}
    assert report.digest
    assert not report.is_well
    assert "**每日维护没做完:核对统计**" in shop.staff.told[-1]


async def test_storage_that_stays_away_ends_its_part_after_two_hours(shop: FakeShop) -> None:
    shop.folder.failure = OutsideUnavailable("storage is away")
    handle = await shop.client.start_workflow(
        UpkeepWorkflow.run, id=f"upkeep-{uuid.uuid4().hex}", task_queue=options.ORDERS
    )
    await skipping.pass_time(shop.env, handle, timedelta(hours=2, minutes=1))
    report = await handle.result()
    assert report.parts[Part.FILES].error
    assert report.parts[Part.STATISTICS].is_done
    assert report.digest


async def test_staff_who_cannot_be_told_do_not_hold_up_the_next_night(shop: FakeShop) -> None:
    shop.staff.failures = [OutsideUnavailable("the robot is away")] * 1_000
    handle = await shop.client.start_workflow(
        UpkeepWorkflow.run, id=f"upkeep-{uuid.uuid4().hex}", task_queue=options.ORDERS
    )
    await skipping.pass_time(shop.env, handle, timedelta(hours=6, minutes=1))
    assert (await handle.result()).untold == said("error.outside_unavailable")


async def test_a_request_that_makes_no_sense_fails_the_run(shop: FakeShop) -> None:
    with pytest.raises(WorkflowFailureError) as caught:
        await run(shop, {"most_orphans": "many"})
    assert isinstance(caught.value.cause, ApplicationError)
    assert caught.value.cause.type == MalformedRequest.__name__


class TestTheSchedule:
    @pytest.fixture(autouse=True)
    async def _without_a_schedule(self, temporal_env: TimeSkipper) -> AsyncIterator[None]:
        yield
        await temporal_env.client.get_schedule_handle("upkeep").delete()

    async def test_it_is_made_once_and_follows_the_settings(self, shop: FakeShop) -> None:
        assert await upkeep.set_up(shop.client, 4, "Asia/Shanghai") == [
            "Upkeep scheduled: daily at 04:00 Asia/Shanghai"
        ]
        assert await upkeep.set_up(shop.client, 4, "Asia/Shanghai") == []
        changed = await upkeep.set_up(shop.client, 3, "Europe/Berlin")
        assert changed == ["Upkeep rescheduled: daily at 03:00 Europe/Berlin"]
        following, last = await upkeep.when(shop.client)
        assert following
        assert last is None

    async def test_a_pause_by_staff_is_kept_and_the_doctor_hears_of_it(self, shop: FakeShop) -> None:
        await upkeep.set_up(shop.client, 4, "Asia/Shanghai")
        await shop.client.get_schedule_handle("upkeep").pause()
        await upkeep.set_up(shop.client, 5, "Asia/Shanghai")
        with pytest.raises(upkeep.NotScheduled, match="paused"):
            await upkeep.when(shop.client)

    async def test_it_fires(self, shop: FakeShop) -> None:
        await upkeep.set_up(shop.client, 4, "Asia/Shanghai")
        schedule = shop.client.get_schedule_handle("upkeep")
        await schedule.trigger()
        async with asyncio.timeout(TIMEOUT_SECONDS):
            for pause in pauses():
                if actions := (await schedule.describe()).info.recent_actions:
                    break
                await asyncio.sleep(pause)
        begun = actions[-1].action
        assert isinstance(begun, ScheduleActionExecutionStartWorkflow)
        report: UpkeepReport = await shop.client.get_workflow_handle(
            begun.workflow_id, result_type=UpkeepReport
        ).result()
        assert report.is_well
        assert shop.staff.told
        assert (await upkeep.when(shop.client))[1]


async def test_a_run_by_hand_returns_its_report(shop: FakeShop) -> None:
    shop.history.wrong[USER] = [DRIFT]
    report = await upkeep.run_now(shop.client, UpkeepRequest(digest=False))
    assert report.count(Part.STATISTICS, "mended") == 1
    assert report.digest is None


async def test_without_a_schedule_the_doctor_hears_of_it(shop: FakeShop) -> None:
    with pytest.raises(upkeep.NotScheduled, match="not scheduled"):
        await upkeep.when(shop.client)
