"""Orders whose payloads are encrypted: nothing personal is in clear, and a change of keys does not disturb them."""

import pytest
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from temporalio.worker import Replayer

from domain.order.messages import RequestedPicture
from domain.vocabulary import ids
from domain.vocabulary.status import Status
from starter import history
from starter.client import TemporalConnection, converter_with
from starter.codec import decode_all, keys_from
from tests.shop import FakeShop, OrderInHand
from workflows.order import OrderWorkflow

FIRST, SECOND = "2026-12:" + "1f" * 32, "2027-06:" + "2e" * 32
PICTURE = "https://kanari.example/kanari-1.jpg"
ADDRESS, NAME, WORDS = "kanari@example.com", "卡娜丽·测试", "请把卡娜丽的脸再亮一点"
PERSONAL = [PICTURE, "kanari", NAME, WORDS]


class Shops:
    """Shops on one namespace, each with keys of its own."""

    def __init__(self, address: str, namespace: str) -> None:
        self.address, self.namespace = address, namespace
        self.first: FakeShop | None = None

    async def with_keys(self, keys: str) -> FakeShop:
        """A shop, not yet open, with the outside world of the first one."""
        connection = TemporalConnection(self.address, self.namespace, payload_keys=keys_from(keys))
        shop = FakeShop(TimeSkipper(await connection.connect(), config=TimeSkippingConfig(enabled=False)))
        if self.first:
            shop.__dict__ |= {k: v for k, v in self.first.__dict__.items() if k not in ("env", "client")}
        self.first = self.first or shop
        return shop


@pytest.fixture
def shops(temporal_address: str, namespace: str) -> Shops:
    return Shops(temporal_address, namespace)


async def started(shop: FakeShop) -> OrderInHand:
    order = await shop.order(RequestedPicture(image_url=PICTURE), customer_name=NAME)
    await order.until(lambda o: o.quote)
    return order


async def finish(order: OrderInHand) -> None:
    await order.signal("customer_message", event_id="yes", text=f"可以,发我邮箱 {ADDRESS}")
    await order.until(lambda o: o.status is Status.COMPLETED and not o.notices)


async def test_nothing_personal_of_an_order_is_in_clear(shops: Shops) -> None:
    async with (await shops.with_keys(FIRST)).open() as shop:
        shop.mail.failures = [ConnectionError(f"{ADDRESS} cannot be reached")]  # what errors quote is personal, too
        order = await started(shop)
        await order.signal("payment_received", event_id="e1", payment_id="p1", amount="18")
        await order.reaches(Status.AWAITING_CONFIRM)
        await order.signal("revision_requested", event_id="e2", note=WORDS)
        await order.until(lambda o: o.pictures[0].round == 1 and o.status is Status.AWAITING_CONFIRM)
        await finish(order)
        handle = shop.client.get_workflow_handle(ids.workflow_id(order.order_id))
        events = (await handle.fetch_history()).events
        described = (await handle.describe()).raw_description
        lines = await history.of(shop.client, order.order_id)
    stored = b"".join(message.SerializeToString() for message in [*events, described])
    assert [personal for personal in PERSONAL if personal.encode() in stored] == []
    told = "\n".join(line.about for line in lines)
    assert [personal for personal in PERSONAL if personal not in told] == []  # staff, who have the key, read it all
    replayer = Replayer(workflows=[OrderWorkflow], data_converter=converter_with(keys_from(FIRST)))
    await replayer.replay_workflow(await handle.fetch_history())


async def test_an_order_in_flight_survives_switching_on_and_a_change_of_keys(shops: Shops) -> None:
    async with (await shops.with_keys("")).open() as shop:
        order_id = (await started(shop)).order_id
    async with (await shops.with_keys(f"clear,{FIRST}")).open() as shop:  # all can read before anybody encrypts
        writing = OrderInHand(await shops.with_keys(FIRST), order_id)
        await writing.signal("payment_received", event_id="e1", payment_id="p1", amount="18")
        await OrderInHand(shop, order_id).reaches(Status.AWAITING_CONFIRM)
    async with (await shops.with_keys(f"{FIRST},{SECOND}")).open() as shop:
        writing = OrderInHand(await shops.with_keys(f"{SECOND},{FIRST}"), order_id)
        await writing.signal("revision_requested", event_id="e2", note="再亮一点")
        await OrderInHand(shop, order_id).until(
            lambda o: o.pictures[0].round == 1 and o.status is Status.AWAITING_CONFIRM
        )
    async with (await shops.with_keys(f"{SECOND},{FIRST}")).open() as shop:
        order = OrderInHand(shop, order_id)
        await finish(order)
        assert [payment.payment_id for payment in (await order.now()).payments] == ["p1"]


async def test_a_payment_that_nobody_here_can_decrypt_waits_for_the_key(shops: Shops) -> None:
    async with (await shops.with_keys(FIRST)).open() as shop:
        order_id = (await started(shop)).order_id
        early = OrderInHand(await shops.with_keys(f"{SECOND},{FIRST}"), order_id)
        await early.signal("payment_received", event_id="e1", payment_id="p1", amount="18")
        failed = await until_a_task_fails(shop, order_id)
        assert "PAYLOAD_KEYS lacks the key '2027-06'" in failed
    async with (await shops.with_keys(f"{FIRST},{SECOND}")).open() as shop:
        paid = await OrderInHand(shop, order_id).reaches(Status.AWAITING_CONFIRM)
        assert [payment.payment_id for payment in paid.payments] == ["p1"]


async def until_a_task_fails(shop: FakeShop, order_id: str) -> str:
    """Wait until a workflow task of the order has failed, and return why."""
    handle = shop.client.get_workflow_handle(ids.workflow_id(order_id))
    async for event in handle.fetch_history_events(wait_new_event=True):
        if event.HasField("workflow_task_failed_event_attributes"):
            await decode_all(event, shop.client.data_converter)
            return str(event.workflow_task_failed_event_attributes.failure.message)
    raise AssertionError("no workflow task failed")
