"""Which order is meant by something that names a customer only, the same however often it is sent."""

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
    """Return the customer's order that waits for such an event, and for the same `key` of a sender always the same.

    Once it was heard the order may wait no longer, and a repeat would go to the customer's next one. `reach` says which
    orders the sender may reach. Raises NoOrderMeant, SeveralOrdersMeant.
    """
    keys: IdempotencyKeys = request.state.idempotency_keys
    scope = f"{sender}: {signal} of {shop or ''}/{customer_id}"
    if known := await keys.find(scope, key):
        return known.went_to
    client = await request.state.temporal.client()
    order_id = await routing.order_of_customer(client, customer_id, signal, shop, reach)
    return (await keys.remember(scope, key, "", order_id)).went_to
