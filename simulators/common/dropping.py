"""Lets an answer be none: the connection is closed without a single byte, as when a server dies after its work."""

from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

EXTENSION = "darkroom.connection"


class DroppingProtocol(H11Protocol):
    """HTTP of uvicorn that hands each request its connection as well: no application could close it otherwise."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        app = self.app

        async def with_connection(scope: Any, receive: Any, send: Any) -> None:
            await app(scope | {"extensions": {**scope.get("extensions", {}), EXTENSION: self.transport}}, receive, send)

        self.app = with_connection


class Dropped(Response):
    """No answer at all. The status, which nobody hears, is nginx's for such an end."""

    def __init__(self) -> None:
        super().__init__(status_code=444)

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        """Close the connection, and wait until it is closed: who returned earlier would have 500 answered."""
        scope["extensions"][EXTENSION].close()
        while (await receive())["type"] != "http.disconnect":
            pass
