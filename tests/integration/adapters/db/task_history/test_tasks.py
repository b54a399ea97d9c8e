"""What becomes of a record: it is made, ends once, goes to the bin and never changes who it is."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.task_history.pages import TaskReader
from adapters.db.task_history.tasks import TaskHistory
from adapters.db.task_history.upkeep import HistoryUpkeep
from adapters.db.task_history.usage import TaskUsage
from domain.task_history.records import TaskFilter, TaskStatus
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
from tests.integration.adapters.db.task_history.making import AGE, DONE, FAILED, NEW, plan


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


async def test_a_login_that_may_not_be_a_user_is_refused(worker: AsyncEngine, user: User) -> None:
    with pytest.raises(OutsideRefused, match="permission denied to set role"):
        await TaskHistory(worker).task(user, uuid.uuid4())
