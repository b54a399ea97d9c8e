"""Rejects bodies that are too large or too slow, so that clients cannot exhaust memory or connections."""

import asyncio
import re
from collections.abc import Mapping
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.errors import problem

GRACE_SECONDS = 20.0
TOO_LARGE = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
LEAST_RATE = 50_000  # bytes per second: 30 MB may take ten minutes


class BodyLimits:
    """ASGI middleware: answers 413 to bodies that are too large, without reading them, and 408 to slow ones.

    `larger` maps patterns of paths to limits above `most` bytes. FastAPI has such a limit, too, but answers in plain
    text, not problem details, if the request declares its size.
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
        self._larger = {re.compile(path): size for path, size in larger.items()}
        self._grace = grace
        self._rate = rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request while its body stays within the limits."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        most = next((size for pattern, size in self._larger.items() if pattern.fullmatch(path)), self._most)
        said = Headers(scope=scope).get("content-length", "0")
        if said.isdecimal() and int(said) > most:
            await problem(TOO_LARGE, _at_most(most))(scope, receive, send)
            return
        await self._app(scope, self._guarded(receive, most), send)

    def _guarded(self, receive: Receive, most: int) -> Receive:
        began, taken, is_whole = asyncio.get_running_loop().time(), 0, False

        async def receive_guarded() -> Message:
            nonlocal taken, is_whole
            if is_whole:  # only a disconnect can follow
                return await receive()
            try:
                async with asyncio.timeout_at(began + self._grace + taken / self._rate):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, "the request body is sent too slowly") from None
            taken += len(message.get("body", b""))
            if taken > most:
                raise HTTPException(TOO_LARGE, _at_most(most))
            is_whole = not message.get("more_body", False)
            return message

        return receive_guarded


def _at_most(size: int) -> str:
    return f"the request body must not exceed {size:,} bytes"
