"""Builds the gateway: settings -> adapters -> routes."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypedDict

from fastapi import FastAPI
from fastapi.routing import APIRoute

from adapters.db import query_times
from adapters.db.engine import ping
from adapters.db.feed import OrderFeed
from adapters.db.idempotency import IdempotencyKeys
from adapters.db.key_ownership import KeyOwnership
from adapters.db.keys import ApiKeys
from adapters.db.reading import OrderReader
from adapters.db.shop_state import ShopStates
from adapters.db.task_history.feed import HistoryFeed
from adapters.db.time_limit import with_time_limit
from adapters.imaging.limits import FINISHED_BYTES
from adapters.imaging.studio import Studio
from adapters.phrases import Phrasebook
from adapters.storage.files import S3Files
from adapters.storage.links import DownloadLinks
from gateway import (
    codec,
    dispatches,
    docs,
    downloads,
    errors,
    events,
    finding,
    health,
    new_orders,
    payments,
    progress,
    reading,
    stream,
    uploads,
)
from gateway.access_log import AccessLog
from gateway.body_limits import BodyLimits
from gateway.busy import RequestLimit
from gateway.head import Head
from gateway.headers import SecurityHeaders
from gateway.history_page import parts as page_parts
from gateway.history_page import session as page_session
from gateway.json_bodies import JsonBodies
from gateway.keyring import Keyring
from gateway.metrics import Metrics
from gateway.rate_limits import RateLimits
from gateway.staff_board import context as board_context
from gateway.staff_board import parts as board_parts
from gateway.staff_board.context import BoardContext
from gateway.task_history import context as history_context
from gateway.task_history import routes as history_routes
from gateway.task_history import uploads as history_uploads
from gateway.task_history.bodies import CompletionBody, OriginalBody
from gateway.task_history.context import HistoryContext
from gateway.temporal import Temporal
from gateway.views import Views
from runtime import wiring
from runtime.readiness import Probe, room_on_disk
from runtime.settings import Settings
from starter.client import TemporalConnection

LARGEST_BODY = 256 * 1024  # bytes; uploads have a limit of their own
ABOUT = """\
API for chat bots and other agents: start orders, send them events, read them, and ask human designers. The events are
described in docs/contract.md.

Errors are problem details as in [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457). After 503 or 429, retry after \
`Retry-After` seconds with the same `event_id` or `Idempotency-Key`: nothing will happen twice.
"""


class State(TypedDict):
    """The contents of `request.state`."""

    links: DownloadLinks
    files: S3Files
    studio: Studio
    phrases: Phrasebook
    temporal: Temporal
    keyring: Keyring
    limits: RateLimits
    idempotency_keys: IdempotencyKeys
    key_ownership: KeyOwnership
    reader: OrderReader
    feed: OrderFeed
    queue: progress.Queue
    views: Views
    payment_secrets: list[str]
    timezone: str
    history: HistoryContext
    history_feed: HistoryFeed
    page: page_session.PageOptions
    board: BoardContext
    probes: Mapping[str, Probe]
    shop_states: ShopStates


class Gateway(FastAPI):
    """FastAPI, with additions to the OpenAPI document that it cannot derive itself."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, with bodies that routes parse themselves, and problem details."""
        schema = super().openapi()
        schemas = schema["components"]["schemas"]
        for model in (errors.Problem, payments.Notice, OriginalBody, CompletionBody):
            whole = model.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= whole.pop("$defs", {}) | {model.__name__: whole}
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        errors.describe_invalid_requests(schema["paths"])
        return schema


