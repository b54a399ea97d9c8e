"""Plays orders as customers do, and sees in Postgres how far each of them is."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import asyncpg
from temporalio.client import Client

from benchmarks.servers import servers
from domain.order.messages import CustomerMessage, OrderRequest, PaymentReceived, RequestedPicture
from domain.vocabulary.status import Status
from stack.up import Stack
from starter import orders
from starter.client import connect

POLL_SECONDS = 0.02
SHOP = "shop-1"
PAYMENT = PaymentReceived(event_id="e1", payment_id="pay-1", amount="18.00", currency="CNY")
ACCEPTANCE = CustomerMessage(event_id="e2", text="可以,发我邮箱 wang@example.com")
CONDITIONS = {Status.PENDING: "quote IS NOT NULL"}  # what else must hold in a status


@dataclass(frozen=True)
class Site:
    """The servers, and clients of them."""

    stack: Stack
    client: Client
    rows: asyncpg.Pool


@dataclass(frozen=True)
class Order:
    """An order of a customer of its own."""

    order_id: str
    customer_id: str


class Shop(Protocol):
    """What customers do to an order of one picture."""

    async def start(self, order: Order) -> None:
        """Send a picture."""

    async def pay(self, order: Order) -> None:
        """Pay."""

    async def accept(self, order: Order) -> None:
        """Accept the preview and give an e-mail address."""


@dataclass(frozen=True)
class Darkroom:
    """The product, reached by Temporal."""

    client: Client

    async def start(self, order: Order) -> None:
        """Start the workflow."""
        picture = RequestedPicture(image_url="https://shop.example/1.jpg")
        request = OrderRequest(customer_id=order.customer_id, acc_id=SHOP, pictures=[picture])
        await orders.start(self.client, order.order_id, request)

    async def pay(self, order: Order) -> None:
        """Send a signal."""
        await orders.send(self.client, order.order_id, "payment_received", PAYMENT)

    async def accept(self, order: Order) -> None:
        """Send a signal."""
        await orders.send(self.client, order.order_id, "customer_message", ACCEPTANCE)


@asynccontextmanager
async def site(*more: str) -> AsyncIterator[Site]:
    """Run Postgres, Temporal and more servers until the block ends."""
    async with servers("postgres", "temporal", "migrations", *more) as stack:
        client = await connect(stack.env["TEMPORAL_ADDRESS"], stack.env["TEMPORAL_NAMESPACE"])
        rows = await asyncpg.create_pool(stack.env["DATABASE_URL"].replace("+asyncpg", ""), min_size=1, max_size=2)
        try:
            yield Site(stack, client, rows)
        finally:
            await rows.close()


def new_orders(count: int) -> list[Order]:
    """Return ids of new orders and their customers."""
    return [Order(orders.new_order_id("Asia/Shanghai"), f"customer-{uuid.uuid4().hex[:8]}") for _ in range(count)]


async def play(place: Site, shop: Shop, count: int) -> None:
    """Play orders of different customers at once, from picture to e-mail."""
    played = await quoted(place, shop, count)
    await each(place, played, Status.PENDING, shop.pay)
    await each(place, played, Status.AWAITING_CONFIRM, shop.accept)
    await each(place, played, Status.COMPLETED)


async def quoted(place: Site, shop: Shop, count: int) -> list[Order]:
    """Start orders at once, and return them when all have a quote."""
    started = new_orders(count)
    await together(started, shop.start)
    await each(place, started, Status.PENDING)
    return started


async def together(played: Sequence[Order], act: Callable[[Order], Coroutine[Any, Any, None]]) -> None:
    """Do something with all orders at the same time."""
    async with asyncio.TaskGroup() as group:
        for order in played:
            group.create_task(act(order))


async def nothing(_order: Order) -> None:
    """Do nothing."""


async def each(
    place: Site,
    played: Sequence[Order],
    status: Status,
    act: Callable[[Order], Coroutine[Any, Any, None]] = nothing,
) -> None:
    """Do something with each order as soon as its row has a status."""
    condition = CONDITIONS.get(status, "true")
    wanted = f"SELECT order_id FROM orders WHERE order_id = ANY($1) AND status = $2 AND {condition}"  # noqa: S608 - our own
    missing = {order.order_id: order for order in played}
    async with asyncio.TaskGroup() as group:
        while missing:
            for row in await place.rows.fetch(wanted, list(missing), status):
                group.create_task(act(missing.pop(row["order_id"])))
            await asyncio.sleep(POLL_SECONDS)


async def told(client: Client, order: Order, *, staff: bool) -> None:
    """Wait until the customer has been told all that there is to tell, and if asked so, staff too."""
    while True:
        now = await orders.snapshot(client, order.order_id)
        if not (now.has_unreported or now.outbox or (staff and now.notices)):
            return
        await asyncio.sleep(POLL_SECONDS)


async def timed(work: Awaitable[Any]) -> float:
    """Await something, and return the seconds that it took."""
    clock = asyncio.get_running_loop().time
    began = clock()
    await work
    return clock() - began
