"""Limits concurrent requests: beyond the limit the answer is 503. Idle connections do not count."""

from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors import RETRY_AFTER_SECONDS, problem

MOST_REQUESTS = 1000  # including event streams
ALWAYS = {"/healthz", "/readyz", "/metrics"}  # probes must always be answered


class RequestLimit:
    """ASGI middleware that counts the requests in flight."""

    def __init__(self, app: ASGIApp, most: int = MOST_REQUESTS) -> None:
        self._app = app
        self._most = most
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, or answer 503 with Retry-After."""
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            await self._app(scope, receive, send)
            return
        if self._in_flight >= self._most:
            headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            busy = problem(HTTPStatus.SERVICE_UNAVAILABLE, "too many concurrent requests; retry later", headers)
            await busy(scope, receive, send)
            return
        self._in_flight += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_flight -= 1
