"""Signs users in to the page: their app's token becomes a cookie that scripts cannot read."""

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from adapters.identity.tokens import SignIn
from domain.task_history.plans import Plan
from domain.task_history.users import User
from domain.vocabulary.errors import TokenRefused
from gateway import cookies
from gateway.access_log import address_of
from gateway.history_page import csrf
from gateway.history_page.rendering import render
from gateway.rate_limits import RateLimits
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
    token: str


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
    await csrf.check(request, page.secret, page.host, found.token)
    return found


async def image_session(request: Request) -> Session:
    """Return the session without counting: fast scrolling asks for more images than any limit of requests allows."""
    return await _session(request)


SignedIn = Annotated[Session, Depends(session)]
Changing = Annotated[Session, Depends(changing_session)]
Looking = Annotated[Session, Depends(image_session)]


async def _session(request: Request) -> Session:
    token = cookies.read(request, COOKIE, is_https=_options(request).is_https)
    if not token:
        raise TokenRefused("not signed in")
    user = (await _verified(request, token)).user
    return Session(user, context(request).plan(user), csrf.token(_options(request).secret, token), token)


async def _verified(request: Request, token: str) -> SignIn:
    """Verify a token; guessing is limited by address. Raises TokenRefused, TooManyRequests, OutsideUnavailable."""
    limits: RateLimits = request.state.limits
    try:
        return await context(request).tokens.sign_in(token)
    except TokenRefused:
        await limits.count_address(address_of(request.scope))
        raise


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
        found = await _verified(request, token.strip())
    except TokenRefused:
        if is_script:
            raise
        return render(request, "sign_in.html", S.UNAUTHORIZED, is_refused=True, is_expired=False)
    answer = Response(status_code=S.NO_CONTENT) if is_script else RedirectResponse(f"{PATH}/", S.SEE_OTHER)
    left = max(0, int(found.expires_at.timestamp() - time.time()))
    cookies.keep(answer, COOKIE, token.strip(), left, is_https=_options(request).is_https)
    return answer


@router.post("/session/end")
async def sign_out(request: Request, _: Changing) -> Response:
    """End the session. The browser also drops the thumbnails that it has cached."""
    answer = RedirectResponse(f"{PATH}/", S.SEE_OTHER, headers=cookies.FORGET_IMAGES)
    cookies.keep(answer, COOKIE, "", 0, is_https=_options(request).is_https)
    return answer


def _options(request: Request) -> PageOptions:
    return cast("PageOptions", request.state.page)
