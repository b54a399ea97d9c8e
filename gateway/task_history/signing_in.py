"""Authenticates end users by their token, and applies rate limits."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from domain.task_history.users import User
from gateway.rate_limits import RateLimits
from gateway.sessions import guessing_is_limited
from gateway.task_history.context import context

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="User token",
    bearerFormat="JWT",
    description="Token of an end user (JWT): `iss`, `aud`, `exp`, `nbf`, `sub` (a UUID), `role` (`user`) and `plan`. "
    "For a trial, `darkroom token --user UUID --plan pro` prints one.",
)


async def signed_in(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> User:
    """Return the signed-in user. Raises TokenRefused, TooManyRequests, OutsideUnavailable."""
    limits: RateLimits = request.state.limits
    async with guessing_is_limited(request):
        user = (await context(request).sessions.by_token(credentials.credentials if credentials else "", "user")).user
    await limits.count_key(f"user {user.user_id}")
    request.scope["caller"] = f"user {user.user_id}"  # for the access log
    return user


SignedIn = Annotated[User, Depends(signed_in)]
