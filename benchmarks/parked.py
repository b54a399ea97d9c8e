"""Orders that wait: the memory of a worker with 10,000 of them, and its answers after a restart."""

import asyncio
from collections.abc import Awaitable, Sequence

from benchmarks import figures
from benchmarks.child import ChildWorker, child_worker
from benchmarks.figures import Figure
from benchmarks.parking import park, park_bare
from benchmarks.playing import Darkroom, Order, Site, quoted, site, timed
from benchmarks.running import Benchmark, run, tell
from benchmarks.scale import Scale
from benchmarks.servers import environment
from domain.order.messages import RequirementAdded
from domain.vocabulary import ids
from starter import orders

TOTAL_MB, ORDER_KB, UPDATE_SECONDS = 400.0, 110.0, 8.0
KILOBYTES = 1000  # in a megabyte
WARM = 20  # orders that are played first, so that caches are not counted as memory of orders
PATIENCE_SECONDS = 120


async def measure(size: Scale) -> list[Figure]:
    """Return the figures of waiting orders."""
    async with site() as place:
        env = environment(place.stack, "darkroom_worker")
        async with child_worker("benchmarks.orders_worker", "floor", env=env) as worker:
            tell(f"parked: {size.cached:,} bare workflows")
            await park_bare(place.client, WARM)
            bare = await growth_kb(worker, size.cached, park_bare(place.client, size.cached))
        async with child_worker("benchmarks.orders_worker", "order", env=env) as worker:
            played, own, total = await _parked(place, worker, size)
        async with child_worker("benchmarks.orders_worker", "order", env=env):
            tell(f"parked: {size.updates} updates after a restart")
            answered = await updated(place, played)
    return [
        Figure(f"worker with {size.parked:,} waiting orders", total, "MB", TOTAL_MB),
        Figure("memory of a cached order", own, "KB", ORDER_KB),
        Figure("memory of a cached bare workflow", bare, "KB"),
        Figure(f"{size.updates} updates after a restart, p99", figures.p99(answered), "s", UPDATE_SECONDS),
    ]


async def _parked(place: Site, worker: ChildWorker, size: Scale) -> tuple[list[Order], float, float]:
    """Return orders that were really played, the KB of a cached one, and the MB of the worker with all of them."""
    tell(f"parked: {size.updates} orders with a quote")
    played = [
        order
        for portion in portions(size.updates, size.orders)
        for order in await quoted(place, Darkroom(place.client), portion)
    ]
    tell(f"parked: {size.parked:,} orders in all")
    own = await growth_kb(worker, size.cached, park(place.client, played[0], size.cached))
    await park(place.client, played[0], max(size.parked - size.cached - size.updates, 0))
    return played, own, worker.memory_mb


def portions(count: int, most: int) -> list[int]:
    """Divide a number into portions."""
    return [min(most, count - begun) for begun in range(0, count, most)]


async def growth_kb(worker: ChildWorker, count: int, work: Awaitable[object]) -> float:
    """Return by how many KB the worker grows for each of so many things."""
    before = worker.memory_mb
    await work
    return (worker.memory_mb - before) * KILOBYTES / count


async def updated(place: Site, played: Sequence[Order]) -> list[float]:
    """Send each order an update at the same moment; return the seconds until each is answered."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await asyncio.gather(*(timed(_update(place, order)) for order in played))


async def _update(place: Site, order: Order) -> None:
    """Ask again with the same id when the starter gives up, as a program does."""
    event = RequirementAdded(event_id="more", task_id=ids.task_id(order.order_id, 1), requirement="亮一点")
    while True:
        try:
            await orders.update(place.client, order.order_id, "add_requirement", event)
        except (TimeoutError, ConnectionError):
            continue
        return


BENCHMARK = Benchmark("parked", measure, minutes=30)

if __name__ == "__main__":
    run(BENCHMARK)
