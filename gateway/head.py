"""Supports HEAD wherever there is GET."""

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

ASKED_AS = "darkroom.asked_as"  # key in the scope: the original method


class Head:
    """ASGI middleware that shows HEAD to the routes as GET; the server omits the body.

    Routes with an endless response or a side effect check `is_head`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET", ASKED_AS: "HEAD"}
        await self._app(scope, receive, send)


def is_head(request: Request) -> bool:
    """Whether the client has sent HEAD."""
    return ASKED_AS in request.scope
