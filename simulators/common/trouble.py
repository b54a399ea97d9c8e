"""Broken responses: none, endless, truncated, or not JSON."""

import asyncio
from contextlib import suppress
from typing import Any, Literal

from pydantic import Field
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from simulators.common.faults import Fault

TICK = 0.05  # seconds between two spaces of a drip
SENTENCES = {
    "hang": "No response until the caller disconnects, or 504 after `seconds` (600). Billed.",
    "drip": "Status 200, then a space every 50 ms until the caller disconnects. Billed.",
    "cut": "The connection is closed in the middle of the correct response. Billed.",
    "garbage": "Status 200 and truncated JSON. Billed.",
    "html": "Status 200 and an HTML page. Billed.",
}


class Hanging(Fault):
    """A call without a response."""

    fault: Literal["hang"]
    seconds: float = Field(600, gt=0)


class Endless(Fault):
    """An endless response, or an HTML page."""

    fault: Literal["drip", "html"]


class Broken(Fault):
    """A truncated response."""

    fault: Literal["cut", "garbage"]


class Hang(Response):
    """Stays silent until the caller gives up; after `seconds` it answers 504."""

    def __init__(self, seconds: float) -> None:
        super().__init__(status_code=504)
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait until the caller disconnects, or until the time is up."""
        with suppress(TimeoutError):
            await asyncio.wait_for(_gone(receive), self._seconds)
            return
        await HTMLResponse("<html><body>504 Gateway Time-out</body></html>", 504)(scope, receive, send)


class Drip(Response):
    """Starts like JSON and continues with spaces without end."""

    media_type = "application/json"

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send one space per tick while the caller is connected."""
        headers = [(name, value) for name, value in self.raw_headers if name != b"content-length"]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        gone = asyncio.ensure_future(_gone(receive))
        try:
            while not gone.done():
                await send({"type": "http.response.body", "body": b" ", "more_body": True})
                await asyncio.wait({gone}, timeout=TICK)
        finally:
            gone.cancel()


class Cut(JSONResponse):
    """Announces its full length but ends half-way; the server then closes the connection."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send half of the body."""
        half = bytes(self.body[: len(self.body) // 2])
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": half, "more_body": True})


def endless(fault: Endless) -> Response:
    """Return an unrelated response."""
    return Drip() if fault.fault == "drip" else HTMLResponse("<html><body>Welcome to the proxy</body></html>")


def broken(fault: Broken, body: Any) -> Response:
    """Return the first half of a response."""
    whole = Cut(body)
    if fault.fault == "cut":
        return whole
    return Response(bytes(whole.body[: len(whole.body) // 2]), media_type="application/json")


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
