"""Lets callers in: an API key as a bearer token, within its rate and its scopes."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from adapters.db.keys import ApiKey
from domain.errors import KeyRefused, NotAllowed
from domain.messages import Event
from gateway.access_log import address_of
from gateway.keyring import Keyring, Scope
from gateway.rate_limits import RateLimits

bearer = HTTPBearer(auto_error=False, scheme_name="API key", description="`darkroom key new NAME` makes one.")

# What other agents may not do: they neither book money nor decide for staff.
FOR_BOTS_ALONE = {"payment_received", "refund_recorded", "quote_set", "processing_resumed", "consent_recorded"}


async def caller(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> ApiKey:
    """Return who calls. Raises KeyRefused, TooManyRequests, OutsideUnavailable."""
    keyring: Keyring = request.state.keyring
    limits: RateLimits = request.state.limits
    try:
        found = await keyring.caller(credentials.credentials if credentials else "")
    except KeyRefused:
        await limits.count_address(address_of(request.scope))  # nobody may guess for long
        raise
    await limits.count_key(found.key_id)
    request.scope["caller"] = found.name  # for the log
    return found


Caller = Annotated[ApiKey, Depends(caller)]


async def anybody(request: Request) -> None:
    """Take a request without a key, within the rate of its address. Raises TooManyRequests."""
    limits: RateLimits = request.state.limits
    await limits.count_address(address_of(request.scope))


def refuse_unfit(who: ApiKey, name: str, event: Event) -> None:
    """Let other agents neither book money nor speak for staff. Raises NotAllowed."""
    if Scope.BOT in who.scopes:
        return
    said_by = {getattr(event, "changed_by", ""), getattr(event, "requested_by", "")}
    if name in FOR_BOTS_ALONE or "staff" in said_by:
        what = name if name in FOR_BOTS_ALONE else "the word of staff"
        raise NotAllowed(f"{what} takes an API key of scope bot, and that of {who.name} is for others")
