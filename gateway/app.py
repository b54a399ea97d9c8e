"""The gateway's root: settings -> adapters -> routes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TypedDict

from fastapi import FastAPI, Request, Response
from temporalio.client import Client

import wiring
from adapters.db.engine import ping
from adapters.files import S3Files
from adapters.links import DownloadLinks
from config import Settings
from domain.errors import OutsideUnavailable
from gateway import downloads, errors, health
from starter.client import connect

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
    temporal = _Temporal(settings.temporal_address, settings.temporal_namespace)
    probes: dict[str, health.Probe] = {
        "postgres": partial(ping, engine),
        "storage": partial(files.find, "healthz/"),
        "temporal": temporal.ping,
    }
    try:
        yield State(links=wiring.links(settings), files=files, probes=probes)
    finally:
        await engine.dispose()


async def _secured(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers.update(SECURITY_HEADERS)
    return response


class _Temporal:
    """A client that is connected at the first call that needs it: the gateway starts before Temporal does."""

    def __init__(self, address: str, namespace: str) -> None:
        self._connect = partial(connect, address, namespace)
        self._client: Client | None = None

    async def ping(self) -> None:
        """Ask the server for a sign of life. Raises OutsideUnavailable, or what the SDK raises."""
        self._client = self._client or await self._connect()
        if not await self._client.service_client.check_health():
            raise OutsideUnavailable("Temporal does not serve now")
