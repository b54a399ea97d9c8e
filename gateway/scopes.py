"""Permissions of API keys: agents may use only the listed routes, and only on what they started."""

import re
from collections.abc import Iterable

from fastapi import Request

from adapters.db.key_ownership import KeyOwnership
from adapters.db.keys import ApiKey
from domain.order.messages import Event, OrderRequest, ResultSubmitted
from domain.vocabulary import ids
from domain.vocabulary.errors import NotAllowed
from gateway.keyring import Scope

# Events that an agent may send to its orders. It neither books money nor decides for staff: price, risk and consent
# are the shop's business.
AGENT_EVENTS = {
    "image_received", "requirement_added", "operation_changed", "customer_message", "revision_requested",
    "email_provided", "transfer_requested", "result_submitted", "resend_requested", "cancel_requested",
}  # fmt: skip
AGENT_UPDATES = {"add_requirement", "change_operation", "send_message", "request_cancel"}
AGENT_ROUTES = {
    "POST /api/uploads",
    "POST /api/orders",
    "GET /api/orders/{order_id}",
    "GET /api/orders/{order_id}/changes",
    "GET /api/orders/{order_id}/events",
    "GET /api/orders/{order_id}/progress",
    "GET /api/customers/{customer_id}/orders",
    "POST /api/dispatches",
    "GET /api/dispatches/{dispatch}",
    "POST /api/dispatches/{dispatch}/events/designer_finished",
    "POST /api/dispatches/{dispatch}/events/cancel_requested",
    "POST /api/pictures/find",
    "GET /api/pictures/find/{find_id}",
} | {
    f"POST /api/{whose}/{kind}/{name}"
    for whose in ("orders/{order_id}", "customers/{customer_id}")
    for kind, names in {"events": AGENT_EVENTS, "updates": AGENT_UPDATES}.items()
    for name in names
}  # some exist only for orders, not for a customer's order
_SECOND_DISPATCH = re.compile(r"-\d+$")


def is_bot(who: ApiKey) -> bool:
    """Whether a key has the scope of the shop's chat bot, which may do everything."""
    return Scope.BOT in who.scopes


async def check(request: Request, who: ApiKey) -> None:
    """Check that a caller may use this route and, if it is an agent, that it started what it names. Raises NotAllowed.

    The answer does not reveal whether something of another caller exists.
    """
    if is_bot(who):
        return
    route = f"{request.method} {request.scope['route'].path_format}"
    if Scope.AGENT not in who.scopes or route not in AGENT_ROUTES:
        raise _for_bots(route, who)
    if (named := _named(request.path_params)) and not await own(request, who, named):
        raise NotAllowed(f"the API key of {who.name} has access only to what was started with it")


async def own(request: Request, who: ApiKey, names: Iterable[str]) -> frozenset[str]:
    """Return which of these orders, questions and searches were started with a key."""
    ownership: KeyOwnership = request.state.key_ownership
    return await ownership.owned(set(names), who.name)


async def note(request: Request, who: ApiKey, name: str) -> None:
    """Record that something was started with a key; not needed for a bot, which has access to everything."""
    if not is_bot(who):
        ownership: KeyOwnership = request.state.key_ownership
        await ownership.record(name, who.name)


def refuse_unfit(who: ApiKey, name: str, event: Event) -> None:
    """Check that an agent sends only permitted events, and not in the name of staff. Raises NotAllowed."""
    if is_bot(who):
        return
    if name not in AGENT_EVENTS | AGENT_UPDATES:
        raise _for_bots(name, who)
    if "staff" in {getattr(event, "changed_by", ""), getattr(event, "requested_by", "")}:
        raise _for_bots("speaking for staff", who)
    if isinstance(event, ResultSubmitted):
        event.source = who.name  # whatever it claims


def refuse_unfit_order(who: ApiKey, order: OrderRequest) -> None:
    """Check that an agent sets neither a picture's analysis (risk, price) nor an owner. Raises NotAllowed."""
    if is_bot(who):
        return
    if any(picture.analysis for picture in order.pictures):
        raise _for_bots("setting a picture's analysis", who)
    if order.owner:
        raise _for_bots("`owner`", who)


def _for_bots(what: str, who: ApiKey) -> NotAllowed:
    return NotAllowed(f"{what} requires an API key with the scope bot, which {who.name} does not have")


def _named(path: dict[str, str]) -> set[str]:
    """Return the names in a path; access to one is enough, as a search may have led to a question to designers."""
    if dispatch := path.get("dispatch"):
        plain = _SECOND_DISPATCH.sub("", dispatch)
        if plain.startswith("TASK_"):
            return {ids.order_of_task(plain)}
        return {plain, plain.removeprefix("TRANSFER_")}
    return {path[name] for name in ("order_id", "find_id") if name in path}
