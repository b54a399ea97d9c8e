"""The gateway's root: settings -> adapters -> routes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TypedDict

from fastapi import FastAPI, Request, Response

import wiring
from adapters.db.engine import ping
from adapters.files import S3Files
from adapters.links import DownloadLinks
from config import Settings
from gateway import downloads, errors, health
from gateway.temporal import Temporal

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class State(TypedDict):
    """What the routes find in `request.state`."""

    links: DownloadLinks
    files: S3Files
    temporal: Temporal
    probes: Mapping[str, health.Probe]


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the app. It connects to nothing before it starts, so that its OpenAPI can be read with no server up."""
    app = FastAPI(
        title="Darkroom",
        lifespan=partial(_lifespan, settings=settings or Settings()),
        docs_url=None,
        redoc_url=None,  # both load scripts from elsewhere
    )
    app.middleware("http")(_secured)
    errors.install(app)
    app.include_router(health.router)
    app.include_router(downloads.router)
    return app


@asynccontextmanager
async def _lifespan(_: FastAPI, settings: Settings) -> AsyncIterator[State]:
    engine, files = wiring.engine(settings), wiring.files(settings)
    temporal = Temporal(settings.temporal_address, settings.temporal_namespace)
    probes: dict[str, health.Probe] = {
        "postgres": partial(ping, engine),
        "storage": partial(files.find, "healthz/"),
        "temporal": temporal.ping,
    }
    try:
        yield State(links=wiring.links(settings), files=files, temporal=temporal, probes=probes)
    finally:
        await engine.dispose()


async def _secured(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers.update(SECURITY_HEADERS)
    return response
