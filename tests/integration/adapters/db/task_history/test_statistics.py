"""Statistics are exact at every moment, whoever writes at the same time."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db import migrate
from adapters.db.engine import create_engine
from adapters.db.task_history.statistics import TaskStatistics
from adapters.db.task_history.tasks import TaskHistory
from adapters.db.task_history.upkeep import HistoryUpkeep
from domain.task_history.records import Completion, Drift, NewTask, Period, Statistics, TaskType
from domain.task_history.users import User
from domain.vocabulary.errors import NoSuchTask, TaskFinished, UndoExpired, ValueRefused
from tests.integration.adapters.db.task_history.conftest import RICH, House
from tests.integration.adapters.db.task_history.counting import SHANGHAI, check

NEW = NewTask(TaskType.IMAGE_GENERATION, "a cat")
SEVERAL = """
    INSERT INTO user_task_history (user_id, task_type, prompt, order_id, call_id, created_at, tokens_used)
    SELECT u, 'image_edit', 'of an order', 'ORDER', gen_random_uuid()::text, at, 7
      FROM unnest(CAST(:users AS uuid[])) AS u, unnest(CAST(:times AS timestamptz[])) AS at
"""
FINISH = """
    UPDATE user_task_history SET status = 'failed', error_message = 'x', completed_at = now()
     WHERE status = 'pending' AND user_id = ANY(:users) AND tokens_used = 7
"""
# Around the ends of days, weeks, months and years in Shanghai, and around those of UTC.
TIMES = [
    datetime(2026, month, day, hour, 59, 59, 999_999, tzinfo=UTC) + timedelta(microseconds=after)
    for month, day in ((11, 29), (11, 30), (12, 31), (3, 1))
    for hour in (15, 23)
    for after in (0, 1)
]


@pytest.fixture(scope="module")
async def engines(house: House) -> AsyncIterator[tuple[AsyncEngine, AsyncEngine, AsyncEngine]]:
    found = tuple(create_engine(url, house.schema) for url in (house.gateway, house.worker, house.administrator))
    yield found  # type: ignore[misc]
    for engine in found:
        await engine.dispose()


# What is done to one record.
ONE: dict[str, Callable[[TaskHistory, User, uuid.UUID, int], Awaitable[object]]] = {
    "original": lambda history, user, task, size: history.set_original(user, task, "k/o.jpg", size=size, plan=RICH),
    "complete": lambda history, user, task, number: history.complete(
        user, task, Completion("k/g.jpg", tokens_used=number, generation_time_ms=1000 + number), size=number
    ),
    "fail": lambda history, user, task, number: history.complete(
        user, task, Completion(error_message="no", tokens_used=3, generation_time_ms=number)
    ),
    "favourite": lambda history, user, task, _: history.mark_favourite(user, task, True),
    "delete": lambda history, user, task, _: history.delete(user, task),
}
ACTIONS = (*ONE, "create", "create", "bin", "undo", "mend", "several", "finish")
action = st.tuples(st.sampled_from(ACTIONS), st.integers(0, 1), st.integers(0, 50), st.sampled_from(TIMES))


@dataclass
class Shop:
    """Two users, and everything that happens to their records."""

    history: TaskHistory
    upkeep: HistoryUpkeep
    worker: AsyncEngine
    users: list[User] = field(default_factory=lambda: [User(uuid.uuid4()), User(uuid.uuid4())])
    ids: list[uuid.UUID] = field(default_factory=list)

    async def do(self, what: str, of: int, number: int, at: datetime) -> None:
        user = self.users[of]
        task_id = self.ids[number % len(self.ids)] if self.ids else uuid.uuid4()
        with suppress(NoSuchTask, TaskFinished, UndoExpired):
            if what in ONE:
                await ONE[what](self.history, user, task_id, number)
            elif what == "create":
                self.ids.append((await self.history.create(user, NEW, plan=RICH, price=number % 3)).id)
            elif what == "bin":
                await self.history.put_in_bin(user, self.ids[: number % 5])
            elif what == "undo":
                await self.history.take_out_of_bin(user, self.ids[: number % 5])
            elif what == "mend":
                assert await self.upkeep.mend_statistics(user.user_id) == []
            else:
                await self._several(what, [at, at + timedelta(days=number)])

    async def _several(self, what: str, times: list[datetime]) -> None:
        """Write records of both users in one statement, which no advisory lock keeps apart."""
        values: dict[str, object] = {"users": [user.user_id for user in self.users]}
        async with self.worker.begin() as connection:
            if what == "several":
                await connection.execute(text(SEVERAL), values | {"times": times})
            else:
                await connection.execute(text(FINISH), values)


@given(st.lists(st.lists(action, min_size=1, max_size=8), min_size=2, max_size=5))
@settings(max_examples=25)
async def test_statistics_are_exact_whatever_happens_at_once(
    engines: tuple[AsyncEngine, AsyncEngine, AsyncEngine], plays: list[list[tuple[str, int, int, datetime]]]
) -> None:
    gateway, worker, above = engines
    shop = Shop(TaskHistory(gateway), HistoryUpkeep(worker), worker)

    async def play(actions: list[tuple[str, int, int, datetime]]) -> None:
        for one in actions:
            await shop.do(*one)

    await asyncio.gather(*(play(actions) for actions in plays))
    await check(above, [user.user_id for user in shop.users])


UPSERT = """
    INSERT INTO user_task_history (user_id, task_type, prompt, order_id, call_id, status, error_message, completed_at)
    VALUES (:user, 'image_edit', 'x', 'ORDER', :call, :status, :error, CASE WHEN :status <> 'pending' THEN now() END)
    ON CONFLICT (call_id) DO UPDATE SET status = excluded.status, error_message = excluded.error_message,
       completed_at = excluded.completed_at
