"""Refuses requests that another site made a browser send: by the origin, and by a token that only our page knows."""

import hmac
from hashlib import sha256
from urllib.parse import urlsplit

from fastapi import Request

from domain.vocabulary.errors import NotAllowed

HEADER, FIELD = "X-CSRF-Token", "csrf"
SMALL_FORM = "application/x-www-form-urlencoded"
PURPOSE = b"darkroom.history-page.csrf:"


def token(secret: str, session: str) -> str:
    """Return the token that belongs to a session."""
    return hmac.digest(secret.encode(), PURPOSE + session.encode(), sha256).hex()


async def check(request: Request, secret: str, own_host: str, session: str) -> None:
    """Check that a request was sent by our page. Raises NotAllowed."""
    check_origin(request, own_host)
    said = request.headers.get(HEADER)
    if said is None and request.headers.get("content-type", "").startswith(SMALL_FORM):  # an upload sends the header
        said = str((await request.form()).get(FIELD, ""))
    if not hmac.compare_digest((said or "").encode(), token(secret, session).encode()):
        raise NotAllowed("the CSRF token is missing or wrong: reload the page")


def check_origin(request: Request, own_host: str) -> None:
    """Check that a request comes from our own origin, as browsers tell. Raises NotAllowed."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site not in {None, "same-origin"}:
        raise NotAllowed("the request comes from another site")
    if origin is None and site is None:
        raise NotAllowed("the request does not say where it comes from")
    if origin is not None and urlsplit(origin).netloc not in {request.headers.get("host"), own_host}:
        raise NotAllowed("the request comes from another origin")
