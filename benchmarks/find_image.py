"""Finding a picture among a million by similarity, compared with a full scan of the same table in the same run."""

import random
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db import migrate
from adapters.db.engine import create_engine
from adapters.db.library import PostgresLibrary
from benchmarks import figures
from benchmarks.figures import Figure
from benchmarks.running import Benchmark, run, tell
from benchmarks.scale import Scale
from benchmarks.servers import servers
from domain.library.photos import BITS, MOST_DISTANCE, Asker, Search, as_number

T = TypeVar("T")
ALL_BITS = (1 << BITS) - 1
SEARCHES, SCANS = 300, 15  # they alternate, so that other load affects both
BAR_MS = 50.0
BAR_OF_SCAN, BAR_OF_SCAN_P95 = 0.25, 0.75
TIMEOUT_SECONDS = 600  # seconds to insert the million rows
SCHEMA = "benchmark"
ASKER = Asker("somebody", "else")

# Each picture is shared, so that only its hash is searched.
FILL = """
    INSERT INTO photo (key, kind, task_id, order_id, customer_id, acc_id, view_key, hash, width, height, shareable,
                       shown_key)
    SELECT 'key ' || number, 'original', 'T', 'O', 'customer ' || number % 5000, 'shop-1', 'v',
           ('x' || md5(:seed || number))::bit(64)::bigint, 1024, 768, true, 'library/' || number || '.jpg'
      FROM generate_series(1, :hashes) AS number
"""
SCAN = """
    SELECT bit_count((hash # CAST(:hash AS bigint))::bit(64)) AS distance FROM photo
     WHERE shareable AND bit_count((hash # CAST(:hash AS bigint))::bit(64)) <= :most
     ORDER BY distance, created_at DESC LIMIT :limit
"""
INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes
     WHERE schemaname = current_schema() AND tablename = 'photo' AND indexname LIKE 'ix%'
"""


async def measure(size: Scale) -> list[Figure]:
    """Return the durations of searches and scans."""
    hashes, seed = size.hashes, random.randrange(10**6)
    tell(f"find_image: seed {seed}, inserting {hashes:,} hashes")
    async with servers("postgres") as stack, _library(stack.env["DATABASE_URL"], seed, hashes) as engine:
        library, dice = PostgresLibrary(engine), random.Random(seed)
        indexed, scanned = [], []
        for number in range(SEARCHES):
            search = Search(ASKER, likeness=await _near_one(engine, dice, hashes), limit=20)
            took, hits = await _timed(library.find(search))
            indexed.append(took)
            if number % (SEARCHES // SCANS) == 0:
                took, expected = await _timed(_scan(engine, search))
                scanned.append(took)
                assert [hit.distance for hit in hits] == expected, f"seed {seed}: not exact"
                assert hits, "what is asked with lies near one that is there"
    return _figures(indexed, scanned, hashes)


def _figures(indexed: list[float], scanned: list[float], hashes: int) -> list[Figure]:
    """On a busy machine the slowest searches depend on the load, so their limit is relative to the scan."""
    usual, slow, scan = figures.middle(indexed), figures.p95(indexed), figures.middle(scanned)
    what = f"a search in {hashes:,} hashes"
    return [
        Figure(f"{what}, median", usual, "ms", BAR_MS),
        Figure(f"{what}, p95", slow, "ms"),
        Figure("a full scan instead, median", scan, "ms"),
        Figure("a search over a full scan, medians", usual / scan, "x", BAR_OF_SCAN),
        Figure("a search over a full scan, p95 over median", slow / scan, "x", BAR_OF_SCAN_P95),
    ]


@asynccontextmanager
async def _library(url: str, seed: int, hashes: int) -> AsyncIterator[AsyncEngine]:
    """Provide the migrated tables, filled. The indexes are recreated after the rows, which is faster."""
    await migrate.upgrade(url, SCHEMA)
    filler = create_engine(url, SCHEMA, TIMEOUT_SECONDS)
    async with filler.begin() as connection:
        await connection.execute(text("SET session_replication_role = replica"))  # skip the check of foreign keys
        indexes = (await connection.execute(text(INDEXES))).all()
        for name, _ in indexes:
            await connection.execute(text(f'DROP INDEX "{name}"'))
        await connection.execute(text(FILL), {"seed": str(seed), "hashes": hashes})
        for _, definition in indexes:
            await connection.exec_driver_sql(definition)
    async with filler.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("VACUUM ANALYZE photo"))
    await filler.dispose()
    engine = create_engine(url, SCHEMA)
    yield engine
    await engine.dispose()


async def _near_one(engine: AsyncEngine, dice: random.Random, hashes: int) -> str:
    """Return a hash that differs from a stored one in at most seven bits."""
    key = f"key {dice.randint(1, hashes)}"
    async with engine.connect() as connection:
        one = await connection.execute(text("SELECT hash FROM photo WHERE key = :key"), {"key": key})
    bits = int(one.scalar_one()) & ALL_BITS
    for bit in dice.sample(range(BITS), dice.randint(0, MOST_DISTANCE)):
        bits ^= 1 << bit
    return f"{bits:016x}"


async def _timed(work: Awaitable[T]) -> tuple[float, T]:
    begun = time.perf_counter()
    done = await work
    return (time.perf_counter() - begun) * 1000, done


async def _scan(engine: AsyncEngine, search: Search) -> list[int]:
    """Find the same pictures by comparing all hashes."""
    asked = {"hash": as_number(search.likeness), "most": MOST_DISTANCE, "limit": search.limit}
    async with engine.connect() as connection:
        return list((await connection.execute(text(SCAN), asked)).scalars())


BENCHMARK = Benchmark("find_image", measure, minutes=15)

if __name__ == "__main__":
    run(BENCHMARK)
