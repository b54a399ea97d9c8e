"""The time for reads of one user's task history among a million records, with the gateway's role and its policies."""

import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import psutil
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db import migrate
from adapters.db.engine import create_engine
from adapters.db.task_history.pages import TaskReader
from adapters.db.task_history.statistics import TaskStatistics
from adapters.db.task_history.tasks import TaskHistory
from adapters.db.task_history.usage import TaskUsage
from benchmarks import figures
from benchmarks.explaining import explained, statements_of
from benchmarks.figures import Figure
from benchmarks.record_rows import load
from benchmarks.running import Benchmark, run, tell
from benchmarks.scale import Scale
from benchmarks.servers import servers, url_of
from domain.task_history import cursor
from domain.task_history.plans import Plan
from domain.task_history.records import NewTask, Period, TaskFilter, TaskStatus, TaskType
from domain.task_history.users import User

SHARE = 20  # one user has one record in so many: 50,000 of a million
ROWS_OF_OTHERS = 200
LIMIT = 50
MOST_IDS = 10_000
ROUNDS = 30
PAGE_MS, IDS_MS, STATISTICS_MS = 10.0, 50.0, 2.0
EXPORT_MB = 10.0  # by which memory may grow after the first tenth of an export
LOAD_SECONDS = 900  # for one statement that inserts all records
SCHEMA = "benchmark"
MEGABYTE = 1_000_000
RICH = Plan(records_per_month=10**9, upload_mb=30, storage_mb=10**6, credits_per_month=10**6, may_export=True)


@dataclass(frozen=True)
class Shop:
    """The gateway's connection pool, that of the tables' owner, and the user who has many records."""

    gateway: AsyncEngine
    owner: AsyncEngine
    user: User


async def measure(size: Scale) -> list[Figure]:
    """Return the duration of each read, and the memory that an export uses."""
    rows, own = size.records, size.records // SHARE
    middle = own // LIMIT // 2  # page 500 of 1,000, if the user has 50,000
    tell(f"records: inserting {rows:,} records, {own:,} of them of one user")
    async with _shop(rows, own) as shop:
        reader, statistics = TaskReader(shop.gateway), TaskStatistics(shop.gateway)
        deep = await _deep_cursor(reader, shop.user, LIMIT * (middle - 1))
        everything, today = TaskFilter(), date.today()  # noqa: DTZ011 - near the rows
        rare = TaskFilter(status=TaskStatus.FAILED, start_date=today - timedelta(days=300), q="a")
        reads: list[tuple[str, Callable[[], Awaitable[Any]], float | None]] = [
            ("page 1", lambda: reader.page(shop.user, everything, limit=LIMIT), PAGE_MS),
            (f"page {middle} by cursor", lambda: reader.page(shop.user, everything, limit=LIMIT, cursor=deep), PAGE_MS),
            (f"page {middle} by number", lambda: reader.page(shop.user, everything, limit=LIMIT, page=middle), None),
            ("a page by status, dates and words", lambda: reader.page(shop.user, rare, limit=LIMIT), None),
            (f"ids of {min(own, MOST_IDS):,}", lambda: reader.ids(shop.user, everything, MOST_IDS), IDS_MS),
            ("statistics of a month", lambda: statistics.of(shop.user, Period.MONTH), STATISTICS_MS),
            ("the chart of 90 days", lambda: statistics.days(shop.user, today - timedelta(days=90), today), None),
            ("usage", lambda: TaskUsage(shop.gateway).of(shop.user, RICH), None),
        ]
        measured = [figure for read in reads for figure in await _read(shop, *read)]
        measured += await _without_policies(shop, lambda: reader.page(shop.user, everything, limit=LIMIT))
        measured += [await _writing(shop), *(await _export(reader, shop.user, own))]
    return measured