def _operation(route: APIRoute) -> str:
    """Return the id of an operation, by which generated clients call it: the name of its function."""
    return route.name


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the app. It connects only at start-up, so that its OpenAPI document can be read without any server."""
    settings = settings or Settings()
    connection, metrics = wiring.temporal(settings), Metrics()
    app = Gateway(
        title="Darkroom",
        version="1",
        description=ABOUT,
        lifespan=partial(_lifespan, settings=settings, connection=connection, metrics=metrics),
        generate_unique_id_function=_operation,
        openapi_url=None,  # gateway/docs.py serves it compressed
        docs_url=None,
        redoc_url=None,  # both load scripts from other hosts
    )
    errors.install(app)
    largest_picture = wiring.limits(settings).max_bytes
    for router in (
        new_orders.router, uploads.build(largest_picture), reading.router, progress.router, stream.router,
        events.router, dispatches.router, finding.router, payments.router, downloads.router, history_routes.build(),
        page_parts.build(), board_parts.build(), codec.build(settings),
        health.router, docs.router,
    ):  # fmt: skip
        app.include_router(router)
    metrics.install(app)
    app.add_middleware(JsonBodies, raw=[payments.PATH, history_uploads.PATHS])
    larger = {
        "/api/uploads": largest_picture + uploads.OVERHEAD,
        "/api/uploads/finished": FINISHED_BYTES + uploads.OVERHEAD,
        "/staff/uploads": FINISHED_BYTES + uploads.OVERHEAD,
        history_uploads.PATHS: history_uploads.largest_body(largest_picture),
        codec.PATHS: codec.LARGEST_BODY,
    }
    app.add_middleware(BodyLimits, most=LARGEST_BODY, larger=larger)
    app.add_middleware(SecurityHeaders, is_https=settings.gateway_url.startswith("https://"))
    app.add_middleware(RequestLimit)
    app.add_middleware(AccessLog)
    app.add_middleware(Head)  # added last, so outermost
    return app


@asynccontextmanager
async def _lifespan(
    app: FastAPI, settings: Settings, connection: TemporalConnection, metrics: Metrics
) -> AsyncIterator[State]:
    engine, files = wiring.engine(settings), wiring.files(settings)
    query_times.observe(engine, metrics.statement)
    temporal = Temporal(connection)
    links, phrases, secrets = (
        wiring.links(settings),
        Phrasebook(settings.phrases_path, settings.shop_language),
        settings.payment_secrets,
    )
    app.state.feed, app.state.history_feed = feed, history_feed = OrderFeed(engine), HistoryFeed(engine)
    listening = [asyncio.create_task(one.listen()) for one in (feed, history_feed)]
    probes: dict[str, Probe] = {
        "postgres": partial(ping, engine),
        "storage": files.probe,
        "temporal": temporal.ping,
        "disk": room_on_disk,
    }
    try:
        yield State(
            links=links,
            files=files,
            studio=wiring.studio(settings, wiring.children(settings)),
            phrases=phrases,
            temporal=temporal,
            queue=progress.Queue(temporal),
            keyring=Keyring(with_time_limit(ApiKeys(engine)).find),
            limits=RateLimits(settings.requests_per_minute, settings.public_requests_per_minute),
            idempotency_keys=with_time_limit(IdempotencyKeys(engine)),
            key_ownership=with_time_limit(KeyOwnership(engine)),
            reader=with_time_limit(OrderReader(engine)),
            feed=feed,
            views=Views(
                links,
                phrases,
                partial(_workflow_url, settings.temporal_ui_url, connection.namespace),
                settings.staff_language,
            ),
            payment_secrets=[secret.strip() for secret in secrets.get_secret_value().split(",")] if secrets else [],
            timezone=settings.shop_timezone,
            history=history_context.build(settings, engine),
            history_feed=history_feed,
            page=page_session.options(settings),
            board=board_context.build(settings, engine),
            probes=probes,
            shop_states=with_time_limit(ShopStates(engine)),
        )
    finally:
        for one in listening:
            one.cancel()
        await asyncio.wait(listening)
        await engine.dispose()


def _workflow_url(ui_url: str, namespace: str, workflow_id: str) -> str:
    return f"{ui_url}/namespaces/{namespace}/workflows/{workflow_id}"
