"""Lists of records: whatever the filter, pages, cursors, ids, neighbours, totals and exports agree."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.engine import create_engine
from adapters.db.task_history import pages
from adapters.db.task_history.pages import TaskReader
from adapters.db.task_history.tasks import TaskHistory
from domain.task_history.records import Task, TaskFilter, TaskPage, TaskStatus, TaskType
from domain.task_history.users import User
from domain.vocabulary.errors import NoSuchTask
from tests.integration.adapters.db.task_history.conftest import House
from tests.integration.adapters.db.task_history.counting import SHANGHAI

# Several records share a moment, and moments lie on both sides of midnight in Shanghai.
FILL = """
    INSERT INTO user_task_history (user_id, task_type, prompt, aws_generated_key, status, error_message, created_at,
                                   completed_at, favourite, deleted_at, aspect_ratio)
    SELECT :user, (ARRAY['image_generation', 'image_edit', 'template_generation'])[n % 3 + 1],
           (ARRAY['红色的猫', 'A Red CAT', '100% off_', 'back\\slash', 'éclair ÉCLAIR'])[n % 5 + 1] || ' ' || n,
           CASE WHEN n % 4 = 0 THEN 'k' END, (ARRAY['completed', 'failed', 'pending', 'pending'])[n % 4 + 1],
           CASE WHEN n % 4 = 1 THEN 'no' END,
           timestamptz '2026-11-30 15:59:59+00' + (n / 3) * interval '7 hours', CASE WHEN n % 4 < 2 THEN now() END,
           n % 7 = 0, CASE WHEN n % 11 = 0 THEN now() END, '3:4'
      FROM generate_series(1, 90) AS n
"""
FIRST = date(2026, 11, 28)
days = st.none() | st.integers(0, 14).map(lambda number: FIRST + timedelta(days=number))
words = st.sampled_from(["", "猫", "cat", "RED cat", "%", "_", "100% off", "\\", "a e", "éclair", "É", "zzz", "1"])
filters = st.builds(
    TaskFilter,
    start_date=days,
    end_date=days,
    status=st.none() | st.sampled_from(TaskStatus),
    task_type=st.none() | st.sampled_from(TaskType),
    favourite=st.none() | st.booleans(),
    q=st.none() | words,
)


@dataclass(frozen=True)
class Filled:
    """A user's records, and what reads them."""

    reader: TaskReader
    history: TaskHistory
    user: User
    tasks: list[Task]


@pytest.fixture(scope="module")
async def filled(house: House) -> AsyncIterator[Filled]:
    worker, gateway = create_engine(house.worker, house.schema), create_engine(house.gateway, house.schema)
    user, other = User(uuid.uuid4()), User(uuid.uuid4())
    async with worker.begin() as connection:
        for one in (user, other):
            await connection.execute(text(FILL), {"user": one.user_id})
    reader = TaskReader(gateway)
    tasks = [task async for task in reader.stream(user, TaskFilter())]
    assert len(tasks) == 82
    yield Filled(reader, TaskHistory(gateway), user, tasks)
    await worker.dispose()
    await gateway.dispose()


def matches(task: Task, wanted: TaskFilter) -> bool:
    day = task.created_at.astimezone(SHANGHAI).date()
    return (
        (wanted.start_date is None or day >= wanted.start_date)
        and (wanted.end_date is None or day <= wanted.end_date)
        and wanted.status in (None, task.status)
        and wanted.task_type in (None, task.task_type)
        and wanted.favourite in (None, task.favourite)
        and all(word.lower() in task.prompt.lower() for word in wanted.words)
    )


async def by_cursor(filled: Filled, wanted: TaskFilter, limit: int) -> list[TaskPage]:
    found: list[TaskPage] = []
    cursor = None
    while not found or cursor:
        page = await filled.reader.page(filled.user, wanted, limit=limit, cursor=cursor)
        found.append(page)
        cursor = page.next_cursor
    return found


