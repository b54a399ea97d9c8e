"""Signs users in to the page: their app's token becomes a cookie that scripts cannot read."""

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from adapters.db import sessions
from domain.task_history.plans import Plan
from domain.task_history.users import User
from domain.vocabulary.errors import TokenRefused
from gateway import cookies
from gateway.history_page import csrf
from gateway.history_page.rendering import render
from gateway.rate_limits import RateLimits
from gateway.sessions import client_of, guessing_is_limited, is_active
from gateway.task_history.context import context
from runtime.settings import Settings

PATH = "/history"
COOKIE = "darkroom_history"
LONGEST_TOKEN = 3900  # characters: browsers keep cookies of 4 KB, with their names and attributes
S = HTTPStatus

router = APIRouter(prefix=PATH, include_in_schema=False)


@dataclass(frozen=True)
class PageOptions:
    """What the page knows of its own address, and the key of its CSRF tokens."""

    secret: str
    host: str
    is_https: bool


def options(settings: Settings) -> PageOptions:
    """Return the page's options."""
    address = urlsplit(settings.gateway_url)
    return PageOptions(settings.link_secret.get_secret_value(), address.netloc, address.scheme == "https")


@dataclass(frozen=True)
class Session:
    """A signed-in user, and the CSRF token of their session."""

    user: User
    plan: Plan
    csrf: str
    found: sessions.Session
    cookie: str


async def session(request: Request) -> Session:
    """Return the session of a request. Raises TokenRefused, TooManyRequests."""
    found = await _session(request)
    limits: RateLimits = request.state.limits
    await limits.count_key(f"page {found.user.user_id}")
    request.scope["caller"] = f"user {found.user.user_id}"  # for the access log
    return found


async def changing_session(request: Request, found: Annotated[Session, Depends(session)]) -> Session:
    """Return the session of a request that changes something, which our page must have sent. Raises NotAllowed."""
    page = _options(request)
    await csrf.check(request, page.secret, page.host, found.cookie)
    return found


async def image_session(request: Request) -> Session:
    """Return the session without counting: fast scrolling asks for more images than any limit of requests allows."""
    return await _session(request)


SignedIn = Annotated[Session, Depends(session)]
Changing = Annotated[Session, Depends(changing_session)]
Looking = Annotated[Session, Depends(image_session)]


async def _session(request: Request) -> Session:
    said = _cookie(request)
    found, secret = await session_of(request), _options(request).secret
    return Session(found.user, context(request).plan(found.user), csrf.token(secret, said), found, said)


async def session_of(request: Request) -> sessions.Session:
    """Return the session of a browser. Raises TokenRefused, TooManyRequests, OutsideUnavailable."""
    async with guessing_is_limited(request):
        return await context(request).sessions.session(_cookie(request), "user", is_active=is_active(request))


@router.get("/session")
async def is_signed_in(_: SignedIn) -> Response:
    """Answer 204 if the browser has a session.

    After a link from another site the browser keeps the cookie back (SameSite=Strict), and the sign-in page asks here.
    """
    return Response(status_code=S.NO_CONTENT)


@router.post("/session")
async def sign_in(request: Request, token: Annotated[str, Form(max_length=LONGEST_TOKEN)]) -> Response:
    """Exchange a token for a session. Only our own page may: no site signs its visitors in as somebody else."""
    csrf.check_origin(request, _options(request).host)
    is_script = request.headers.get("sec-fetch-mode") != "navigate"
    try:
        async with guessing_is_limited(request):
            begun, found = await context(request).sessions.begin(
                token.strip(), "user", client_of(request), _cookie(request)
            )
    except TokenRefused:
        if is_script:
            raise
        return render(request, "sign_in.html", S.UNAUTHORIZED, is_refused=True, is_expired=False)
    answer = Response(status_code=S.NO_CONTENT) if is_script else RedirectResponse(f"{PATH}/", S.SEE_OTHER)
    left = max(0, int(found.expires_at.timestamp() - time.time()))
    cookies.keep(answer, COOKIE, begun, left, is_https=_options(request).is_https)
    return answer


@router.post("/session/end")
async def sign_out(request: Request, session: Changing) -> Response:
    """End the session, and the token that began it. The browser also drops the thumbnails that it has cached."""
    await context(request).sessions.end(session.found, [session.found.session_id])
    answer = RedirectResponse(f"{PATH}/", S.SEE_OTHER, headers=cookies.FORGET_IMAGES)
    cookies.keep(answer, COOKIE, "", 0, is_https=_options(request).is_https)
    return answer


def _cookie(request: Request) -> str:
    return cookies.read(request, COOKIE, is_https=_options(request).is_https)


def _options(request: Request) -> PageOptions:
    return cast("PageOptions", request.state.page)
