"""Whole orders on one worker process, compared with a bare workflow and with the same order on DBOS.

All three use the same servers and take turns. An order's pictures, models, mail and chat are fakes in the worker's
process, so this measures the workflow, its activities and its rows in a real Postgres. The bare workflow, the floor,
waits for two signals and runs five activities that return at once. `benchmarks/peers/` describes the order on DBOS.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from benchmarks import figures
from benchmarks.bare import BARE_QUEUE, BareWorkflow
from benchmarks.child import ChildWorker, child_worker, cpu_seconds
from benchmarks.figures import Figure
from benchmarks.peer import Peer, peer_worker
from benchmarks.playing import Darkroom, Site, play, site, timed
from benchmarks.running import Benchmark, run, tell
from benchmarks.scale import Scale
from benchmarks.servers import environment

BAR_OF_FLOOR, BAR_OF_PEER = 0.5, 1.0
ROUND_SECONDS = 300
WHAT = {"order": "an order", "floor": "a bare workflow", "peer": "an order on DBOS"}


@dataclass(frozen=True)
class Round:
    """One round of an arm. CPU is in milliseconds an order."""

    orders_per_second: float
    worker_ms: float
    temporal_ms: float


@dataclass(frozen=True)
class Arm:
    """One of the compared systems: its worker process, and how a number of orders is played on it."""

    worker: ChildWorker
    play: Callable[[int], Awaitable[None]]


async def measure(size: Scale) -> list[Figure]:
    """Return the orders per second of each arm, their ratios, and the CPU time of an order."""
    async with site() as place, AsyncExitStack() as stack:
        arms = await _arms(place, stack)
        for arm in arms.values():
            await arm.play(size.orders // 4)  # warms up caches
        measured: dict[str, list[Round]] = {name: [] for name in arms}
        for number in range(size.rounds):
            tell(f"orders: round {number + 1} of {size.rounds}")
            for name, arm in arms.items():
                measured[name].append(await _round(place, arm, size.orders))
    return figures_of(measured)


async def _arms(place: Site, stack: AsyncExitStack) -> dict[str, Arm]:
    env = environment(place.stack, "darkroom_worker")
    dbos = await stack.enter_async_context(peer_worker(place))  # first: it records an order with a worker of its own
    whole = await stack.enter_async_context(child_worker("benchmarks.orders_worker", "order", env=env))
    bare = await stack.enter_async_context(child_worker("benchmarks.orders_worker", "floor", env=env))
    shop = Darkroom(place.client)
    return {
        "order": Arm(whole, lambda count: play(place, shop, count)),
        "floor": Arm(bare, lambda count: play_bare(place, count)),
        "peer": Arm(dbos, lambda count: play(place, Peer(dbos), count)),
    }


async def _round(place: Site, arm: Arm, count: int) -> Round:
    server = place.stack.process_id("temporal")
    before, server_before = arm.worker.cpu_seconds, cpu_seconds(server)
    async with asyncio.timeout(ROUND_SECONDS):
        took = await timed(arm.play(count))
    return Round(
        count / took,
        (arm.worker.cpu_seconds - before) / count * 1000,
        (cpu_seconds(server) - server_before) / count * 1000,
    )


def figures_of(measured: Mapping[str, list[Round]]) -> list[Figure]:
    """Return the figures of all arms, medians of their rounds."""
    rates = {name: figures.middle([one.orders_per_second for one in rounds]) for name, rounds in measured.items()}
    return [
        Figure("whole orders", rates["order"], "orders/s"),
        Figure("bare workflows (the floor)", rates["floor"], "workflows/s"),
        Figure("whole orders over the floor", rates["order"] / rates["floor"], "x", BAR_OF_FLOOR, is_least=True),
        Figure("the same orders on DBOS", rates["peer"], "orders/s"),
        Figure("whole orders over the same on DBOS", rates["order"] / rates["peer"], "x", BAR_OF_PEER, is_least=True),
        *(
            Figure(f"CPU of the worker, {WHAT[name]}", figures.middle([one.worker_ms for one in rounds]), "ms")
            for name, rounds in measured.items()
        ),
        *(
            Figure(f"CPU of Temporal, {WHAT[name]}", figures.middle([one.temporal_ms for one in rounds]), "ms")
            for name, rounds in measured.items()
            if name != "peer"
        ),
    ]


async def play_bare(place: Site, count: int) -> None:
    """Play bare workflows at once, each with its two signals."""

    async def play_one() -> None:
        handle = await place.client.start_workflow(
            BareWorkflow.run, id=f"bare-{uuid.uuid4().hex}", task_queue=BARE_QUEUE
        )
        await handle.signal(BareWorkflow.go_on)
        await handle.signal(BareWorkflow.go_on)
        await handle.result()

    await asyncio.gather(*(play_one() for _ in range(count)))


BENCHMARK = Benchmark("orders", measure, minutes=25)

if __name__ == "__main__":
    run(BENCHMARK)
