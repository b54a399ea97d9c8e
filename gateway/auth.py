"""Authenticates callers by API key, and applies rate limits and scopes."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from adapters.db.keys import ApiKey
from domain.vocabulary.errors import KeyRefused
from gateway import scopes
from gateway.access_log import address_of
from gateway.keyring import Keyring
from gateway.rate_limits import RateLimits

bearer = HTTPBearer(auto_error=False, scheme_name="API key", description="Create one with `darkroom key new NAME`.")


async def caller(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> ApiKey:
    """Return the authorised caller. Raises KeyRefused, NotAllowed, TooManyRequests, OutsideUnavailable."""
    keyring: Keyring = request.state.keyring
    limits: RateLimits = request.state.limits
    try:
        found = await keyring.caller(credentials.credentials if credentials else "")
    except KeyRefused:
        await limits.count_address(address_of(request.scope))  # limits guessing
        raise
    await limits.count_key(found.key_id)
    request.scope["caller"] = found.name  # for the access log
    await scopes.check(request, found)
    return found


Caller = Annotated[ApiKey, Depends(caller)]


async def anybody(request: Request) -> None:
    """Admit a request without a key, within the rate limit of its address. Raises TooManyRequests."""
    limits: RateLimits = request.state.limits
    await limits.count_address(address_of(request.scope))