"""


async def test_a_call_of_an_order_that_is_written_again_counts_once(
    engines: tuple[AsyncEngine, AsyncEngine, AsyncEngine], user: User
) -> None:
    _, worker, above = engines
    call = str(uuid.uuid4())
    for status, error in (("pending", None), ("pending", None), ("failed", "no"), ("completed", None)):
        async with worker.begin() as connection:
            values = {"user": user.user_id, "call": call, "status": status, "error": error}
            await connection.execute(text(UPSERT), values)
        await check(above, [user.user_id])
    async with above.connect() as connection:
        entries = await connection.execute(
            text("SELECT what, amount FROM credit_ledger WHERE user_id = :user"), {"user": user.user_id}
        )
        assert entries.all() == [("order", 0)]


async def test_a_hundred_writers_of_three_users_do_not_block_each_other(
    engines: tuple[AsyncEngine, AsyncEngine, AsyncEngine],
) -> None:
    gateway, worker, above = engines
    history, users = TaskHistory(gateway), [User(uuid.uuid4()) for _ in range(3)]
    connections = asyncio.Semaphore(10)  # who waits longer for one than the pool lets them has failed

    async def life(user: User, number: int) -> None:
        async with connections:
            task = await history.create(user, NEW, plan=RICH, price=1)
            if number % 3:
                await history.complete(user, task.id, Completion("k") if number % 2 else Completion(error_message="no"))
            if number % 5 == 0:
                await history.put_in_bin(user, [task.id])

    async def orders(number: int) -> None:
        async with worker.begin() as connection:
            everyone = [user.user_id for user in users][:: 1 if number % 2 else -1]
            await connection.execute(text(SEVERAL), {"users": everyone, "times": [TIMES[number % len(TIMES)]]})

    lives = [life(user, number) for number in range(30) for user in users]
    await asyncio.gather(*lives, *(orders(number) for number in range(20)))
    await check(above, [user.user_id for user in users])


async def test_drift_is_found_and_mended_while_others_write(
    engines: tuple[AsyncEngine, AsyncEngine, AsyncEngine], user: User
) -> None:
    gateway, worker, above = engines
    history, upkeep = TaskHistory(gateway), HistoryUpkeep(worker)
    await history.create(user, NEW, plan=RICH, price=1)
    async with above.begin() as connection:
        changed = "UPDATE user_task_statistics SET total_tasks = 9 WHERE user_id = :u AND period_type = 'all'"
        await connection.execute(text(changed), {"u": user.user_id})
        gone = "DELETE FROM user_task_statistics WHERE user_id = :u AND period_type = 'week'"
        await connection.execute(text(gone), {"u": user.user_id})
    mending = asyncio.create_task(upkeep.mend_statistics(user.user_id))
    await asyncio.gather(*(history.create(user, NEW, plan=RICH, price=1) for _ in range(10)))
    drift = await mending
    assert {one.period_type for one in drift} == {Period.ALL, Period.WEEK}
    assert all(isinstance(one, Drift) and one.was != one.should_be for one in drift)
    await check(above, [user.user_id])
    assert await upkeep.mend_statistics(user.user_id) == []


async def test_periods_are_read_by_the_shops_day(
    engines: tuple[AsyncEngine, AsyncEngine, AsyncEngine], user: User
) -> None:
    gateway, worker, _ = engines
    async with worker.begin() as connection:
        await connection.execute(
            text(SEVERAL), {"users": [user.user_id], "times": [datetime(2026, 11, 29, 16, 0, tzinfo=UTC)]}
        )
    read = TaskStatistics(gateway)
    monday = date(2026, 11, 30)  # in Shanghai; in UTC it is still Sunday
    for period, first in ((Period.DAY, monday), (Period.WEEK, monday), (Period.MONTH, date(2026, 11, 1))):
        found = await read.of(user, period, monday)
        assert (found.period_date, found.total_tasks, found.total_tokens_used) == (first, 1, 7)
        assert found.success_rate == 0
    assert (await read.of(user, Period.WEEK, date(2026, 11, 29))) == Statistics(Period.WEEK, date(2026, 11, 23))
    assert [day.total_tasks for day in await read.days(user, date(2026, 11, 28), date(2026, 12, 2))] == [0, 0, 1, 0, 0]
    assert (await read.of(user, Period.ALL)).total_tasks == 1


async def test_another_time_zone_counts_everything_again(
    engines: tuple[AsyncEngine, AsyncEngine, AsyncEngine], house: House, user: User
) -> None:
    _, worker, above = engines
    async with worker.begin() as connection:
        await connection.execute(text(SEVERAL), {"users": [user.user_id], "times": TIMES})
    await check(above, [user.user_id])
    for zone in ("America/New_York", "Pacific/Kiritimati", "Asia/Shanghai"):
        await migrate.upgrade(house.owner, house.schema, timezone=zone)
        await check(above, [user.user_id], ZoneInfo(zone))
    with pytest.raises(ValueRefused, match="time zone"):
        await migrate.upgrade(house.owner, house.schema, timezone="Nowhere/X")
    await check(above, [user.user_id])
    assert SHANGHAI.key == "Asia/Shanghai"  # as the other tests expect it
