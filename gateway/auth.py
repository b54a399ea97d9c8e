"""Lets callers in: an API key as a bearer token, within its rate and its scopes."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from adapters.db.keys import ApiKey
from domain.vocabulary.errors import KeyRefused
from gateway import scopes
from gateway.access_log import address_of
from gateway.keyring import Keyring
from gateway.rate_limits import RateLimits

bearer = HTTPBearer(auto_error=False, scheme_name="API key", description="`darkroom key new NAME` makes one.")


async def caller(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> ApiKey:
    """Return who calls, and may. Raises KeyRefused, NotAllowed, TooManyRequests, OutsideUnavailable."""
    keyring: Keyring = request.state.keyring
    limits: RateLimits = request.state.limits
    try:
        found = await keyring.caller(credentials.credentials if credentials else "")
    except KeyRefused:
        await limits.count_address(address_of(request.scope))  # nobody may guess for long
        raise
    await limits.count_key(found.key_id)
    request.scope["caller"] = found.name  # for the log
    await scopes.check(request, found)
    return found


Caller = Annotated[ApiKey, Depends(caller)]


async def anybody(request: Request) -> None:
    """Take a request without a key, within the rate of its address. Raises TooManyRequests."""
    limits: RateLimits = request.state.limits
    await limits.count_address(address_of(request.scope))
