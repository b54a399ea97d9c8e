"""What an order leaves behind in Postgres: rows, bytes, and what it writes to the log, counted over many orders."""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from benchmarks.child import child_worker
from benchmarks.figures import Figure
from benchmarks.playing import Darkroom, Site, play, site
from benchmarks.running import Benchmark, run, tell
from benchmarks.scale import Scale
from benchmarks.servers import environment

MANY = 5  # times the orders of a round: pages of 8 KB are filled only then
LARGEST = 5  # tables that are told one by one
KILOBYTE = 1024
TABLES = (
    "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = $1::regnamespace"
)


@dataclass(frozen=True)
class State:
    """Rows and bytes of each table, with its indexes, and the bytes of the log so far."""

    rows: Mapping[str, int]
    sizes: Mapping[str, int]
    log: int


async def measure(size: Scale) -> list[Figure]:
    """Return what one order takes, on average."""
    count = size.orders * MANY
    async with site() as place, child_worker("benchmarks.orders_worker", "order", env=_env(place)):
        shop = Darkroom(place.client)
        await play(place, shop, size.orders)
        before = await state(place.rows)
        for number in range(MANY):
            tell(f"footprint: {number + 1} of {MANY}")
            await play(place, shop, size.orders)
        return figures_of(before, await state(place.rows), count)


def _env(place: Site) -> dict[str, str]:
    return environment(place.stack, "darkroom_worker")


async def state(pool: asyncpg.Pool) -> State:
    """Return what is in Postgres now."""
    async with pool.acquire() as rows:
        sizes = dict(await rows.fetch(TABLES, "public"))
        counted = {name: await rows.fetchval(f'SELECT count(*) FROM "{name}"') for name in sizes}  # noqa: S608 - ours
        log = int(await rows.fetchval("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"))
    return State(counted, sizes, log)


def figures_of(before: State, after: State, orders: int) -> list[Figure]:
    """Return the growth for each order, in all and of the largest tables."""
    rows = {name: (many - before.rows.get(name, 0)) / orders for name, many in after.rows.items()}
    sizes = {name: (size - before.sizes.get(name, 0)) / orders / KILOBYTE for name, size in after.sizes.items()}
    largest = sorted(sizes, key=lambda name: -sizes[name])[:LARGEST]
    return [
        Figure("an order in Postgres, rows", sum(rows.values()), ""),
        Figure("an order in Postgres, with indexes", sum(sizes.values()), "KB"),
        Figure("an order in Postgres, write-ahead log", (after.log - before.log) / orders / KILOBYTE, "KB"),
        *(Figure(f"an order in `{name}`, {rows[name]:.3g} rows", sizes[name], "KB") for name in largest),
    ]


BENCHMARK = Benchmark("footprint", measure, minutes=10)

if __name__ == "__main__":
    run(BENCHMARK)
