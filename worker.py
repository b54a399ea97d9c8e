"""The worker process: settings -> adapters -> activities -> workers of all task queues."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import httpx
import structlog
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from activities.activity_counter import ActivityCounter
from activities.activity_logger import ActivityLogger
from activities.adoption import Adoption
from activities.alerting import Alerting
from activities.call_recorder import CallRecorder
from activities.checking import Checking
from activities.delivery import Delivery
from activities.dispatching import Dispatching
from activities.failures import FailureInterceptor
from activities.finding import Finding
from activities.intake import Intake
from activities.late import LateEvents
from activities.measures import Measures
from activities.outage_reporter import OutageReporter
from activities.outages import Outages, monitored
from activities.production import Production
from activities.reporting import Reporting
from activities.retention import Retention
from activities.speaking import Speaking
from activities.turns import Turns
from activities.upkeep import Upkeep
from activities.urgency import urgency
from adapters.db.dispatch_records import PostgresDispatchRecords
from adapters.db.engine import ping
from adapters.db.ledger import PostgresLedger
from adapters.db.library import PostgresLibrary
from adapters.db.order_history import OrderHistory
from adapters.db.quarantine import Quarantine
from adapters.db.records import PostgresRecords
from adapters.db.retention import PostgresOldRows
from adapters.db.shop_figures import PostgresShopFigures
from adapters.db.shop_settings import CurrentSettings, SettingsVersions
from adapters.db.task_history.upkeep import HistoryUpkeep
from adapters.db.time_limit import with_time_limit
from adapters.phrases import Phrasebook
from runtime import garbage, health_page, logs, metrics, providers, wiring
from runtime.evictions import ReleasingRunner
from runtime.fail_points import FailPoint
from runtime.readiness import Probe, room_on_disk
from runtime.settings import Settings, read_settings
from starter import polling
from starter.deployments import VersioningRunner, versioned
from workflows import options
from workflows.dispatch import DispatchWorkflow
from workflows.find_image import FindImageWorkflow
from workflows.late_event import LateEventWorkflow
from workflows.order import OrderWorkflow
from workflows.upkeep import UpkeepWorkflow

CONNECT_SECONDS = 15
STICKY = timedelta(seconds=3)  # after a crash another worker takes over an order after this time
KEEPING = timedelta(minutes=2)  # trying to keep what a model was paid for, while storage or database is away
# The group chat's robot takes 20 messages a minute, counting failed ones; the server enforces this over all workers. It
# may start one a second early: at 20 a minute every tenth message was refused, and used up one of the next minute.
STAFF_MESSAGES_A_SECOND = 19 / 60

log = structlog.get_logger("worker")
Port = TypeVar("Port")


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT, then shut down gracefully. Raises RuntimeError if Temporal is unavailable."""
    client = await _connect(settings)
    counter = ActivityCounter()
    outages = Outages()
    async with AsyncExitStack() as stack:
        workers = await build_workers(settings, client, stack, counter, outages)
        probes = health_page.probes(client, workers, counter) | await _store_probes(settings, stack)
        if port := settings.worker_health_port:
            page = health_page.served(health_page.app(probes), settings.worker_health_host, port)
            await stack.enter_async_context(page)
        reporter = await _outage_reporter(settings, stack, outages)
        garbage.take_over()
        collecting = asyncio.create_task(garbage.collect_regularly())
        stack.callback(collecting.cancel)
        log.info("worker started", queues=[worker.task_queue for worker in workers], namespace=client.namespace)
        await _run_workers(workers, probes, reporter.look)


async def _connect(settings: Settings) -> Client:
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            client = await wiring.temporal(settings).connect(metrics.runtime_for(settings))
            await polling.expect_namespace(client)
    except TimeoutError as error:
        raise RuntimeError(f"Temporal did not answer within {CONNECT_SECONDS} s") from error
    except RPCError as error:
        raise RuntimeError(f"No access to the Temporal namespace: {error}") from error
    return client


