"""Signs staff in: their token (JWT, role `staff`) in a header, or in a cookie that scripts cannot read."""

from typing import Annotated

from fastapi import Depends, Request

from adapters.identity.tokens import SignIn
from domain.task_history.users import User
from domain.vocabulary.errors import TokenRefused
from gateway import cookies
from gateway.access_log import address_of
from gateway.rate_limits import RateLimits
from gateway.task_history.context import context

COOKIE = "darkroom_staff"
BEARER = "Bearer "


async def staff(request: Request) -> User:
    """Return the staff member of a request. Raises TokenRefused, TooManyRequests, OutsideUnavailable."""
    said = request.headers.get("authorization", "")
    token = said.removeprefix(BEARER) if said.startswith(BEARER) else cookie(request)
    found = (await verified(request, token)).user
    limits: RateLimits = request.state.limits
    await limits.count_key(f"staff {found.user_id}")
    request.scope["caller"] = f"staff {found.user_id}"  # for the access log
    return found


Staff = Annotated[User, Depends(staff)]


async def verified(request: Request, token: str) -> SignIn:
    """Verify a token of staff. Guessing is limited by address.

    Raises TokenRefused, TooManyRequests, OutsideUnavailable.
    """
    limits: RateLimits = request.state.limits
    try:
        return await context(request).tokens.sign_in(token, "staff")
    except TokenRefused:
        await limits.count_address(address_of(request.scope))  # limits guessing
        raise


def cookie(request: Request) -> str:
    """Return the token in the cookie of a request; '' if there is none."""
    return cookies.read(request, COOKIE, is_https=is_https(request))


def is_https(request: Request) -> bool:
    """Whether a request came by https; staff may also come by http to a port that is forwarded to their machine."""
    return request.url.scheme == "https"
