"""Whole orders on one worker process, beside a bare workflow on the same servers in the same run.

An order costs 22 transactions in a real Postgres; pictures, models, mail and bot are fakes in the worker's process, so
what is measured is ours: the workflow, its activities and its rows. The bare workflow, the floor, waits for two signals
and runs five activities that return at once.
"""

import asyncio
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil
from temporalio.client import Client

from benchmarks import figures
from benchmarks.figures import Figure
from benchmarks.orders_worker import BARE_QUEUE, BareWorkflow
from domain.order.messages import CustomerMessage, OrderRequest, PaymentReceived, RequestedPicture
from domain.vocabulary.status import Status
from runtime.paths import ROOT
from runtime.settings import Settings
from stack.plan import StackOptions
from stack.up import Stack
from starter import orders
from starter.client import connect

ROUNDS, ORDERS = 5, 60
POLL_SECONDS = 0.02
BAR_OF_FLOOR = 0.5
TIMEOUT_SECONDS = 300


@dataclass(frozen=True)
class Round:
    """What one arm took for one round of orders."""

    orders_per_second: float
    worker_ms: float  # CPU of the worker process per order
    temporal_ms: float  # CPU of the Temporal server per order


@dataclass(frozen=True)
class Site:
    """The servers, and clients of them."""

    stack: Stack
    client: Client
    rows: asyncpg.Pool


async def measure(rounds: int = ROUNDS, count: int = ORDERS) -> list[Figure]:
    """Return orders per second of both arms, and their ratio."""
    measured: dict[str, list[Round]] = {"order": [], "floor": []}
    async with _site() as site, _worker(site, "order") as whole, _worker(site, "floor") as bare:
        await _round(site, whole, count // 4, _orders)  # warms up caches of statements, and of code
        await _round(site, bare, count // 4, _bare)
        for number in range(rounds):
            print(f"round {number + 1} of {rounds} ...", flush=True)
            measured["order"].append(await _round(site, whole, count, _orders))
            measured["floor"].append(await _round(site, bare, count, _bare))
    return _figures(measured["order"], measured["floor"])


def _figures(whole: list[Round], bare: list[Round]) -> list[Figure]:
    rate = figures.middle([one.orders_per_second for one in whole])
    floor = figures.middle([one.orders_per_second for one in bare])
    return [
        Figure("whole orders", rate, "orders/s"),
        Figure("bare workflows (the floor)", floor, "orders/s"),
        Figure("whole orders over the floor", rate / floor, "x", BAR_OF_FLOOR, is_least=True),
        Figure("CPU of the worker, an order", figures.middle([one.worker_ms for one in whole]), "ms"),
        Figure("CPU of the worker, a bare workflow", figures.middle([one.worker_ms for one in bare]), "ms"),
        Figure("CPU of Temporal, an order", figures.middle([one.temporal_ms for one in whole]), "ms"),
        Figure("CPU of Temporal, a bare workflow", figures.middle([one.temporal_ms for one in bare]), "ms"),
    ]


@asynccontextmanager
async def _site() -> AsyncIterator[Site]:
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as folder:
        servers = StackOptions(("postgres", "temporal", "migrations"), usual_ports=False)
        async with Stack(Path(folder) / "stack", servers, user=Settings.model_construct()) as stack:
            client = await connect(stack.env["TEMPORAL_ADDRESS"], stack.env["TEMPORAL_NAMESPACE"])
            rows = await asyncpg.create_pool(stack.env["DATABASE_URL"].replace("+asyncpg", ""), min_size=1, max_size=2)
            try:
                yield Site(stack, client, rows)
            finally:
                await rows.close()


@asynccontextmanager
async def _worker(site: Site, arm: str) -> AsyncIterator[psutil.Process]:
    """Run one worker process until the block ends."""
    settings = {**site.stack.env}
    command = [sys.executable, "-m", "benchmarks.orders_worker", arm]
    child = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=settings, stdin=asyncio.subprocess.PIPE)
    try:
        yield psutil.Process(child.pid)
    finally:
        child.terminate()
        await child.wait()


async def _round(site: Site, worker: psutil.Process, count: int, play: Callable[[Site, int], Awaitable[None]]) -> Round:
    server = psutil.Process(site.stack.process_id("temporal"))
    began, before, server_before = time.perf_counter(), _cpu(worker), _cpu(server)
    async with asyncio.timeout(TIMEOUT_SECONDS):
        await play(site, count)
    took = time.perf_counter() - began
    return Round(
        count / took,
        (_cpu(worker) - before) / count * 1000,
        (_cpu(server) - server_before) / count * 1000,
    )


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def _orders(site: Site, count: int) -> None:
    """Play orders of different customers at once, from picture to e-mail."""
    named = [orders.new_order_id("Asia/Shanghai") for _ in range(count)]
    async with asyncio.TaskGroup() as group:
        for order_id in named:
            group.create_task(_start(site.client, order_id))
    await _each(site, named, Status.PENDING, "quote IS NOT NULL", _pay)
    await _each(site, named, Status.AWAITING_CONFIRM, "true", _accept)
    await _each(site, named, Status.COMPLETED, "true", _nothing)


async def _start(client: Client, order_id: str) -> None:
    picture = RequestedPicture(image_url="https://shop.example/1.jpg")
    customer = f"customer-{uuid.uuid4().hex[:8]}"
    await orders.start(client, order_id, OrderRequest(customer_id=customer, acc_id="shop-1", pictures=[picture]))


async def _pay(client: Client, order_id: str) -> None:
    event = PaymentReceived(event_id="e1", payment_id="pay-1", amount="18.00", currency="CNY")
    await orders.send(client, order_id, "payment_received", event)


async def _accept(client: Client, order_id: str) -> None:
    event = CustomerMessage(event_id="e2", text="可以,发我邮箱 wang@example.com")
    await orders.send(client, order_id, "customer_message", event)


async def _nothing(client: Client, order_id: str) -> None:
    """The order is done."""


async def _each(
    site: Site, named: list[str], status: Status, when: str, act: Callable[[Client, str], Coroutine[None, None, None]]
) -> None:
    """Do something with each order as soon as its row has a status."""
    wanted = f"SELECT order_id FROM orders WHERE order_id = ANY($1) AND status = $2 AND {when}"  # noqa: S608 - our own
    missing = set(named)
    async with asyncio.TaskGroup() as group:
        while missing:
            found = await site.rows.fetch(wanted, list(missing), status)
            for row in found:
                missing.discard(row["order_id"])
                group.create_task(act(site.client, row["order_id"]))
            await asyncio.sleep(POLL_SECONDS)


async def _bare(site: Site, count: int) -> None:
    async def play(number: int) -> None:
        handle = await site.client.start_workflow(
            BareWorkflow.run, id=f"bare-{uuid.uuid4().hex}-{number}", task_queue=BARE_QUEUE
        )
        await handle.signal(BareWorkflow.go_on)
        await handle.signal(BareWorkflow.go_on)
        await handle.result()

    await asyncio.gather(*(play(number) for number in range(count)))


def main() -> None:
    """Measure, and tell."""
    measured = asyncio.run(measure())
    figures.show(measured)
    figures.end(measured)


if __name__ == "__main__":
    main()
