"""How far the work is, asked of a real server while it goes on."""

import asyncio
from collections.abc import Callable

import pytest

from activities import heartbeat
from starter import progress
from starter.progress import PictureProgress
from tests.shop import FakeShop, OrderInHand
from workflows import options

Reached = Callable[[list[PictureProgress]], bool]


async def paid_order(shop: FakeShop) -> OrderInHand:
    order = await shop.order()
    await order.until(lambda o: o.quote)
    await order.signal("payment_received", payment_id="pay-1", amount="18.00")
    return order


async def until(shop: FakeShop, order: OrderInHand, reached: Reached) -> list[PictureProgress]:
    async with asyncio.timeout(60):
        while True:
            found = await progress.of_order(shop.client, order.order_id, [order.task_id])
            if reached(found):
                return found
            await asyncio.sleep(0.05)


async def test_the_making_of_a_picture_tells_how_far_it_is(shop: FakeShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.05)
    shop.model.gate = asyncio.Event()
    order = await paid_order(shop)
    (one,) = await until(shop, order, lambda found: bool(found) and found[0].seconds_left is not None)
    assert (one.task_id, one.step) == (order.task_id, "making")
    (later,) = await until(shop, order, lambda found: found[0].percent > one.percent)
    assert later.seconds_left is None or later.seconds_left <= (one.seconds_left or 0)
    shop.model.gate.set()
    await until(shop, order, lambda found: not found)


async def test_what_waits_for_a_worker_is_in_the_queue(closed_shop: FakeShop) -> None:
    images = closed_shop.worker(options.IMAGES)
    async with closed_shop.open(options.ORDERS, options.STAFF) as shop:
        async with images:
            order = await shop.order()
            await order.until(lambda o: o.quote)
        await order.signal("payment_received", payment_id="pay-1", amount="18.00")
        (one,) = await until(shop, order, bool)
        assert (one.step, one.percent) == ("queued", 0)
        async with asyncio.timeout(60):
            while True:
                if await progress.backlog(shop.client):
                    return
                await asyncio.sleep(0.1)
