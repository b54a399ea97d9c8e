"""HEAD wherever GET is: the same answer without its body."""

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

ASKED_AS = "darkroom.asked_as"  # in the scope: the method that the client named


class Head:
    """ASGI middleware: routes see a GET, and the server leaves the body out, since it knows what was asked.

    A route whose answer has no end, or has an effect, asks `is_head`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET", ASKED_AS: "HEAD"}
        await self._app(scope, receive, send)


def is_head(request: Request) -> bool:
    """Whether the client wants to see the headers alone."""
    return ASKED_AS in request.scope
