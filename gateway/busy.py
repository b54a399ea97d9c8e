"""At most so many requests at once; beyond that the answer is 503. Connections that ask nothing do not count."""

from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors import RETRY_AFTER_SECONDS, problem

MOST_REQUESTS = 1000  # streams of events too
ALWAYS = {"/healthz", "/readyz", "/metrics"}  # who asks whether it lives must hear so


class RequestLimit:
    """ASGI middleware that counts the requests in flight."""

    def __init__(self, app: ASGIApp, most: int = MOST_REQUESTS) -> None:
        self._app = app
        self._most = most
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or say when to come again."""
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            await self._app(scope, receive, send)
            return
        if self._in_flight >= self._most:
            headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            busy = problem(HTTPStatus.SERVICE_UNAVAILABLE, "too many requests at once; try again", headers)
            await busy(scope, receive, send)
            return
        self._in_flight += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_flight -= 1
