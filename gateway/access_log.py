"""Logs one line per request: caller, route, duration. Keys and link tokens are never logged."""

import time
import uuid

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.vocabulary import ids
from gateway.head import ASKED_AS

log = structlog.get_logger("gateway")
QUIET = {"/healthz", "/readyz", "/metrics"}


class AccessLog:
    """ASGI middleware that logs each response, and gives each request an id that is also a response header."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request and log it."""
        if scope["type"] != "http" or scope["path"] in QUIET:
            await self._app(scope, receive, send)
            return
        began, status, request_id = time.monotonic(), 0, uuid.uuid4().hex[:16]

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                message["headers"].append((b"x-request-id", request_id.encode()))
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_and_note)
            finally:
                route = getattr(scope.get("route"), "path_format", "no route")  # the path itself may hold a secret
                log.info(
                    "answered",
                    method=scope.get(ASKED_AS, scope["method"]),
                    route=route,
                    status=status,
                    milliseconds=round((time.monotonic() - began) * 1000),
                    client=address_of(scope),
                    caller=scope.get("caller"),
                    order_id=_order_in(scope),
                )


def _order_in(scope: Scope) -> str | None:
    """Return the order id that a route found or the path has; None for any other name, which callers choose freely."""
    found = scope.get("order_id") or scope.get("path_params", {}).get("order_id", "")
    name = ids.order_named(str(found))
    return name if ids.is_order_id(name) else None


def address_of(scope: Scope) -> str:
    """Return the client address of a request; the server has already evaluated X-Forwarded-For."""
    return scope["client"][0] if scope.get("client") else "nowhere"
