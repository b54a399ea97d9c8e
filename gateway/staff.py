"""Signs staff in: by a token (JWT, role `staff`) in a header, or by the cookie of a session."""

from typing import Annotated

from fastapi import Depends, Request

from adapters.db.sessions import Session
from domain.task_history.users import User
from gateway import cookies
from gateway.rate_limits import RateLimits
from gateway.sessions import guessing_is_limited, is_active
from gateway.task_history.context import context

COOKIE = "darkroom_staff"
BEARER = "Bearer "


async def staff(request: Request) -> User:
    """Return the staff member of a request. Raises TokenRefused, TooManyRequests, OutsideUnavailable."""
    said = request.headers.get("authorization", "")
    with_token = said.startswith(BEARER)
    found = await (_by_token(request, said.removeprefix(BEARER)) if with_token else _by_cookie(request))
    limits: RateLimits = request.state.limits
    await limits.count_key(f"staff {found.user_id}")
    request.scope["caller"] = f"staff {found.user_id}"  # for the access log
    return found


Staff = Annotated[User, Depends(staff)]


async def _by_token(request: Request, token: str) -> User:
    async with guessing_is_limited(request):
        return (await context(request).sessions.by_token(token, "staff")).user


async def _by_cookie(request: Request) -> User:
    return (await session_of(request)).user


async def session_of(request: Request) -> Session:
    """Return the session of a browser. Raises TokenRefused, TooManyRequests, OutsideUnavailable."""
    async with guessing_is_limited(request):
        return await context(request).sessions.session(cookie(request), "staff", is_active=is_active(request))


def cookie(request: Request) -> str:
    """Return the cookie of a request; '' if there is none."""
    return cookies.read(request, COOKIE, is_https=is_https(request))


def is_https(request: Request) -> bool:
    """Whether a request came by https; staff may also come by http to a port that is forwarded to their machine."""
    return request.url.scheme == "https"
