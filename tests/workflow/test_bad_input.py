"""Whatever is sent, an order goes on or fails clearly: nothing blocks it."""

import asyncio
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowFailureError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from domain.order.messages import SIGNALS
from domain.order.order import Order
from domain.vocabulary import ids
from domain.vocabulary.status import Status
from starter import orders
from tests.shop import TIMEOUT_SECONDS, FakeShop, OrderInHand
from workflows import options

NO_JSON = RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"\xff{not json"))
UNKNOWN = RawValue(Payload(metadata={"encoding": b"of/another/world\xff"}, data=b"?"))
BYTES = RawValue(Payload(metadata={"encoding": b"binary/plain"}, data=b"\xff\x00\xd8"))


async def start_with(shop: FakeShop, *requests: Any) -> OrderInHand:
    """Start an order past the starter, with whatever a stranger may send."""
    order_id = orders.new_order_id("Asia/Shanghai")
    await shop.client.start_workflow(
        "OrderWorkflow", args=list(requests), id=ids.workflow_id(order_id), task_queue=options.ORDERS
    )
    return OrderInHand(shop, order_id)


def unreadable(order: Order) -> list[str]:
    return [entry.facts["reason"] for entry in order.journal if entry.what == "unreadable_signal"]


async def completes(order: OrderInHand) -> Order:
    """Take an order along the rest of the main road."""
    await order.signal("payment_received", amount="18.00")
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", text="可以 wang@example.com")
    return await order.reaches(Status.COMPLETED)


@pytest.mark.parametrize(
    "requests",
    [
        (),
        (None,),
        ("words",),
        ([1, 2],),
        ({},),
        ({"customer_id": "c", "pictures": "none"},),
        ({"customer_id": "c" * 3000},),
        ({"customer_id": "c", "pictures": [{"operation": "fly"}]},),
        ({"customer_id": "a"}, {"customer_id": "b"}),
        (BYTES,),
        (NO_JSON,),
        (UNKNOWN,),
    ],
    ids=[
        "nothing",
        "null",
        "words",
        "list",
        "empty",
        "pictures",
        "long",
        "operation",
        "two",
        "bytes",
        "no json",
        "unknown",
    ],
)
async def test_a_malformed_start_fails_and_says_why(shop: FakeShop, requests: tuple[Any, ...]) -> None:
    order = await start_with(shop, *requests)
    with pytest.raises(WorkflowFailureError) as failed:
        await asyncio.wait_for(order.handle.result(), TIMEOUT_SECONDS)
    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "MalformedRequest"
    assert "Invalid order request" in cause.message


@pytest.mark.parametrize("acc_id", ["店" * 255, "s" * 255])
async def test_a_long_name_of_a_shop_holds_nothing_up(shop: FakeShop, acc_id: str) -> None:
    pictures = [{"image_url": "https://shop.example/1.jpg"}]
    order = await start_with(shop, {"customer_id": "客" * 255, "acc_id": acc_id, "pictures": pictures})
    await completes(order)


async def test_an_order_goes_on_after_garbage_of_every_shape(shop: FakeShop) -> None:
    order = await shop.order()
    odd: list[list[Any]] = [[], [None], [1], ["x"], [["x"]], [True], [BYTES], [NO_JSON], [UNKNOWN]]
    garbage: list[list[Any]] = [*odd, [{}, {}], [{"event_id": []}, BYTES]]
    for signal in SIGNALS:
        for payloads in garbage:
            await order.handle.signal(signal, args=payloads)
    heard = await order.until(lambda o: len(unreadable(o)) > 0)
    assert "the payload is not a single JSON object" in unreadable(heard)
    await completes(order)


async def test_every_unreadable_signal_reaches_the_records(shop: FakeShop) -> None:
    order = await shop.order()
    for number in range(100):
        await order.handle.signal("customer_message", f"words {number}")
    await order.until(lambda o: "words 99" in str(o.journal))
    lines = {line.event_id: line for saved in shop.records.saved for line in saved.journal}
    kept = [line.facts["payload"] for line in lines.values() if line.what == "unreadable_signal"]
    assert kept == [repr(f"words {number}") for number in range(100)]


async def test_an_unknown_signal_is_kept_with_its_payloads(shop: FakeShop) -> None:
    order = await shop.order()
    await order.handle.signal("abracadabra", args=[{"a": 1}, "b"])
    heard = await order.until(unreadable)
    assert unreadable(heard)[0].startswith("unknown signal 'abracadabra'")
    assert '{"a":1}' in str(heard.journal[-1].facts) + str([entry.facts for entry in heard.journal])


@pytest.mark.parametrize("text", ["x" * 1_000_000, "嗯" * 300_000, "a@" * 100_000, "亮\x00\x01", "{name}{0}%s"])
async def test_odd_and_endless_words_hold_nothing_up(shop: FakeShop, text: str) -> None:
    order = await shop.order()
    await order.signal("customer_message", text=text)
    await order.signal("payment_received", amount="18.00")
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("revision_requested", note=text)
    await order.until(lambda o: o.status is Status.AWAITING_CONFIRM and o.live[0].round == 1)


async def test_a_repeated_event_is_heard_once(shop: FakeShop) -> None:
    order = await shop.order()
    await order.until(lambda o: o.quote)
    for _ in range(3):
        await order.signal("payment_received", event_id="e1", payment_id="p1", amount="18.00")
    await order.signal("payment_received", event_id="e2", payment_id="p1", amount="18.00")
    paid = await order.reaches(Status.AWAITING_CONFIRM)
    assert [str(payment.amount) for payment in paid.payments] == ["18.00"]


async def test_events_in_any_order_lead_to_the_letter(shop: FakeShop) -> None:
    order = await start_with(shop, {"customer_id": "c"})
    await order.signal("email_provided", email="wang@example.com")
    await order.signal("payment_received", amount="28.00")
    await order.signal("analysis_received", complexity="hard")
    await order.signal("image_received", image_url="https://shop.example/1.jpg")
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", text="可以")
    await order.reaches(Status.COMPLETED)
    assert len(shop.mail.letters) == 1


async def test_a_hundred_messages_at_once_are_all_heard(shop: FakeShop) -> None:
    order = await shop.order()
    await asyncio.gather(*(order.signal("customer_message", event_id=f"e{n}", text=f"嗯{n}") for n in range(100)))
    await order.until(lambda o: o.serial > 100)
    lines = {line.event_id: line for saved in shop.records.saved for line in saved.journal}
    said = {line.facts["text"] for line in lines.values() if line.what == "customer_said"}
    assert said == {f"嗯{n}" for n in range(100)}
    await completes(order)
