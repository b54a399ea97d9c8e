"""The user of the local stack: owner of the orders that start in the chat page, with a link that signs them in."""

from uuid import UUID

from adapters.identity.tokens import Tokens, Trust
from stack.servers.server import Site

DEMO_USER = UUID("0b5c8f6e-2f0f-4a46-9d5f-0e6a4c1d2b3a")
PLAN = "pro"
HOURS = 24 * 30


def history_link(site: Site, gateway_url: str) -> str | None:
    """Return the address of the user's task history, with a token; None if another identity provider signs tokens."""
    user = site.user
    if user.token_jwks_url:
        return None
    trust = Trust(user.token_algorithm, user.token_issuer, user.token_audience)
    tokens = Tokens(trust, secret=site.secret("token_secret"))
    token = tokens.issue(DEMO_USER, PLAN if PLAN in user.plans else user.default_plan, HOURS)
    return f"{gateway_url}/history/#token={token}"
