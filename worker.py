"""The worker's root: settings -> adapters -> activities -> workers of all task queues."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from temporalio.client import Client
from temporalio.worker import Worker

import logs
import providers
import wiring
from activities.adoption import Adoption
from activities.alerting import Alerting
from activities.books import Books
from activities.checking import Checking
from activities.delivery import Delivery
from activities.dispatching import Dispatching
from activities.failures import FailureInterceptor
from activities.finding import Finding
from activities.intake import Intake
from activities.late import LateEvents
from activities.logbook import Logbook
from activities.production import Production
from activities.reporting import Reporting
from activities.speaking import Speaking
from adapters.db.ledger import PostgresLedger
from adapters.db.library import PostgresLibrary
from adapters.db.records import PostgresRecords
from adapters.db.roster import PostgresRoster
from adapters.phrases import Phrasebook
from config import Settings
from starter.client import connect
from workflows import options
from workflows.dispatch import DispatchWorkflow
from workflows.find_image import FindImageWorkflow
from workflows.late_event import LateEventWorkflow
from workflows.order import OrderWorkflow

LAST_WORDS = timedelta(seconds=25)  # what running activities get to finish at a stop
STICKY = timedelta(seconds=3)  # after a crash another worker takes an order over this soon
# The robot of staff's group takes 20 a minute, failed ones too, and the server holds all workers together to this. It
# may start one a second early: at 20 a minute every tenth was refused, and had cost a place of the next minute.
STAFF_MESSAGES_A_SECOND = 19 / 60

log = structlog.get_logger("worker")


async def serve(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; then let what runs finish. Raises RuntimeError where Temporal is away."""
    client = await connect(settings.temporal_address, settings.temporal_namespace)
    async with AsyncExitStack() as stack:
        workers = await build_workers(settings, client, stack)
        for worker in workers:
            await stack.enter_async_context(worker)
        if settings.worker_health_port:
            stack.push_async_callback(_stop, *_start_health_page(settings, workers))
        log.info("working", queues=[worker.task_queue for worker in workers], namespace=settings.temporal_namespace)
        await _told_to_stop()
        log.info("stopping", patience=LAST_WORDS.total_seconds())


async def build_workers(settings: Settings, client: Client, stack: AsyncExitStack) -> list[Worker]:
    """Return the workers of all queues, with their activities plugged in."""
    activities = await build_activities(settings, stack)
    worker = partial(
        Worker, client, interceptors=[Logbook(), FailureInterceptor()], graceful_shutdown_timeout=LAST_WORDS
    )
    return [
        worker(
            task_queue=options.ORDERS,
            workflows=[OrderWorkflow, DispatchWorkflow, FindImageWorkflow, LateEventWorkflow],
            activities=activities[options.ORDERS],
            max_cached_workflows=settings.workflow_cache,
            sticky_queue_schedule_to_start_timeout=STICKY,
        ),
        worker(
            task_queue=options.IMAGES,
            activities=activities[options.IMAGES],
            max_concurrent_activities=settings.image_concurrency,
            max_task_queue_activities_per_second=settings.image_steps_per_minute / 60,
        ),
        worker(
            task_queue=options.STAFF,
            activities=activities[options.STAFF],
            max_task_queue_activities_per_second=STAFF_MESSAGES_A_SECOND,
        ),
    ]


async def build_activities(settings: Settings, stack: AsyncExitStack) -> dict[str, list[Callable[..., Any]]]:
    """Plug adapters into activities, and return these by their queue."""
    engine = wiring.engine(settings)
    stack.push_async_callback(engine.dispose)
    http = await stack.enter_async_context(httpx.AsyncClient())
    children = wiring.children(settings)
    files, records, phrases = wiring.files(settings), PostgresRecords(engine), Phrasebook(settings.phrases_path)
    web = wiring.web(settings)
    imaging, models = wiring.studio(settings, children), await providers.build(settings, children, http, stack)
    books, lineup = Books(PostgresLedger(engine), providers.costs(settings)), providers.lineup(settings)
    rules = wiring.rules(settings, providers.picture_cost(settings))
    speaking = Speaking(wiring.chat(settings, http), phrases, files)
    dispatching = Dispatching(
        wiring.dispatch(settings, http),
        PostgresRoster(engine),
        files,
        phrases,
        wiring.designer_rules(settings),
        timedelta(seconds=settings.tuhui_poll_seconds),
    )
    finding = Finding(files, web, imaging, PostgresLibrary(engine))
    is_on = settings.image_module_enabled
    attachments = settings.mail_attachment_limit_mb * wiring.MEGABYTE
    return {
        options.ORDERS: [
            Reporting(records, speaking).report,
            speaking.speak,
            *(dispatching.open, dispatching.look, dispatching.assign, dispatching.watch, dispatching.close),
            Delivery(files, wiring.mail(settings), phrases, attachments, wiring.mail_domain(settings)).mail,
            LateEvents(records).keep,
            finding.search,
        ],
        options.IMAGES: [
            Intake(files, web, imaging, models.vision, records, books, rules, lineup).examine,
            Production(files, models.image, imaging, records, books, lineup, is_switched_on=is_on).produce,
            Adoption(files, web, imaging).adopt,
            finding.look,
            Checking(files, imaging, models.vision, books).check,
        ],
        options.STAFF: [Alerting(wiring.staff(settings, http), phrases, files).tell_staff],
    }


def _start_health_page(settings: Settings, workers: list[Worker]) -> tuple[uvicorn.Server, asyncio.Task[None]]:
    async def healthz(_: Request) -> JSONResponse:
        state = {worker.task_queue: "polling" if worker.is_running else "stopped" for worker in workers}
        return JSONResponse(state, status_code=200 if all(worker.is_running for worker in workers) else 503)

    app = Starlette(routes=[Route("/healthz", healthz)])
    config = uvicorn.Config(app, host="127.0.0.1", port=settings.worker_health_port, log_config=None, access_log=False)
    server = _Page(config)
    return server, asyncio.create_task(server.serve())


class _Page(uvicorn.Server):
    """A server that leaves the signals to the worker."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _stop(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    server.should_exit = True
    await serving


async def _told_to_stop() -> None:
    told = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, told.set)
    await told.wait()


def main() -> int:
    """Run the worker; the exit status is 0 after a stop that was asked for, 1 where it could not start."""
    settings = Settings()
    logs.configure(settings.log_level, settings.log_format)
    try:
        asyncio.run(serve(settings))
    except RuntimeError as error:
        log.error("cannot work", reason=str(error), temporal=settings.temporal_address)  # noqa: TRY400 - the reason says it
        return 1
    return 0


if __name__ == "__main__":
    del __file__  # else each picture process runs this file again (anyio.to_process), whose imports take 3 s of CPU
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # the Temporal client may abort the interpreter at its usual end