async def _run_workers(workers: Sequence[Worker], probes: Mapping[str, Probe], look: health_page.Look) -> None:
    """Run the workers until a stop signal. If one fails all are stopped, and RuntimeError is raised."""
    runs = [asyncio.create_task(worker.run()) for worker in workers]
    told = asyncio.create_task(_stop_signal())
    async with health_page.watched(probes, look):
        await asyncio.wait([told, *runs], return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    log.info("worker stopping")
    await asyncio.gather(*(worker.shutdown() for worker in workers))
    ends = await asyncio.gather(*runs, return_exceptions=True)
    if failed := [end for end in ends if isinstance(end, BaseException)]:
        raise RuntimeError(str(failed[0]) or type(failed[0]).__name__) from failed[0]


async def _store_probes(settings: Settings, stack: AsyncExitStack) -> dict[str, Probe]:
    engine, files = wiring.engine(settings), wiring.files(settings)
    stack.push_async_callback(engine.dispose)
    return {"postgres": partial(ping, engine), "storage": files.probe, "disk": room_on_disk}


async def _outage_reporter(settings: Settings, stack: AsyncExitStack, outages: Outages) -> OutageReporter:
    engine = wiring.engine(settings)
    stack.push_async_callback(engine.dispose)
    staff = wiring.staff(settings, await stack.enter_async_context(httpx.AsyncClient()))
    return OutageReporter(outages, staff, _staff_phrases(settings), Quarantine(engine))


def _staff_phrases(settings: Settings) -> Phrasebook:
    return Phrasebook(settings.staff_phrases_path, settings.staff_language, detail=True)


async def build_workers(
    settings: Settings, client: Client, stack: AsyncExitStack, counter: ActivityCounter, outages: Outages
) -> list[Worker]:
    """Return the workers for the queues of this process, with their activities."""
    point = FailPoint(settings.darkroom_fail_at)
    measures = Measures(metrics.meter_of(client))
    activities = await build_activities(settings, stack, outages, point, measures)
    build_id = settings.worker_build_id
    usual: dict[str, Any] = {
        "deployment_config": versioned(build_id) if build_id else None,
        "interceptors": [point, ActivityLogger(), FailureInterceptor(), counter],
        "graceful_shutdown_timeout": timedelta(seconds=settings.worker_grace_seconds),
    }
    return [
        Worker(client, task_queue=queue, activities=activities[queue], **usual, **limits(queue, settings))
        for queue in settings.queues
    ]


def limits(queue: str, settings: Settings) -> dict[str, Any]:
    """Return the options of a worker that differ by queue: workflows, concurrency and rate limits."""
    per_minute = settings.image_steps_per_minute
    known: dict[str, dict[str, Any]] = {
        options.ORDERS: {
            "workflows": [OrderWorkflow, DispatchWorkflow, FindImageWorkflow, LateEventWorkflow, UpkeepWorkflow],
            "workflow_runner": _workflow_runner(settings),
            "max_cached_workflows": settings.workflow_cache,
            "sticky_queue_schedule_to_start_timeout": STICKY,
        },
        options.IMAGES: {
            "max_concurrent_activities": settings.image_concurrency,
            "max_task_queue_activities_per_second": per_minute / 60 if per_minute else None,
        },
        # Twice as many as processes, so that none is idle while a step reads or stores its files.
        options.PIXELS: {"max_concurrent_activities": 2 * settings.imaging_processes},
        options.STAFF: {"max_task_queue_activities_per_second": STAFF_MESSAGES_A_SECOND},
    }
    return known[queue]


def _workflow_runner(settings: Settings) -> WorkflowRunner:
    inner = SandboxedWorkflowRunner() if settings.workflow_sandbox else UnsandboxedWorkflowRunner()
    runner = ReleasingRunner(inner)
    return VersioningRunner(runner) if settings.worker_build_id else runner


async def build_activities(
    settings: Settings, stack: AsyncExitStack, outages: Outages, point: FailPoint, measures: Measures
) -> dict[str, list[Callable[..., Any]]]:
    """Return the activities by queue, given adapters whose outages are recorded."""

    def watched(port: Port, service: str) -> Port:
        return monitored(point.armed(port, service), service, outages, measures)

    engine = wiring.engine(settings)
    stack.push_async_callback(engine.dispose)
    http = await stack.enter_async_context(httpx.AsyncClient())
    children = wiring.children(settings, urgency)
    files = watched(wiring.files(settings), "storage")
    history = OrderHistory(settings.shop_language, settings.credits["order"])
    records = watched(PostgresRecords(engine, history), "postgres")
    ledger = watched(PostgresLedger(engine, history), "postgres")
    library = watched(PostgresLibrary(engine), "postgres")
    phrases = Phrasebook(settings.phrases_path, settings.shop_language)
    web = wiring.web(settings)
    imaging, models = wiring.studio(settings, children), await providers.build(settings, children, http, stack)
    turns = Turns(settings.model_limits, settings.model_calls_memory_mb * wiring.MEGABYTE)
    image_models = [point.armed(model, "model") for model in models.image]
    vision = point.armed(models.vision, "vision")
    recorder = CallRecorder(ledger, providers.costs(settings), turns, measures, patience=KEEPING)
    lineup = providers.lineup(settings)
    current = CurrentSettings(
        with_time_limit(SettingsVersions(engine)),
        wiring.rules(settings, providers.picture_cost(settings)),
        is_switched_on=settings.image_module_enabled,
    )
    speaking = Speaking(watched(wiring.chat(settings, http), "bot"), phrases, files)
    checking = Checking(files, imaging, vision, recorder, settings.staff_language, measures)
    dispatch = wiring.dispatch(settings, http)
    dispatching = Dispatching(
        dispatch and watched(dispatch, "dispatch"),
        watched(PostgresDispatchRecords(engine, settings.staff_language), "postgres"),
        files,
        Phrasebook(settings.staff_phrases_path, settings.staff_language),
        wiring.designer_rules(settings),
        timedelta(seconds=settings.tuhui_poll_seconds),
    )
    finding = Finding(files, web, imaging, library, settings.staff_language)
    page_of = partial(wiring.page_of, settings)
    alerting = Alerting(point.armed(wiring.staff(settings, http), "staff"), _staff_phrases(settings), files, page_of)
    upkeep = Upkeep(
        watched(HistoryUpkeep(engine), "postgres"),
        files,
        watched(PostgresShopFigures(engine), "postgres"),
        Retention(watched(PostgresOldRows(engine), "postgres"), files, settings.kept_days),
        kept_days=settings.history_kept_days,
        storage_quota=max(plan.storage_mb for plan in settings.plans.values()) * wiring.MEGABYTE,
        timezone=settings.shop_timezone,
    )
    production = Production(
        files, image_models, imaging, records, recorder, lineup, speaking, checking, current, measures
    )
    attachments = settings.mail_attachment_limit_mb * wiring.MEGABYTE
    return {
        options.ORDERS: [
            Reporting(records, speaking, measures).report,
            speaking.speak,
            *(dispatching.open, dispatching.look, dispatching.assign, dispatching.watch, dispatching.close),
            Delivery(
                files,
                watched(wiring.mail(settings), "mail"),
                phrases,
                attachments,
                wiring.mail_domain(settings),
                imaging=imaging,
                shop=settings.shop_name,
                measures=measures,
            ).mail,
            LateEvents(records).keep,
            finding.search,
            *(upkeep.remove_records, upkeep.remove_orphans, upkeep.check_statistics, upkeep.check_storage),
            upkeep.gather_digest,
        ],
        options.IMAGES: [
            Intake(files, web, imaging, vision, records, recorder, current, lineup).examine,
            production.produce,
            Adoption(files, web, imaging).adopt,
            finding.look,
            checking.check,
        ],
        options.PIXELS: [production.produce],
        options.STAFF: [alerting.tell_staff],
    }


async def _stop_signal() -> None:
    told = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, told.set)
    await told.wait()


def main() -> int:
    """Run the worker. The exit status is 0 after a stop signal, 1 if it could not start or a worker failed."""
    settings = read_settings()
    logs.configure(settings.log_level, settings.log_format)
    try:
        asyncio.run(serve(settings))
    except RuntimeError as error:
        log.error("worker failed", reason=str(error), temporal=settings.temporal_address)  # noqa: TRY400 - the reason is enough
        return 1
    return 0


if __name__ == "__main__":
    del __file__  # else each image process imports this file again (anyio.to_process), which takes 3 s of CPU
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # the Temporal client may abort the interpreter during a normal exit
