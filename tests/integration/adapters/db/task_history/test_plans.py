"""How Postgres goes about each query: by an index, and with the claims read once."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.engine import create_engine
from adapters.db.task_history.pages import TaskReader
from adapters.db.task_history.statistics import TaskStatistics
from adapters.db.task_history.tasks import TaskHistory
from adapters.db.task_history.upkeep import HistoryUpkeep
from adapters.db.task_history.usage import TaskUsage
from benchmarks.explaining import TABLES, Statement, explained, statements_of
from benchmarks.record_rows import load
from domain.task_history import cursor
from domain.task_history.records import Completion, Period, TaskFilter, TaskStatus, TaskType
from domain.task_history.users import User
from tests.integration.adapters.db.task_history.conftest import RICH, House

ROWS, OWN = 40_000, 10_000
TODAY = date.today()  # noqa: DTZ011 - any day near the rows
FILTERS = {
    "all": TaskFilter(),
    "dates": TaskFilter(start_date=TODAY - timedelta(days=30), end_date=TODAY),
    "status": TaskFilter(status=TaskStatus.FAILED),
    "type": TaskFilter(task_type=TaskType.IMAGE_EDIT),
    "favourites": TaskFilter(favourite=True),
    "words": TaskFilter(q="picture ab"),
    "everything": TaskFilter(
        start_date=TODAY - timedelta(days=30), status=TaskStatus.COMPLETED, task_type=TaskType.IMAGE_EDIT,
        favourite=False, q="a",
    ),
}  # fmt: skip
Node = dict[str, Any]


@dataclass(frozen=True)
class Loaded:
    """Many records, and the user who has a quarter of them."""

    gateway: AsyncEngine
    worker: AsyncEngine
    user: User
    task_ids: list[uuid.UUID]


@pytest.fixture(scope="module")
async def loaded(house: House) -> AsyncIterator[Loaded]:
    administrator, user = create_engine(house.administrator, house.schema, 60), User(uuid.uuid4())
    await load(administrator, user_id=user.user_id, rows=ROWS, own=OWN, others=100)
    await administrator.dispose()
    gateway, worker = create_engine(house.gateway, house.schema), create_engine(house.worker, house.schema)
    refs = await TaskReader(gateway).ids(user, TaskFilter(), most=5_000)
    yield Loaded(gateway, worker, user, [ref.task_id for ref in refs])
    await gateway.dispose()
    await worker.dispose()


async def plans_of(engine: AsyncEngine, user: User | None, work: Awaitable[Any]) -> list[list[Node]]:
    """Return the nodes of the plan of each statement on our tables that the work runs."""
    return [await plan_of(engine, user, one) for one in await statements_of(engine, work)]


async def plan_of(engine: AsyncEngine, user: User | None, statement: Statement) -> list[Node]:
    return list(nodes((await explained(engine, user, statement))["Plan"]))


def nodes(plan: Node) -> list[Node]:
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes(child))]


def scanned(plan: list[Node]) -> list[str]:
    return [
        node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan" and node["Relation Name"] in TABLES
    ]


def init_plans(plan: list[Node]) -> list[Node]:
    return [node for node in plan if node.get("Parent Relationship") == "InitPlan"]


def calls(node: Node) -> bool:
    """Whether a node calls the function that reads the claims for each row."""
    return any("claimed_user" in str(node.get(name, "")) for name in ("Filter", "Index Cond", "Join Filter"))


async def assert_lean(loaded: Loaded, work: Awaitable[Any]) -> None:
    for plan in await plans_of(loaded.gateway, loaded.user, work):
        assert scanned(plan) == []
        assert init_plans(plan), "claims are not read once"
        assert not [node for node in plan if calls(node)]


@pytest.mark.parametrize("name", FILTERS)
async def test_pages_and_ids_need_an_index_and_the_claims_once(loaded: Loaded, name: str) -> None:
    reader, wanted = TaskReader(loaded.gateway), FILTERS[name]
    middle = await TaskHistory(loaded.gateway).task(loaded.user, loaded.task_ids[2_000])
    place = cursor.encode(middle.created_at, middle.id)
    await assert_lean(loaded, reader.page(loaded.user, wanted, limit=50))
    await assert_lean(loaded, reader.page(loaded.user, wanted, limit=50, page=5))
    await assert_lean(loaded, reader.page(loaded.user, wanted, limit=50, cursor=place))
    await assert_lean(loaded, reader.ids(loaded.user, wanted))
    await assert_lean(loaded, reader.around(loaded.user, wanted, middle.id))


async def drained(tasks: AsyncIterator[Any]) -> None:
    async for _ in tasks:
        pass


OTHERS: dict[str, Callable[[Loaded], Awaitable[Any]]] = {
    "one": lambda on: TaskHistory(on.gateway).task(on.user, on.task_ids[0]),
    "range": lambda on: TaskReader(on.gateway).range(on.user, on.task_ids[:100]),
    "changes": lambda on: TaskReader(on.gateway).changes(on.user, OWN - 10),
    "export": lambda on: drained(TaskReader(on.gateway).stream(on.user, TaskFilter(status=TaskStatus.FAILED))),
    "statistics": lambda on: TaskStatistics(on.gateway).of(on.user, Period.MONTH),
    "statistics of a day": lambda on: TaskStatistics(on.gateway).of(on.user, Period.DAY, TODAY),
    "chart": lambda on: TaskStatistics(on.gateway).days(on.user, TODAY - timedelta(days=90), TODAY),
    "usage": lambda on: TaskUsage(on.gateway).of(on.user, RICH),
    "favourite": lambda on: TaskHistory(on.gateway).mark_favourite(on.user, on.task_ids[0], True),
    "rating": lambda on: TaskHistory(on.gateway).rate(on.user, on.task_ids[0], 5, "good"),
    "bin": lambda on: TaskHistory(on.gateway).put_in_bin(on.user, on.task_ids[:5]),
    "undo": lambda on: TaskHistory(on.gateway).take_out_of_bin(on.user, on.task_ids[:5]),
    "emptying": lambda on: TaskHistory(on.gateway).empty_bin(on.user),
    "completing": lambda on: TaskHistory(on.gateway).complete(on.user, on.task_ids[9], Completion("k")),
    "deleting": lambda on: TaskHistory(on.gateway).delete(on.user, on.task_ids[-1]),
}


@pytest.mark.parametrize("name", OTHERS)
async def test_everything_else_needs_an_index_and_the_claims_once(loaded: Loaded, name: str) -> None:
    await assert_lean(loaded, OTHERS[name](loaded))


UPKEEP: dict[str, Callable[[HistoryUpkeep, Loaded], Awaitable[Any]]] = {
    "users": lambda upkeep, _: upkeep.users(limit=10),
    "bins": lambda upkeep, _: upkeep.emptied_bins(),
    "known": lambda upkeep, on: upkeep.known(on.task_ids[:100]),
    "removing": lambda upkeep, on: upkeep.remove(on.user.user_id, on.task_ids[100:110]),
    "storage": lambda upkeep, _: upkeep.storage(OWN * OWN),
    "figures": lambda upkeep, _: upkeep.figures(TODAY - timedelta(days=1)),
}


@pytest.mark.parametrize("name", UPKEEP)
async def test_upkeep_needs_an_index(loaded: Loaded, name: str) -> None:
    for plan in await plans_of(loaded.worker, None, UPKEEP[name](HistoryUpkeep(loaded.worker), loaded)):
        assert scanned(plan) == []


async def test_the_oldest_of_all_are_found_by_an_index(loaded: Loaded) -> None:
    before = (await TaskHistory(loaded.gateway).task(loaded.user, loaded.task_ids[2_000])).created_at - timedelta(
        days=180
    )
    upkeep = HistoryUpkeep(loaded.worker)
    (plan,) = await plans_of(loaded.worker, None, upkeep.expired(before, limit=100))
    assert scanned(plan) == []


async def test_the_test_notices_a_scan_and_claims_that_are_read_for_each_row(loaded: Loaded) -> None:
    whole = await plan_of(loaded.worker, None, ("SELECT count(*) FROM user_task_history WHERE prompt LIKE '%x%'", ()))
    assert scanned(whole) == ["user_task_history"]
    bare = "SELECT id FROM user_task_history WHERE user_id = claimed_user() AND rating = 3"
    assert init_plans(await plan_of(loaded.worker, None, (bare, ()))) == []
