"""Drops a response: closes the connection without sending a byte, as if the server had died after doing the work."""

from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

EXTENSION = "darkroom.connection"


class DroppingProtocol(H11Protocol):
    """uvicorn's HTTP protocol, which passes the connection to the application so that it can be closed."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        app = self.app

        async def with_connection(scope: Any, receive: Any, send: Any) -> None:
            await app(scope | {"extensions": {**scope.get("extensions", {}), EXTENSION: self.transport}}, receive, send)

        self.app = with_connection


class Dropped(Response):
    """No response at all. The status is nginx's for this case, and never sent."""

    def __init__(self) -> None:
        super().__init__(status_code=444)

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        """Close the connection, and wait until it is closed: returning earlier would make uvicorn answer 500."""
        scope["extensions"][EXTENSION].close()
        while (await receive())["type"] != "http.disconnect":
            pass
