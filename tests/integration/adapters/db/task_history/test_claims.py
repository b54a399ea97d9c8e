"""Requests share connections of a pool, and leave nothing of themselves on them."""

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.engine import outages
from adapters.db.task_history.claims import as_user
from adapters.db.task_history.pages import TaskReader
from adapters.db.task_history.tasks import TaskHistory
from adapters.db.time_limit import with_time_limit
from domain.task_history.records import Completion, NewTask, TaskFilter, TaskType
from domain.task_history.users import User
from domain.vocabulary.errors import NoSuchTask, OutsideRefused, OutsideUnavailable
from tests.integration.adapters.db.task_history.conftest import RICH

EVERYTHING = TaskFilter()
POOL = 15  # connections of an engine
LEFT = "SELECT current_user, coalesce(current_setting('request.jwt.claims', true), ''), pg_backend_pid()"
SEEN = "SELECT count(*), count(*) FILTER (WHERE user_id = :me) FROM user_task_history"


@pytest.fixture
async def narrow(gateway: AsyncEngine) -> AsyncIterator[AsyncEngine]:
    """The gateway's pool with one connection left, which all requests have to share."""
    async with AsyncExitStack() as others:
        for _ in range(POOL - 1):
            await others.enter_async_context(gateway.connect())
        yield gateway


@pytest.fixture
async def users(gateway: AsyncEngine) -> list[User]:
    """Three users with a record each."""
    found = [User(uuid.uuid4()) for _ in range(3)]
    for number, user in enumerate(found):
        await TaskHistory(gateway).create(user, NewTask(TaskType.IMAGE_EDIT, f"of {number}"), plan=RICH, price=1)
    return found


async def left_behind(engine: AsyncEngine) -> tuple[str, str]:
    """Who a connection is, and what it claims, when nobody uses it."""
    async with engine.connect() as connection:
        who, claims, _ = (await connection.execute(text(LEFT))).one()
    return who, claims


async def sees_their_own(engine: AsyncEngine, user: User) -> None:
    async with as_user(engine, user) as connection:
        await asyncio.sleep(0)
        assert (await connection.execute(text(SEEN), {"me": user.user_id})).one() == (1, 1)


async def test_users_take_turns_on_one_connection(narrow: AsyncEngine, users: list[User]) -> None:
    pids = set()
    for user in users * 5:
        await sees_their_own(narrow, user)
        async with narrow.connect() as connection:
            pids.add((await connection.execute(text(LEFT))).one()[2])
        assert await left_behind(narrow) == ("darkroom_gateway", "")
    assert len(pids) == 1


async def test_who_forgets_to_be_a_user_sees_nothing(narrow: AsyncEngine, users: list[User]) -> None:
    await sees_their_own(narrow, users[0])
    for table in ("user_task_history", "user_task_statistics", "credit_ledger"):
        with pytest.raises(OutsideRefused, match="permission denied"), outages():
            async with narrow.connect() as connection:
                await connection.execute(text(f"SELECT * FROM {table}"))


async def test_a_request_that_is_cancelled_midway_leaves_nothing(narrow: AsyncEngine, users: list[User]) -> None:
    seed = random.randrange(10**6)
    dice = random.Random(seed)

    async def slow(user: User) -> None:
        async with as_user(narrow, user, writes=dice.random() < 0.5) as connection:
            await connection.execute(text("SELECT pg_sleep(0.05)"))
            await connection.execute(text("SELECT pg_sleep(0.05)"))

    for _ in range(30):
        cut = asyncio.create_task(slow(dice.choice(users)))
        await asyncio.wait([cut], timeout=dice.uniform(0, 0.1))
        cut.cancel()
        with suppress(asyncio.CancelledError):
            await cut
        assert await left_behind(narrow) == ("darkroom_gateway", ""), seed
        await sees_their_own(narrow, dice.choice(users))


async def test_a_request_that_takes_too_long_leaves_nothing(narrow: AsyncEngine, users: list[User]) -> None:
    class Slow:
        async def read(self, user: User) -> None:
            async with as_user(narrow, user) as connection:
                await connection.execute(text("SELECT pg_sleep(10)"))

    with pytest.raises(OutsideUnavailable):
        await with_time_limit(Slow(), 0.1).read(users[0])
    assert await left_behind(narrow) == ("darkroom_gateway", "")
    await sees_their_own(narrow, users[1])


async def test_a_request_that_fails_leaves_nothing(narrow: AsyncEngine, users: list[User]) -> None:
    for failing in ("SELECT 1/0", "INSERT INTO credit_ledger (user_id, what, amount) VALUES (uuidv7(), 'x', 1)"):
        with pytest.raises(Exception, match="Postgres refuses"):
            async with as_user(narrow, users[0]) as connection:
                await connection.execute(text(failing))
        assert await left_behind(narrow) == ("darkroom_gateway", "")


async def test_many_at_once_see_their_own_also_when_some_are_cancelled(gateway: AsyncEngine, users: list[User]) -> None:
    dice = random.Random()
    requests = [asyncio.create_task(sees_their_own(gateway, dice.choice(users))) for _ in range(200)]
    await asyncio.sleep(0.05)
    for cut in dice.sample(requests, 40):
        cut.cancel()
    results = await asyncio.gather(*requests, return_exceptions=True)
    assert {type(result) for result in results} <= {type(None), asyncio.CancelledError}
    for user in users:
        await sees_their_own(gateway, user)
    async with AsyncExitStack() as held:
        for _ in range(5):
            connection = await held.enter_async_context(gateway.connect())
            assert (await connection.execute(text(LEFT))).one()[:2] == ("darkroom_gateway", "")


async def test_one_user_reaches_no_record_of_another_by_its_id(gateway: AsyncEngine, users: list[User]) -> None:
    history, reader = TaskHistory(gateway), TaskReader(gateway)
    mine, other = users[0], users[1]
    (task,) = (await reader.page(other, EVERYTHING, limit=5)).tasks
    for attempt in (
        history.task(mine, task.id),
        history.set_original(mine, task.id, "k", size=1, plan=RICH),
        history.complete(mine, task.id, Completion("k")),
        history.mark_favourite(mine, task.id, True),
        history.rate(mine, task.id, 5, None),
        history.delete(mine, task.id),
        reader.around(mine, EVERYTHING, task.id),
    ):
        with pytest.raises(NoSuchTask):
            await attempt
    assert (await history.put_in_bin(mine, [task.id])).count == 0
    assert await reader.range(mine, [task.id]) == []
    assert await history.task(other, task.id) == task
