"""Events for an order that has closed, or that nobody knows: nothing sent to us is ever lost."""

import asyncio
from datetime import timedelta
from hashlib import sha256

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import CancelledError

from domain.order.messages import PaymentReceived
from starter import orders, routing
from starter.routing import NoOrderMeant, SeveralOrdersMeant
from tests.shop import TIMEOUT_SECONDS, FakeShop, OrderInHand
from workflows import options

PAYMENT = PaymentReceived(event_id="e1", payment_id="p1", amount="18.00")


async def closed(shop: FakeShop) -> OrderInHand:
    order = await shop.order()
    await order.until(lambda o: o.quote)
    await order.signal("cancel_requested")
    await order.until(lambda o: o.finished_at)
    await order.pass_time(timedelta(days=16))
    await order.handle.result()
    return order


@pytest.mark.parametrize("order_id", ["ORDER_20261122_NPBDYY", "what the bot calls it"])
async def test_an_event_for_an_order_that_nobody_knows_is_kept_and_told(shop: FakeShop, order_id: str) -> None:
    assert not await orders.send_or_keep(shop.client, order_id, "payment_received", PAYMENT)
    named = f"late-{order_id}-payment_received-{PAYMENT.identity}"
    opaque = f"late-{sha256(named.encode()).hexdigest()}"  # what is no order id may be anybody's name
    await shop.client.get_workflow_handle(named if order_id.startswith("ORDER_") else opaque).result()
    ((_, event),) = shop.records.late
    assert (event.order_id, event.signal, event.payload["amount"]) == (order_id, "payment_received", "18.00")
    assert "**收到已结束或不存在的订单的消息**" in shop.staff.told[0]
    assert order_id in shop.staff.told[0]


async def test_a_payment_that_comes_after_the_end_is_kept_once(shop: FakeShop) -> None:
    order = await closed(shop)
    for _ in range(3):
        assert not await orders.send_or_keep(shop.client, order.order_id, "payment_received", PAYMENT)
    await shop.client.get_workflow_handle(f"late-{order.order_id}-payment_received-{PAYMENT.identity}").result()
    assert not await orders.send_or_keep(shop.client, order.order_id, "payment_received", PAYMENT)
    assert len(shop.records.late) == 1
    assert len([told for told in shop.staff.told if order.order_id in told]) == 1


async def test_one_event_with_two_payments_is_kept_twice(shop: FakeShop) -> None:
    order = await closed(shop)
    for payment in (PAYMENT, PAYMENT.model_copy(update={"payment_id": "another"})):
        assert not await orders.send_or_keep(shop.client, order.order_id, "payment_received", payment)
        await shop.client.get_workflow_handle(f"late-{order.order_id}-payment_received-{payment.identity}").result()
    assert len(shop.records.late) == 2


async def test_an_open_order_hears_its_event_itself(shop: FakeShop) -> None:
    order = await shop.order()
    assert await orders.send_or_keep(shop.client, order.order_id, "payment_received", PAYMENT)
    await order.until(lambda o: o.payments)
    assert shop.records.late == []


@pytest.mark.parametrize("args", [[], [None], ["words"], [{"order_id": 1}], [{}, {}]])
async def test_a_malformed_late_event_fails_clearly(shop: FakeShop, args: list[object]) -> None:
    handle = await shop.client.start_workflow(
        "LateEventWorkflow", args=args, id=f"late-{id(args)}", task_queue=options.ORDERS
    )
    with pytest.raises(Exception, match="Workflow execution failed"):
        await handle.result()


async def test_a_late_event_that_is_cancelled_in_temporal_is_not_told_as_one_that_cannot_be_kept(
    shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def hang(*_: object) -> bool:
        begun.set()
        await asyncio.Event().wait()
        return True

    monkeypatch.setattr(shop.records, "keep_late_event", hang)
    await orders.send_or_keep(shop.client, "ORDER_20261122_NPBDYC", "payment_received", PAYMENT)
    late = shop.client.get_workflow_handle(f"late-ORDER_20261122_NPBDYC-payment_received-{PAYMENT.identity}")
    await asyncio.wait_for(begun.wait(), TIMEOUT_SECONDS)
    await late.cancel()
    with pytest.raises(WorkflowFailureError) as failure:
        await late.result()
    assert isinstance(failure.value.cause, CancelledError)
    assert shop.staff.told == []


async def test_an_event_of_a_customer_goes_to_the_newest_order_that_waits_for_it(shop: FakeShop) -> None:
    older = await shop.order(customer_id="customer-7")
    await older.until(lambda o: o.quote)
    await older.signal("payment_received", payment_id="p1", amount="18.00")
    await older.until(lambda o: o.status == "awaiting_confirm")
    newer = await shop.order(customer_id="customer-7")
    await newer.until(lambda o: o.quote)

    async def meant(signal: str) -> str:
        return await routing.order_of_customer(shop.client, "customer-7", signal)

    await older.until_listed("awaiting_confirm")
    await newer.until_listed("pending")
    assert await meant("payment_received") == newer.order_id
    assert await meant("customer_message") == older.order_id
    with pytest.raises(NoOrderMeant):
        await routing.order_of_customer(shop.client, "customer-7", "customer_message", shop_id="another shop")
    with pytest.raises(NoOrderMeant):
        await routing.order_of_customer(shop.client, "nobody", "payment_received")
    with pytest.raises(ValueError, match="cancel_requested must name its order"):
        await meant("cancel_requested")


@pytest.mark.parametrize("text", ["我要退款", "叫你们老板来", "我要投诉"])
@pytest.mark.parametrize("status", ["pending", "with_designer", "cancelled"])
async def test_words_of_a_customer_reach_their_only_order_in_any_state(shop: FakeShop, status: str, text: str) -> None:
    who = f"customer of {status}: {text}"
    order = await shop.order(customer_id=who)
    await order.until(lambda o: o.quote)
    if status == "cancelled":
        await order.signal("cancel_requested")
    if status == "with_designer":
        await order.signal("payment_received", payment_id="p1", amount="18.00")
        await order.signal("transfer_requested", reason="hard")
    await order.until_listed(status)
    meant = await routing.order_of_customer(shop.client, who, "customer_message")
    assert meant == order.order_id
    await order.signal("customer_message", text=text)
    await order.until(lambda o: any(entry.facts.get("phrase") == "staff_objection" for entry in o.journal))


async def test_orders_that_began_at_the_same_moment_are_asked_about(
    shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "SAME_MOMENT", timedelta(minutes=1))
    for _ in range(2):
        order = await shop.order(customer_id="customer-8")
        await order.until_listed("pending")
    with pytest.raises(SeveralOrdersMeant):
        await routing.order_of_customer(shop.client, "customer-8", "payment_received")
