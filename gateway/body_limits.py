"""Ends requests whose body is too large or trickles in: neither memory nor a connection is held by a stranger."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.errors import problem

GRACE_SECONDS = 20.0
TOO_LARGE = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
LEAST_RATE = 50_000  # bytes a second: 30 MB may take ten minutes


class BodyLimits:
    """ASGI middleware: a body of a size that is too large is answered 413 unread, one below the least rate 408.

    `larger` says which paths take more than `most` bytes. FastAPI has a limit of its own, whose answer to a body that
    says its size is plain text instead of problem details.
    """

    def __init__(
        self,
        app: ASGIApp,
        most: int,
        larger: Mapping[str, int],
        grace: float = GRACE_SECONDS,
        rate: float = LEAST_RATE,
    ) -> None:
        self._app = app
        self._most = most
        self._larger = larger
        self._grace = grace
        self._rate = rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, as long as the body is small and fast enough."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._larger.get(scope["path"], self._most)
        said = Headers(scope=scope).get("content-length", "0")
        if said.isdecimal() and int(said) > most:
            await problem(TOO_LARGE, _at_most(most))(scope, receive, send)
            return
        await self._app(scope, self._guarded(receive, most), send)

    def _guarded(self, receive: Receive, most: int) -> Receive:
        began, taken, is_whole = asyncio.get_running_loop().time(), 0, False

        async def receive_guarded() -> Message:
            nonlocal taken, is_whole
            if is_whole:  # what comes now is only the news that the client has gone
                return await receive()
            try:
                async with asyncio.timeout_at(began + self._grace + taken / self._rate):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, "the body came too slowly") from None
            taken += len(message.get("body", b""))
            if taken > most:
                raise HTTPException(TOO_LARGE, _at_most(most))
            is_whole = not message.get("more_body", False)
            return message

        return receive_guarded


def _at_most(size: int) -> str:
    return f"the body may have at most {size:,} bytes"
