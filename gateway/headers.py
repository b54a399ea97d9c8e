"""Adds security headers to every response, and keeps redirects relative."""

from urllib.parse import unquote, urlsplit, urlunsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}  # a year


class SecurityHeaders:
    """ASGI middleware that adds the headers a route has not set itself."""

    def __init__(self, app: ASGIApp, *, is_https: bool = False) -> None:
        self._app = app
        self._headers = SECURITY_HEADERS | (HTTPS_ONLY if is_https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, and add the headers."""

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if "location" in headers:
                    headers["location"] = _relative(headers["location"], scope)
            await send(message)

        await self._app(scope, receive, send_secured)


def _relative(location: str, scope: Scope) -> str:
    """Return a redirect to our own host (e.g. one that removes a trailing slash) without the host name.

    Starlette copies the Host header into it, which any client can choose.
    """
    parts, own = urlsplit(location), scope["path"].rstrip("/")
    if parts.netloc != Headers(scope=scope).get("host") or unquote(parts.path).rstrip("/") != own:
        return location
    return urlunsplit(("", "", "/" + parts.path.lstrip("/"), parts.query, ""))