async def _read(shop: Shop, what: str, read: Callable[[], Awaitable[Any]], bar: float | None) -> list[Figure]:
    """Return the time in Postgres, for planning and executing all statements, and the total time with the driver."""
    statements = await statements_of(shop.gateway, read())
    in_postgres, altogether = [], []
    for _ in range(ROUNDS):
        in_postgres.append(sum([await _server_ms(shop.gateway, shop.user, statement) for statement in statements]))
        altogether.append(await _timed(read))
    return [
        Figure(f"{what}, in Postgres", figures.middle(in_postgres), "ms", bar),
        Figure(f"{what}, in total", figures.middle(altogether), "ms"),
    ]


async def _without_policies(shop: Shop, read: Callable[[], Awaitable[Any]]) -> list[Figure]:
    """Compare with the owner, whom no policy restricts, and a condition that names the user."""
    statements = await statements_of(shop.gateway, read())
    mine = f"WHERE user_id = '{shop.user.user_id}' AND "
    named = [(text.replace("WHERE ", mine, 1), parameters) for text, parameters in statements]
    guarded, bare = [], []
    for _ in range(ROUNDS):
        guarded.append(sum([await _server_ms(shop.gateway, shop.user, statement) for statement in statements]))
        bare.append(sum([await _server_ms(shop.owner, None, statement) for statement in named]))
    return [
        Figure("page 1 over the same without row-level security", figures.middle(guarded) / figures.middle(bare), "x")
    ]


async def _writing(shop: Shop) -> Figure:
    history = TaskHistory(shop.gateway)
    new = NewTask(TaskType.IMAGE_EDIT, "a picture")
    took = [await _timed(lambda: history.create(shop.user, new, plan=RICH, price=1)) for _ in range(ROUNDS)]
    return Figure("creating a record, in total", figures.middle(took), "ms")


async def _export(reader: TaskReader, user: User, own: int) -> list[Figure]:
    """Measure the memory of this process while it exports all records."""
    me, sizes, count = psutil.Process(), [], 0
    begun = time.perf_counter()
    async for _ in reader.stream(user, TaskFilter()):
        count += 1
        if count % max(own // 100, 1) == 0:
            sizes.append(me.memory_info().rss)
    took = time.perf_counter() - begun
    grown = (max(sizes[10:]) - max(sizes[:10])) / MEGABYTE
    assert count >= own
    return [
        Figure(f"growth of memory during an export of {count:,} records", grown, "MB", EXPORT_MB),
        Figure("export", count / took, "records/s"),
    ]


async def _server_ms(engine: AsyncEngine, user: User | None, statement: tuple[str, Any]) -> float:
    told = await explained(engine, user, statement, "ANALYZE, TIMING OFF, SUMMARY ON")
    return float(told["Planning Time"] + told["Execution Time"])


async def _timed(work: Callable[[], Awaitable[Any]]) -> float:
    begun = time.perf_counter()
    await work()
    return (time.perf_counter() - begun) * 1000


async def _deep_cursor(reader: TaskReader, user: User, place: int) -> str:
    """Return the cursor after this many records."""
    ref = (await reader.ids(user, TaskFilter(), place))[-1]
    (task,) = await reader.range(user, [ref.task_id])
    return cursor.encode(task.created_at, task.id)


@asynccontextmanager
async def _shop(rows: int, own: int) -> AsyncIterator[Shop]:
    """Provide the migrated tables on a server of their own, with records."""
    async with servers("postgres") as stack:
        await migrate.upgrade(stack.env["DATABASE_URL"], SCHEMA)
        owner = create_engine(stack.env["DATABASE_URL"], SCHEMA, LOAD_SECONDS)
        gateway, user = create_engine(url_of(stack, "darkroom_gateway"), SCHEMA), User(uuid.uuid4())
        try:
            await load(owner, user_id=user.user_id, rows=rows, own=own, others=(rows - own) // ROWS_OF_OTHERS)
            yield Shop(gateway, owner, user)
        finally:
            await gateway.dispose()
            await owner.dispose()


BENCHMARK = Benchmark("records", measure, minutes=20)

if __name__ == "__main__":
    run(BENCHMARK)
