"""Who follows the records: open pages, the nightly upkeep and the figures of a day."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.task_history.feed import HistoryFeed
from adapters.db.task_history.pages import TaskReader
from adapters.db.task_history.tasks import TaskHistory
from adapters.db.task_history.upkeep import HistoryUpkeep
from domain.task_history.users import User
from tests.integration.adapters.db.task_history.conftest import RICH
from tests.integration.adapters.db.task_history.counting import check
from tests.integration.adapters.db.task_history.making import DONE, FAILED, NEW


async def test_a_page_that_follows_revisions_misses_nothing(
    history: TaskHistory, gateway: AsyncEngine, user: User
) -> None:
    reader, last = TaskReader(gateway), 0
    seen: set[uuid.UUID] = set()
    writing = asyncio.gather(*(history.create(user, NEW, plan=RICH, price=0) for _ in range(40)))
    is_read = False
    while not is_read:
        is_written = writing.done()  # before the look, so that the last one sees all
        news = await reader.changes(user, last, limit=5)
        is_read = is_written and not news
        assert all(one.revision < next_.revision for one, next_ in pairwise(news))
        seen |= {task.id for task in news}
        last = news[-1].revision if news else last
    assert seen == {task.id for task in writing.result()}


async def test_open_pages_hear_of_a_change_of_their_user(
    history: TaskHistory, gateway: AsyncEngine, user: User
) -> None:
    feed, other = HistoryFeed(gateway), User(uuid.uuid4())
    listening = asyncio.create_task(feed.listen())
    try:
        with feed.watching(str(user.user_id)) as mine, feed.watching(str(other.user_id)) as others:
            await asyncio.wait_for(mine.wait(), 60)  # it listens now
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
                await asyncio.wait_for(mine.wait(), 60)
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
