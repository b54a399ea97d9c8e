"""Rows that are behind their workflows, as after a restore, are written anew from them."""

from typing import Protocol

from temporalio.client import Client

from domain.order.order import Order
from starter import orders
from starter.failures import NoSuchOrder

MAX_ORDERS = 1_000_000  # orders; each of them is asked


class Saves(Protocol):
    """Writes the rows of an order, whole; an older version never overwrites a newer one."""

    async def save(self, order: Order) -> None:
        """Write them."""


async def catch_up(client: Client, records: Saves) -> int:
    """Write the rows of every order that Temporal knows, also of those that have ended; return how many.

    Raises TimeoutError where no worker answers, ConnectionError.
    """
    seen: set[str] = set()
    async for listed in orders.listing(client, limit=MAX_ORDERS):
        if listed.order_id in seen:
            continue  # an earlier run of one that has gone on as new
        seen.add(listed.order_id)
        try:
            await records.save(await orders.snapshot(client, listed.order_id))
        except NoSuchOrder:
            seen.discard(listed.order_id)  # started with something that is no order: it has no rows
    return len(seen)
