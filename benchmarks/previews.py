"""The time between payment and preview: of one order, of a burst, and of a burst on a model that takes two seconds.

With fakes outside, this measures queues, workflow and rows. `benchmarks.previews_local` measures real pictures.
The worker notes when a customer is shown an image, so that no polling is measured.
"""

import asyncio
import time
from collections.abc import Sequence

from benchmarks import figures
from benchmarks.child import ChildWorker, child_worker
from benchmarks.figures import Figure
from benchmarks.playing import Darkroom, Order, Site, quoted, site, together
from benchmarks.running import Benchmark, run, tell
from benchmarks.scale import Scale
from benchmarks.servers import environment

ALONE_MS, BURST_SECONDS, SLOW_SECONDS = 100.0, 1.0, 3.5
MODEL_SECONDS = "2"
FIRST_SECONDS = 2.75  # for the first of a burst on the slow model, which must not wait for the last
ROUND_SECONDS = 240
POLL_SECONDS = 0.05


async def measure(size: Scale) -> list[Figure]:
    """Return the times of all cases."""
    async with site() as place:
        env = environment(place.stack, "darkroom_worker")
        async with child_worker("benchmarks.orders_worker", "order", env=env) as worker:
            await waits(place, worker, size.burst)  # warms up caches
            alone, bursts = [], []
            for number in range(size.rounds):
                tell(f"previews: round {number + 1} of {size.rounds}")
                alone += [(await waits(place, worker, 1))[0] for _ in range(size.repeats)]
                bursts.append(await waits(place, worker, size.burst))
        async with child_worker("benchmarks.orders_worker", "order", MODEL_SECONDS, env=env) as worker:
            slow = []
            for number in range(size.rounds):
                tell(f"previews with a slow model: round {number + 1} of {size.rounds}")
                slow.append(await waits(place, worker, size.burst))
    return figures_of(alone, bursts, slow)


def figures_of(
    alone: Sequence[float], bursts: Sequence[Sequence[float]], slow: Sequence[Sequence[float]]
) -> list[Figure]:
    """Return the figures; of several bursts the median."""
    burst, slow_burst = (figures.middle([figures.p95(one) for one in some]) for some in (bursts, slow))
    first = figures.middle([min(one) for one in slow])
    size = len(bursts[0])
    return [
        Figure("payment to preview, one order, p50", figures.middle(alone) * 1000, "ms", ALONE_MS),
        Figure(f"payment to preview, {size} at once, p95", burst, "s", BURST_SECONDS),
        Figure(f"payment to preview, {size} at once, model of 2 s, p95", slow_burst, "s", SLOW_SECONDS),
        Figure(f"payment to preview, {size} at once, model of 2 s, the first", first, "s", FIRST_SECONDS),
    ]


async def waits(place: Site, worker: ChildWorker, count: int) -> list[float]:
    """Pay some quoted orders at once; return the seconds that each customer waited for the preview."""
    shop = Darkroom(place.client)
    async with asyncio.timeout(ROUND_SECONDS):
        played = await quoted(place, shop, count)
        paid: dict[str, float] = {}

        async def pay(order: Order) -> None:
            paid[order.customer_id] = time.monotonic()
            await shop.pay(order)

        await together(played, pay)
        shown: dict[str, float] = {}
        while not paid.keys() <= shown.keys():
            await asyncio.sleep(POLL_SECONDS)
            shown = (await worker.ask())["shown"]
        await together(played, shop.accept)  # leaves nothing that goes on
    return [shown[customer] - at for customer, at in paid.items()]


BENCHMARK = Benchmark("previews", measure, minutes=20)

if __name__ == "__main__":
    run(BENCHMARK)
