"""Rewrites rows that are behind their workflows, e.g. after a restore."""

from typing import Protocol

from temporalio.client import Client

from domain.order.order import Order
from starter import orders
from starter.failures import NoSuchOrder

MAX_ORDERS = 1_000_000  # each is queried


class Saves(Protocol):
    """Writes all rows of an order; an older version never overwrites a newer one."""

    async def save(self, order: Order) -> None:
        """Write all rows of an order."""


async def catch_up(client: Client, records: Saves) -> int:
    """Write the rows of every order in Temporal, open or closed; return the number of orders.

    Raises TimeoutError if no worker answers, ConnectionError.
    """
    seen: set[str] = set()
    async for listed in orders.listing(client, limit=MAX_ORDERS):
        if listed.order_id in seen:
            continue  # an earlier run of an order that continued as new
        seen.add(listed.order_id)
        try:
            await records.save(await orders.snapshot(client, listed.order_id))
        except NoSuchOrder:
            seen.discard(listed.order_id)  # started with an invalid request: it has no rows
    return len(seen)
