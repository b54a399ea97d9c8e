"""The worker's health page: liveness (/healthz) and readiness (/readyz)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import TypeAlias

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from temporalio.client import Client
from temporalio.worker import Worker

from activities.activity_counter import ActivityCounter
from runtime.readiness import Probe, check, missing
from starter import polling

LOOK_SECONDS = 15  # between the worker's own checks
USUAL_ACTIVITIES = 100  # the SDK's default limit of concurrent activities

Look: TypeAlias = Callable[[Mapping[str, str]], Awaitable[None]]

log = structlog.get_logger("worker")


def probes(client: Client, workers: Sequence[Worker], counter: ActivityCounter) -> dict[str, Probe]:
    """Return probes for the Temporal server, and for the polling of each worker's queue."""
    polls = {f"queue {worker.task_queue}": partial(_polls, client, worker, counter) for worker in workers}
    return {"temporal": partial(polling.expect_namespace, client), **polls}


async def _polls(client: Client, worker: Worker, counter: ActivityCounter) -> None:
    if not worker.is_running:
        raise polling.NotPolling(f"the worker of {worker.task_queue} has stopped")
    config = worker.config()
    identity = config.get("identity") or client.identity
    if config.get("workflows"):
        await polling.expect(client, worker.task_queue, "workflow", identity)
    most = config.get("max_concurrent_activities") or USUAL_ACTIVITIES
    if counter.running[worker.task_queue] < most:  # a worker at capacity does not poll
        await polling.expect(client, worker.task_queue, "activity", identity)


def app(probes: Mapping[str, Probe]) -> Starlette:
    """Return the health page as an app."""

    async def healthz(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})  # proves that the event loop of the activities runs

    async def readyz(_: Request) -> JSONResponse:
        checks = await check(probes)
        lacking = missing(checks)
        body = {"status": f"missing: {', '.join(lacking)}" if lacking else "ready", "checks": checks}
        return JSONResponse(body, status_code=503 if lacking else 200)

    return Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz)])


@asynccontextmanager
async def served(page: Starlette, host: str, port: int) -> AsyncIterator[None]:
    """Serve the page while the context is open."""
    server = _Server(uvicorn.Config(page, host=host, port=port, log_config=None, access_log=False))
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def watched(probes: Mapping[str, Probe], look: Look) -> AsyncIterator[None]:
    """Check regularly, and log what is missing and when it is back, while the context is open."""
    watching = asyncio.create_task(_watch(probes, look))
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait([watching])


async def _watch(probes: Mapping[str, Probe], look: Look) -> None:
    known: list[str] = []
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        checks = await check(probes)
        lacking = missing(checks)
        if lacking and lacking != known:
            log.warning("not ready", missing={name: checks[name] for name in lacking})
        elif known and not lacking:
            log.info("ready again")
        known = lacking
        await look(checks)


class _Server(uvicorn.Server):
    """A server that leaves signal handling to the worker."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
