"""Finds the order for an event that names only the customer."""

from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta

from temporalio.client import Client

from domain.vocabulary.status import BEFORE_THE_CUSTOMER, FINISHED, Status
from starter.orders import Listed, listing

MAX_ORDERS = 100  # open orders considered per customer
SAME_MOMENT = timedelta(seconds=1)

BEFORE_PAYMENT = (Status.PENDING,)
MAYBE_PAID = tuple(status for status in Status if status not in {Status.PENDING, Status.EXPIRED})
ONLY_IF_UNAMBIGUOUS = {"refund_recorded"}  # a refund stops work, so it is never guessed between several orders
ANY_STATUS = ("", *Status)  # a customer who cancels, complains or asks for a person is always heard
ROUTES: dict[str, tuple[str, ...]] = {
    "payment_received": BEFORE_PAYMENT,
    "image_received": BEFORE_PAYMENT,
    "analysis_received": BEFORE_PAYMENT,
    "requirement_added": BEFORE_PAYMENT,
    "operation_changed": BEFORE_PAYMENT,
    "customer_message": ANY_STATUS,
    "revision_requested": BEFORE_THE_CUSTOMER,
    "email_provided": BEFORE_THE_CUSTOMER,
    "refund_recorded": MAYBE_PAID,
}

Reach = Callable[[list[str]], Awaitable[Collection[str]]]  # returns those orders that the caller may access


class NoOrderMeant(LookupError):
    """The customer has no order that waits for this event."""


class SeveralOrdersMeant(LookupError):
    """The customer has several such orders started at the same moment: the sender must name one."""


async def order_of_customer(
    client: Client, customer_id: str, signal: str, shop_id: str | None = None, reach: Reach | None = None
) -> str:
    """Return the newest order of a customer that waits for this event; `reach` filters by access rights.

    Raises NoOrderMeant, SeveralOrdersMeant, or ValueError for a signal that must name its order.
    """
    if signal not in ROUTES:
        raise ValueError(f"{signal} must name its order; only these need not: {', '.join(ROUTES)}")
    filters = {"CustomerId": customer_id} | ({"ShopId": shop_id} if shop_id else {})
    found = [line async for line in listing(client, limit=MAX_ORDERS, **filters) if line.open]
    if reach is not None:
        within = await reach([line.order_id for line in found])
        found = [line for line in found if line.order_id in within]
    fitting = [line for line in found if line.status in ROUTES[signal]]
    waiting = sorted(_most_likely(fitting) if ROUTES[signal] is ANY_STATUS else fitting, key=_age, reverse=True)
    if not waiting:
        raise NoOrderMeant(f"no order of customer {customer_id} waits for {signal}")
    if len(waiting) > 1 and (
        signal in ONLY_IF_UNAMBIGUOUS or waiting[0].started_at - waiting[1].started_at < SAME_MOMENT
    ):
        ids = f"{waiting[0].order_id} and {waiting[1].order_id}"
        raise SeveralOrdersMeant(f"{ids} of customer {customer_id} may be meant by {signal}: which is it?")
    return waiting[0].order_id


def _most_likely(found: list[Listed]) -> list[Listed]:
    """Prefer orders whose customer is to reply; else those that are not finished; else all."""
    before = [line for line in found if line.status in BEFORE_THE_CUSTOMER]
    return before or [line for line in found if line.status not in FINISHED] or found


def _age(line: Listed) -> float:
    return line.started_at.timestamp()
