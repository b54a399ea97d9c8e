"""What happens in the very same workflow task: a call-off and the end of the work that it calls off."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowHandle
from temporalio.testing import TimeSkipper

from domain.order.messages import CustomerMessage, RequirementAdded
from domain.order.order import Order
from domain.ports import EncodedImage
from domain.story import consequences
from domain.texts.phrase import said
from domain.vocabulary.errors import ModelUnavailable, OutsideUnavailable
from domain.vocabulary.pictures import Risk, RiskLevel
from domain.vocabulary.status import Status
from starter import orders
from tests.shop import TIMEOUT_SECONDS, FakeShop, OrderInHand
from workflows import options

RUNNING = (options.IMAGES, options.STAFF)


async def completed(handle: WorkflowHandle[object, object], activity: str) -> None:
    """Wait until the history holds the end of an activity, whoever hears of it."""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while True:
            history = await handle.fetch_history()
            scheduled = {
                event.event_id: event.activity_task_scheduled_event_attributes.activity_type.name
                for event in history.events
                if event.HasField("activity_task_scheduled_event_attributes")
            }
            ended = [
                scheduled[event.activity_task_completed_event_attributes.scheduled_event_id]
                for event in history.events
                if event.HasField("activity_task_completed_event_attributes")
            ]
            if activity in ended:
                return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("step", ["making", "checking"])
@pytest.mark.parametrize(
    ("signal", "payload", "status"),
    [
        ("cancel_requested", {"reason": "too slow"}, Status.CANCELLED),
        ("refund_recorded", {"refund_id": "r1"}, Status.CANCELLED),
        ("refund_recorded", {"refund_id": "r1", "amount": "1"}, Status.PAID),
    ],
    ids=["cancelled", "refunded", "refunded in part"],
)
async def test_work_that_ends_as_it_is_called_off_goes_no_further(
    temporal_env: TimeSkipper, step: str, signal: str, payload: dict[str, str], status: Status
) -> None:
    shop = FakeShop(temporal_env)
    gate = shop.model.gate = asyncio.Event()
    if step == "checking":
        gate.set()
        gate = shop.vision.gate = asyncio.Event()
    async with shop.open(*RUNNING):
        async with shop.open(options.ORDERS):
            order = await shop.order()
            await order.until(lambda o: o.quote)
            await order.signal("payment_received", payment_id="p1", amount="18.00")
            is_check = step == "checking"
            await order.until(lambda o: shop.vision.asked if is_check else shop.model.wishes, told=False)
        gate.set()  # nobody hears of its end before the call-off is there too
        await completed(order.handle, "produce")
        await order.signal(signal, **payload)
        async with shop.open(options.ORDERS):
            await order.reaches(status)
            await asyncio.sleep(0.3)
            after = await order.until(lambda o: not o.notices)
    assert after.status is status
    assert "unexpected_error" not in [line.what for line in after.journal]
    assert not any(words.startswith("[http") for words in shop.chat.said)
    assert len(shop.model.wishes) == 1


async def test_a_first_look_that_ends_as_the_order_is_called_off_changes_nothing(
    temporal_env: TimeSkipper, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, begun, gate = FakeShop(temporal_env), asyncio.Event(), asyncio.Event()
    fetch = shop.web.fetch

    async def slow(url: str) -> EncodedImage:
        begun.set()
        await gate.wait()
        return await fetch(url)

    monkeypatch.setattr(shop.web, "fetch", slow)
    async with shop.open(*RUNNING):
        async with shop.open(options.ORDERS):
            order = await shop.order()
            await asyncio.wait_for(begun.wait(), TIMEOUT_SECONDS)
        gate.set()  # nobody hears of its end before the call-off is there too
        await completed(order.handle, "examine")
        await order.signal("cancel_requested", reason="a mistake")
        async with shop.open(options.ORDERS):
            await order.reaches(Status.CANCELLED)
            after = await order.until(lambda o: not o.notices)
    assert (after.quote, after.pictures[0].original) == (None, None)
    assert "examined" not in [line.what for line in after.journal]


async def test_a_vision_model_that_is_away_at_the_first_look_holds_no_order_up(shop: FakeShop) -> None:
    shop.vision.failure = ModelUnavailable("503")
    order = await shop.order()
    await order.pass_time(timedelta(hours=2))
    quoted = await order.until(lambda o: o.quote)
    assert quoted.quote.span == "20.00"
    assert quoted.live[0].unseen == said("reason.not_analysed", why=said("outcome.broken"))


async def test_the_same_event_id_in_two_updates_is_two_events(shop: FakeShop) -> None:
    order = await shop.order()
    await order.until(lambda o: o.quote)
    await orders.update(shop.client, order.order_id, "send_message", CustomerMessage(event_id="m1", text="你好"))
    event = RequirementAdded(event_id="m1", requirement="白底")
    assert (await orders.update(shop.client, order.order_id, "add_requirement", event)).accepted
    assert (await order.now()).live[0].requirements == ["白底"]


async def test_rows_go_on_while_the_bot_cannot_be_reached(shop: FakeShop) -> None:
    order = await shop.order()
    shop.chat.failures = [OutsideUnavailable("away")] * 1000
    await order.until(lambda o: o.quote, told=False)
    await order.pass_time(timedelta(minutes=2))
    await order.signal("payment_received", payment_id="p1", amount="18.00")
    await order.until(lambda o: o.status is Status.AWAITING_CONFIRM, told=False)
    await order.signal("customer_message", text="可以,wang@example.com")
    await order.until(lambda o: o.status is Status.COMPLETED, told=False)
    await order.until(lambda _: shop.records.saved[-1].status is Status.COMPLETED, told=False)
    shop.chat.failures.clear()
    await order.pass_time(timedelta(minutes=2))
    await order.until(lambda o: not o.has_unreported)
    assert "发到您邮箱了" in shop.chat.said[-1]
    assert len(set(shop.chat.said)) == len(shop.chat.said)


async def test_a_result_of_others_settles_a_risk_and_no_deadline_undoes_it(shop: FakeShop) -> None:
    shop.vision.analysis.risk = Risk(level=RiskLevel.HIGH, reasons=["banknote"])
    order = await shop.order()
    await order.signal("payment_received", payment_id="p1", amount="20.00")
    await order.until(lambda o: o.live[0].review == "waiting")
    await order.signal("result_submitted", result_url="https://staff.example/1.png")
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.pass_time(timedelta(hours=12))
    assert (await order.now()).status is Status.AWAITING_CONFIRM


async def test_a_bug_in_what_follows_reaches_staff_and_the_order_hears_on(
    shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(order: Order, _: object) -> None:
        raise KeyError(order.order_id)

    order: OrderInHand = await shop.order()
    await order.until(lambda o: o.quote)
    monkeypatch.setattr(consequences, "_apply_rules", broken)
    await order.signal("consent_recorded", kind="terms", text="好")
    await order.until(lambda o: o.consents and not o.notices, told=False)
    assert any("**Workflow处理异常**" in message for message in shop.staff.told)
