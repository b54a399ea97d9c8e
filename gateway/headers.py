"""The headers that every answer bears, and redirects that lead nowhere else."""

from urllib.parse import unquote, urlsplit, urlunsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class SecurityHeaders:
    """ASGI middleware that adds them where a route has not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, with the headers."""

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if "location" in headers:
                    headers["location"] = _relative(headers["location"], scope)
            await send(message)

        await self._app(scope, receive, send_secured)


def _relative(location: str, scope: Scope) -> str:
    """Return a redirect to our own path, such as the one that drops a slash at the end, without the host.

    Starlette writes the request's Host header into it, which is anybody's to choose.
    """
    parts, own = urlsplit(location), scope["path"].rstrip("/")
    if parts.netloc != Headers(scope=scope).get("host") or unquote(parts.path).rstrip("/") != own:
        return location
    return urlunsplit(("", "", "/" + parts.path.lstrip("/"), parts.query, ""))
