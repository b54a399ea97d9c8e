"""What an e-mail takes along is reported once, whatever is away or happens while it goes out."""

import asyncio

import pytest
from temporalio.testing import TimeSkipper

from domain.vocabulary.errors import OutsideUnavailable
from domain.vocabulary.status import Status
from tests.shop import FakeShop, OrderInHand
from tests.workflow.test_budget import activities

SENT = "发到您邮箱了,注意查收哈"


async def shown(shop: FakeShop) -> OrderInHand:
    order = await shop.order()
    await order.until(lambda o: o.quote)
    await order.signal("payment_received", payment_id="p1", amount="18.00")
    await order.reaches(Status.AWAITING_CONFIRM)
    return order


async def assert_reported_once(order: OrderInHand) -> None:
    """The rows tell what the workflow knows, each line once, and the customer has heard once that it is done."""
    shop, now = order.shop, await order.now()
    lines = {line.event_id: line for saved in shop.records.saved for line in saved.journal}
    assert [line.what for line in lines.values()].count("mailed") == 1
    assert {line.event_id for line in now.journal} == {*lines}
    assert max(shop.records.saved, key=lambda saved: saved.version).status is now.status is Status.COMPLETED
    assert (shop.chat.said.count(SENT), len(shop.mail.letters)) == (1, 1)


@pytest.mark.parametrize("away", ["records", "chat"])
async def test_what_is_away_as_an_e_mail_goes_out_is_reported_later(shop: FakeShop, away: str) -> None:
    order = await shown(shop)
    getattr(shop, away).failures = [OutsideUnavailable("away")]
    await order.signal("customer_message", text="可以,发我邮箱 wang@example.com")
    await order.reaches(Status.COMPLETED)
    await assert_reported_once(order)
    events = list((await order.handle.fetch_history()).events)
    assert activities(events)[-2:] == ["mail", "report"]


async def test_what_happens_while_an_e_mail_goes_out_is_reported_too(temporal_env: TimeSkipper) -> None:
    shop = FakeShop(temporal_env)
    gate = shop.mail.gate = asyncio.Event()
    async with shop.open():
        order = await shown(shop)
        await order.signal("customer_message", text="可以,发我邮箱 wang@example.com")
        await order.until(lambda _: shop.mail.begun, told=False)
        await order.signal("consent_recorded", kind="no_label", text="不用标")
        await order.until(lambda o: o.consents, told=False)
        gate.set()
        await order.reaches(Status.COMPLETED)
        await assert_reported_once(order)
