"""Finds the order for an event that names only the customer, the same one for every repeat."""

from fastapi import Request

from adapters.db.idempotency import IdempotencyKeys
from starter import routing


async def order_of_customer(
    request: Request,
    sender: str,
    signal: str,
    customer_id: str,
    shop: str | None,
    key: str,
    reach: routing.Reach | None = None,
) -> str:
    """Return the customer's order that waits for this event; for the same sender and `key` always the same order.

    After the event the order may no longer wait, so without `key` a repeat would go to the customer's next order.
    `reach` filters by access rights. Raises NoOrderMeant, SeveralOrdersMeant.
    """
    keys: IdempotencyKeys = request.state.idempotency_keys
    scope = f"{sender}: {signal} of {shop or ''}/{customer_id}"
    if known := await keys.find(scope, key):
        return known.went_to
    client = await request.state.temporal.client()
    order_id = await routing.order_of_customer(client, customer_id, signal, shop, reach)
    return (await keys.remember(scope, key, "", order_id)).went_to
