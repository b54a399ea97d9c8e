"""The people of the local stack, with links that sign them in: a user of the chat page, and a staff member."""

from collections.abc import Callable
from uuid import UUID

from adapters.identity.tokens import Tokens, Trust
from stack.servers.server import Site

DEMO_USER = UUID("0b5c8f6e-2f0f-4a46-9d5f-0e6a4c1d2b3a")
DEMO_STAFF = UUID("7d0b3c52-8a4e-4f7e-9d0e-2f9f4b1c6a55")
STAFF_NAME = "小王"
PLAN = "pro"
HOURS = 24 * 30


def history_link(site: Site, gateway_url: str) -> str | None:
    """Return the address of the user's task history, with a token; None if another identity provider signs tokens."""
    plans = site.user.plans
    plan = PLAN if PLAN in plans else site.user.default_plan
    token = _token(site, lambda tokens: tokens.issue(DEMO_USER, plan, HOURS))
    return token and f"{gateway_url}/history/#token={token}"


def board_link(site: Site, gateway_url: str) -> str | None:
    """Return the address of the staff board, with a token; None if another identity provider signs tokens."""
    token = _token(site, lambda tokens: tokens.issue(DEMO_STAFF, "", HOURS, "staff", STAFF_NAME))
    return token and f"{gateway_url}/staff/session#token={token}"


def _token(site: Site, issue: Callable[[Tokens], str]) -> str | None:
    user = site.user
    if user.token_jwks_url:
        return None
    trust = Trust(user.token_algorithm, user.token_issuer, user.token_audience)
    return issue(Tokens(trust, secret=site.secret("token_secret")))
