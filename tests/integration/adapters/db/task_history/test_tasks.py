"""What a user's requests do to their records, alone and twenty at once."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.task_history.feed import HistoryFeed
from adapters.db.task_history.pages import TaskReader
from adapters.db.task_history.tasks import TaskHistory
from adapters.db.task_history.upkeep import HistoryUpkeep
from adapters.db.task_history.usage import TaskUsage
from domain.task_history.plans import Plan
from domain.task_history.records import Completion, NewTask, TaskFilter, TaskStatus, TaskType
from domain.task_history.users import User
from domain.vocabulary.errors import (
    NoSuchTask,
    OutsideRefused,
    PlanForbids,
    QuotaSpent,
    TaskFinished,
    UndoExpired,
    ValueRefused,
)
from tests.integration.adapters.db.task_history.conftest import RICH
from tests.integration.adapters.db.task_history.counting import check

NEW = NewTask(TaskType.IMAGE_EDIT, "把背景换成白色\0", aspect_ratio="3:4", model_version="m-1")
DONE = Completion("k/generated.jpg", tokens_used=1290, generation_time_ms=4200)
FAILED = Completion(error_message="the model refused")
AGE = "UPDATE user_task_history SET deleted_at = deleted_at - interval '16 seconds' WHERE user_id = :user"


def plan(records: int = 10**6, credits_: int = 10**6, storage: int = 1000, upload: int = 30) -> Plan:
    return Plan(
        records_per_month=records, upload_mb=upload, storage_mb=storage, credits_per_month=credits_, may_export=True
    )


@pytest.fixture
def history(gateway: AsyncEngine) -> TaskHistory:
    return TaskHistory(gateway)


@pytest.fixture
def usage(gateway: AsyncEngine) -> TaskUsage:
    return TaskUsage(gateway)


async def test_a_record_is_created_pending_and_charged(history: TaskHistory, usage: TaskUsage, user: User) -> None:
    task = await history.create(user, NEW, plan=plan(credits_=10), price=2)
    assert (task.user_id, task.status, task.prompt) == (user.user_id, TaskStatus.PENDING, "把背景换成白色")
    assert (task.aspect_ratio, task.model_version, task.credits_deducted) == ("3:4", "m-1", 2)
    assert await history.task(user, task.id) == task
    used = await usage.of(user, plan(credits_=10))
    assert (used.records, used.credits, used.credits_left) == (1, 2, 8)


async def test_completed_twice_is_once(history: TaskHistory, usage: TaskUsage, user: User) -> None:
    task = await history.create(user, NEW, plan=RICH, price=2)
    done = await history.complete(user, task.id, DONE, size=500)
    assert (done.status, done.aws_generated_key, done.tokens_used) == (TaskStatus.COMPLETED, DONE.generated_key, 1290)
    assert done.completed_at
    assert done.storage_bytes == 500
    for again in (DONE, FAILED):
        assert await history.complete(user, task.id, again, size=9) == done
    assert (await usage.of(user, RICH)).storage_bytes == 500


async def test_a_failed_record_gets_its_credits_back_once(
    history: TaskHistory, usage: TaskUsage, user: User, administrator: AsyncEngine
) -> None:
    task = await history.create(user, NEW, plan=plan(credits_=10), price=3)
    failed = await history.complete(user, task.id, FAILED)
    assert (failed.status, failed.error_message, failed.credits_deducted) == (
        TaskStatus.FAILED,
        FAILED.error_message,
        0,
    )
    await history.complete(user, task.id, FAILED)
    used = await usage.of(user, plan(credits_=10))
    assert (used.records, used.credits, used.credits_left) == (1, 0, 10)
    await check(administrator, [user.user_id])


async def test_deleting_gives_no_quota_back(history: TaskHistory, usage: TaskUsage, user: User) -> None:
    narrow = plan(records=2, credits_=10)
    for _ in range(2):
        task = await history.create(user, NEW, plan=narrow, price=1)
        assert await history.delete(user, task.id) == [f"task-history/{user.user_id}/{task.id}/"]
    with pytest.raises(QuotaSpent, match="all 2 records"):
        await history.create(user, NEW, plan=narrow, price=1)
    assert (await usage.of(user, narrow)).credits_left == 8


@pytest.mark.parametrize("seed", range(3))
async def test_twenty_at_once_never_spend_more_than_there_is(
    history: TaskHistory, usage: TaskUsage, user: User, seed: int
) -> None:
    narrow = (plan(records=7), plan(credits_=21), plan(records=5, credits_=10))[seed]
    expected = (7, 7, 3)[seed]
    results = await asyncio.gather(
        *(history.create(user, NEW, plan=narrow, price=3) for _ in range(20)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, QuotaSpent)]
    assert len(results) - len(refused) == expected
    assert {type(result).__name__ for result in results} == {"Task", "QuotaSpent"}
    used = await usage.of(user, narrow)
    assert (used.records, used.credits) == (expected, expected * 3)
    assert used.credits_left == narrow.credits_per_month - expected * 3 >= 0


async def test_a_months_credits_are_granted_once_and_a_larger_plan_adds_the_difference(
    history: TaskHistory, usage: TaskUsage, user: User, administrator: AsyncEngine
) -> None:
    async def balance() -> tuple[int, int]:
        async with administrator.connect() as connection:
            found = "SELECT count(*), sum(amount) FROM credit_ledger WHERE user_id = :u AND what LIKE 'grant %'"
            return tuple((await connection.execute(text(found), {"u": user.user_id})).one())

    small, large = plan(credits_=10), plan(credits_=50)
    await asyncio.gather(*(history.create(user, NEW, plan=small, price=1) for _ in range(3)))
    assert await balance() == (1, 10)
    for wanted in (large, small, large):
        await history.create(user, NEW, plan=wanted, price=1)
        assert await balance() == (2, 50)
    assert (await usage.of(user, large)).credits_left == 44


async def test_credits_of_last_month_stay_and_its_records_do_not_count(
    history: TaskHistory, usage: TaskUsage, user: User, administrator: AsyncEngine
) -> None:
    narrow = plan(records=1, credits_=10)
    await history.create(user, NEW, plan=narrow, price=4)
    async with administrator.begin() as connection:
        aged = """
            UPDATE credit_ledger SET at = at - interval '40 days',
                   what = CASE WHEN what LIKE 'grant %' THEN 'grant 2020-01 of 10' ELSE what END
             WHERE user_id = :u
        """
        await connection.execute(text(aged), {"u": user.user_id})
    used = await usage.of(user, narrow)
    assert (used.records, used.credits, used.credits_left) == (0, 0, 16)
    await history.create(user, NEW, plan=narrow, price=16)


async def test_an_original_is_kept_within_the_plan_and_replaced(history: TaskHistory, user: User) -> None:
    narrow = plan(storage=1, upload=1)
    task = await history.create(user, NEW, plan=narrow, price=0)
    kept, replaced = await history.set_original(user, task.id, "k/original.jpg", size=900_000, plan=narrow)
    assert (kept.aws_original_key, kept.storage_bytes, replaced) == ("k/original.jpg", 900_000, None)
    _, replaced = await history.set_original(user, task.id, "k/original.jpg", size=900_000, plan=narrow)
    assert replaced is None
    kept, replaced = await history.set_original(user, task.id, "k/original.png", size=800_000, plan=narrow)
    assert (kept.storage_bytes, replaced) == (800_000, "k/original.jpg")
    other = await history.create(user, NEW, plan=narrow, price=0)
    with pytest.raises(QuotaSpent, match="storage"):
        await history.set_original(user, other.id, "k/original.jpg", size=300_000, plan=narrow)
    with pytest.raises(PlanForbids, match="up to 1 MB"):
        await history.set_original(user, other.id, "k/original.jpg", size=1_000_001, plan=narrow)
    await history.complete(user, task.id, DONE)
    with pytest.raises(TaskFinished):
        await history.set_original(user, task.id, "k/original.jpg", size=1, plan=narrow)


async def test_favourites_and_ratings(history: TaskHistory, user: User) -> None:
    task = await history.create(user, NEW, plan=RICH, price=0)
    assert (await history.mark_favourite(user, task.id, True)).favourite
    assert not (await history.mark_favourite(user, task.id, False)).favourite
    rated = await history.rate(user, task.id, 4, "不错")
    assert (rated.rating, rated.rating_comment) == (4, "不错")
    for wrong in (0, 6):
        with pytest.raises(ValueRefused):
            await history.rate(user, task.id, wrong, None)


async def test_the_bin_hides_and_gives_back(history: TaskHistory, gateway: AsyncEngine, user: User) -> None:
    reader = TaskReader(gateway)
    tasks = [await history.create(user, NEW, plan=RICH, price=0) for _ in range(3)]
    binned = await history.put_in_bin(user, [tasks[0].id, tasks[1].id, uuid.uuid4()])
    assert binned.count == 2
    assert timedelta(seconds=8) < binned.undo_until - datetime.now(UTC) <= timedelta(seconds=10)
    assert [ref.task_id for ref in await reader.ids(user, TaskFilter())] == [tasks[2].id]
    with pytest.raises(NoSuchTask):
        await history.task(user, tasks[0].id)
    changed = {task.id: task.deleted_at for task in await reader.changes(user, tasks[2].revision)}
    assert changed.keys() == {tasks[0].id, tasks[1].id}
    assert all(changed.values())
    assert (await history.complete(user, tasks[0].id, DONE)).status is TaskStatus.COMPLETED  # its model goes on
    assert await history.take_out_of_bin(user, [tasks[0].id, tasks[1].id]) == 2
    assert (await history.task(user, tasks[0].id)).aws_generated_key == DONE.generated_key
    assert await history.take_out_of_bin(user, [tasks[0].id]) == 0  # twice is once


async def test_what_stays_in_the_bin_is_gone(
    history: TaskHistory, user: User, administrator: AsyncEngine, worker: AsyncEngine
) -> None:
    mine, other = [await history.create(user, NEW, plan=RICH, price=0) for _ in range(2)]
    await history.put_in_bin(user, [mine.id, other.id])
    assert await history.empty_bin(user) == []
    async with administrator.begin() as connection:
        await connection.execute(text(AGE), {"user": user.user_id})
    with pytest.raises(UndoExpired):
        await history.take_out_of_bin(user, [mine.id])
    found = [task.id for task in await HistoryUpkeep(worker).emptied_bins() if task.user_id == user.user_id]
    assert set(found) == {mine.id, other.id}
    assert {task.id for task in await history.empty_bin(user)} == {mine.id, other.id}
    with pytest.raises(UndoExpired):
        await history.take_out_of_bin(user, [mine.id])
    await check(administrator, [user.user_id])


async def test_identity_and_age_of_a_record_never_change(user: User, history: TaskHistory, worker: AsyncEngine) -> None:
    task = await history.create(user, NEW, plan=RICH, price=0)

    async def change(column: str, value: str) -> None:
        async with worker.begin() as connection:
            changed = f"UPDATE user_task_history SET {column} = {value} WHERE id = :id"
            await connection.execute(text(changed), {"id": task.id})

    for column, value in (("user_id", "uuidv7()"), ("id", "uuidv7()"), ("created_at", "now() + interval '1 day'")):
        with pytest.raises(IntegrityError, match="never change"):
            await change(column, value)


async def test_a_page_that_follows_revisions_misses_nothing(
    history: TaskHistory, gateway: AsyncEngine, user: User
) -> None:
    reader, last = TaskReader(gateway), 0
    seen: set[uuid.UUID] = set()
    writing = asyncio.gather(*(history.create(user, NEW, plan=RICH, price=0) for _ in range(40)))
    while not writing.done() or seen != {task.id for task in writing.result()}:
        news = await reader.changes(user, last, limit=5)
        assert all(one.revision < next_.revision for one, next_ in pairwise(news))
        seen |= {task.id for task in news}
        last = news[-1].revision if news else last
        if writing.done() and not news:
            break
    assert seen == {task.id for task in writing.result()}


async def test_open_pages_hear_of_a_change_of_their_user(
    history: TaskHistory, gateway: AsyncEngine, user: User
) -> None:
    feed, other = HistoryFeed(gateway), User(uuid.uuid4())
    listening = asyncio.create_task(feed.listen())
    try:
        with feed.watching(str(user.user_id)) as mine, feed.watching(str(other.user_id)) as others:
            await asyncio.wait_for(mine.wait(), 10)  # it listens now
            for action in ("create", "bin", "undo", "delete"):
                mine.clear()
                others.clear()
                if action == "create":
                    task = await history.create(user, NEW, plan=RICH, price=0)
                elif action == "bin":
                    await history.put_in_bin(user, [task.id])
                elif action == "undo":
                    await history.take_out_of_bin(user, [task.id])
                else:
                    await history.delete(user, task.id)
                await asyncio.wait_for(mine.wait(), 10)
                assert not others.is_set()
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_the_worker_removes_what_is_old_and_keeps_what_is_running(
    history: TaskHistory, user: User, worker: AsyncEngine, administrator: AsyncEngine
) -> None:
    upkeep = HistoryUpkeep(worker)
    old, favourite, running = [await history.create(user, NEW, plan=RICH, price=0) for _ in range(3)]
    await history.complete(user, old.id, DONE, size=10)
    await history.complete(user, favourite.id, DONE, size=10)
    await history.mark_favourite(user, favourite.id, True)
    now = datetime.now(UTC) + timedelta(seconds=5)
    assert (user.user_id, 20) in await upkeep.storage(19)
    assert user.user_id not in dict(await upkeep.storage(20))
    expired = [task.id for task in await upkeep.expired(now, 10_000) if task.user_id == user.user_id]
    assert expired == [old.id, favourite.id]
    assert await upkeep.remove(user.user_id, expired) == 2
    assert await upkeep.remove(user.user_id, expired) == 0
    assert await upkeep.known([old.id, running.id, uuid.uuid4()]) == {running.id}
    assert user.user_id in await upkeep.users(limit=10_000)
    assert user.user_id not in await upkeep.users(after=user.user_id, limit=10_000)
    await check(administrator, [user.user_id])


async def test_figures_of_a_day_are_those_of_all_users(
    history: TaskHistory, worker: AsyncEngine, administrator: AsyncEngine
) -> None:
    upkeep = HistoryUpkeep(worker)
    async with administrator.connect() as connection:
        today = await connection.scalar(text("SELECT (now() AT TIME ZONE shop_timezone())::date"))
    before = await upkeep.figures(today)
    for number in range(2):
        user = User(uuid.uuid4())
        task = await history.create(user, NEW, plan=RICH, price=2)
        await history.complete(user, task.id, DONE if number else FAILED)
        await history.rate(user, task.id, 5, None)
    after = await upkeep.figures(today)
    assert (after.users - before.users, after.tasks - before.tasks) == (2, 2)
    assert (after.successful - before.successful, after.failed - before.failed) == (1, 1)
    assert (after.credits - before.credits, after.tokens - before.tokens) == (2, 1290)
    assert after.rating
    assert (await upkeep.figures(today - timedelta(days=4000))).rating is None


async def test_a_login_that_may_not_be_a_user_is_refused(worker: AsyncEngine, user: User) -> None:
    with pytest.raises(OutsideRefused, match="permission denied to set role"):
        await TaskHistory(worker).task(user, uuid.uuid4())