@given(filters, st.sampled_from([1, 7, 50, 200]))
@settings(max_examples=60)
async def test_every_way_to_read_a_list_gives_the_same(filled: Filled, wanted: TaskFilter, limit: int) -> None:
    expected = [task for task in filled.tasks if matches(task, wanted)]
    assert expected == sorted(expected, key=lambda task: (task.created_at, task.id), reverse=True)
    reader, user = filled.reader, filled.user
    along = await by_cursor(filled, wanted, limit)
    assert [task for page in along for task in page.tasks] == expected
    assert {(page.total, page.pages) for page in along} == {(len(expected), -(-len(expected) // limit))}
    for number in {1, 2, along[0].pages, along[0].pages + 1} - {0}:
        page = await reader.page(user, wanted, limit=limit, page=number)
        assert list(page.tasks) == expected[(number - 1) * limit : number * limit]
        assert (page.page, page.next_cursor is not None) == (number, number < page.pages)
    refs = await reader.ids(user, wanted)
    assert [ref.task_id for ref in refs] == [task.id for task in expected]
    assert [ref.day for ref in refs] == [task.created_at.astimezone(SHANGHAI).date() for task in expected]
    assert [task async for task in reader.stream(user, wanted)] == expected


@given(filters, st.integers(0, 81))
@settings(max_examples=40)
async def test_neighbours_are_those_of_the_list_also_of_a_record_outside_it(
    filled: Filled, wanted: TaskFilter, number: int
) -> None:
    here = filled.tasks[number]
    expected = [task.id for task in filled.tasks if matches(task, wanted) or task is here]
    place = expected.index(here.id)
    newer, older = await filled.reader.around(filled.user, wanted, here.id)
    assert newer == (expected[place - 1] if place else None)
    assert older == (expected[place + 1] if place + 1 < len(expected) else None)


async def test_a_range_keeps_the_order_it_is_asked_in(filled: Filled) -> None:
    asked = [task.id for task in filled.tasks[30:10:-3]]
    found = await filled.reader.range(filled.user, [*asked, uuid.uuid4()])
    assert [task.id for task in found] == asked
    with pytest.raises(NoSuchTask):
        await filled.reader.around(filled.user, TaskFilter(), uuid.uuid4())


async def test_a_deep_page_stays_where_it_is_while_records_come_in(filled: Filled, worker: AsyncEngine) -> None:
    user = User(uuid.uuid4())
    insert = text("INSERT INTO user_task_history (user_id, task_type, prompt) VALUES (:u, 'image_edit', :p)")

    async def add(number: int) -> None:
        async with worker.begin() as connection:
            await connection.execute(insert, {"u": user.user_id, "p": f"{number}"})

    for number in range(6):
        await add(number)
    first = await filled.reader.page(user, TaskFilter(), limit=3)
    await add(6)
    second = await filled.reader.page(user, TaskFilter(), limit=3, cursor=first.next_cursor)
    assert [task.prompt for task in (*first.tasks, *second.tasks)] == ["5", "4", "3", "2", "1", "0"]
    assert second.total == 7


async def test_an_export_is_read_in_batches_that_hold_no_connection(
    filled: Filled, monkeypatch: pytest.MonkeyPatch, gateway: AsyncEngine
) -> None:
    monkeypatch.setattr(pages, "BATCH", 10)
    reader, held = TaskReader(gateway), set()
    found = []
    async for task in reader.stream(filled.user, TaskFilter()):
        found.append(task)
        held.add(gateway.pool.checkedout())  # type: ignore[attr-defined]
    assert found == filled.tasks
    assert held == {0}


async def test_dates_at_the_ends_of_the_calendar_are_no_trouble(filled: Filled) -> None:
    everything = TaskFilter(start_date=date.min, end_date=date.max)
    assert len(await filled.reader.ids(filled.user, everything)) == len(filled.tasks)
    assert (await filled.reader.page(filled.user, everything, limit=1)).total == len(filled.tasks)
    assert filled.tasks[0].created_at > datetime(2026, 11, 30, tzinfo=UTC)
