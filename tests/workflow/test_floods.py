"""However much is sent to an order, all of it is on record, nothing grows past its ceiling, and the letter goes out."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from temporalio.api.enums.v1 import WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent

from domain.bounds import budgets
from domain.bounds.limits import MOST_PICTURES
from domain.order.messages import RequestedPicture
from domain.order.order import Order
from domain.vocabulary.status import Status
from domain.vocabulary.trail import JournalEntry
from tests import sizes
from tests.shop import FakeShop, OrderInHand

TIMEOUT_SECONDS = 120.0
Sent = list[tuple[str, dict[str, Any]]]
# Too many signals came while a task ran, or one came just as the run was to end: the server runs it again.
OVERTAKEN = {
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
}
OVERHEAD = 1000  # bytes of what stands around a payload
GRPC = 4 * 1024 * 1024  # that Temporal takes of one task


def requirement(order: OrderInHand, number: int, text: str) -> tuple[str, dict[str, Any]]:
    task = order.task_id.removesuffix("_1") + f"_{number}"
    return "requirement_added", {"task_id": task, "requirement": text}


def words(text: str, times: int) -> Callable[[OrderInHand], Sent]:
    return lambda _: [("customer_message", {"text": f"{number}{text}"}) for number in range(times)]


def requirements(pictures: int, each: int, text: str) -> Callable[[OrderInHand], Sent]:
    return lambda order: [
        requirement(order, picture, f"{number}{text}") for picture in range(1, pictures + 1) for number in range(each)
    ]


FLOODS: dict[str, tuple[int, Callable[[OrderInHand], Sent]]] = {
    "20 pictures, 10 requirements each": (20, requirements(20, 10, "背景换成纯白色再把边缘修干净一点不要有毛边要自然")),
    "20 pictures, 80 messages": (20, words("这些图都要背景换成纯白色再把边缘修干净一点不要有毛边要自然好看", 80)),
    "one picture, 150 requirements": (1, requirements(1, 150, "字" * 48)),
    "one picture, 30 long requirements": (1, requirements(1, 30, "😀" * 1990)),
    "30 pictures, a requirement each": (30, requirements(30, 1, "白底")),
    "as many pictures as may be": (MOST_PICTURES, lambda _: []),
    "as many pictures as may be, 3 requirements each": (MOST_PICTURES, requirements(MOST_PICTURES, 3, "白底,修图")),
    "one picture, 1,000 long messages": (1, words("x" * 1976, 1000)),
    "3 pictures, 200 long wishes": (3, words("背景换成白色" * 300, 200)),
}


async def send(order: OrderInHand, sent: Sent) -> None:
    for start in range(0, len(sent), 100):
        await asyncio.gather(*(order.signal(name, **payload) for name, payload in sent[start : start + 100]))


async def pay_and_complete(order: OrderInHand, pictures: int) -> Order:
    await order.until(lambda o: o.quote and len(o.quote.lines) == pictures, patience=TIMEOUT_SECONDS)
    await order.signal("payment_received", payment_id="p1", amount=f"{18 * pictures}.00")
    await order.until(lambda o: o.status is Status.AWAITING_CONFIRM, patience=TIMEOUT_SECONDS)
    await order.signal("customer_message", text="可以 wang@example.com")
    return await order.until(lambda o: o.status is Status.COMPLETED, patience=TIMEOUT_SECONDS)


def is_failed_task(event: HistoryEvent) -> bool:
    """Whether a task failed by our doing, and not because signals overtook it."""
    cause = event.workflow_task_failed_event_attributes.cause
    return event.HasField("workflow_task_failed_event_attributes") and cause not in OVERTAKEN


async def assert_within_ceilings(shop: FakeShop, order: OrderInHand) -> None:
    for events in await sizes.histories(shop.client, order.handle.id):
        assert not list(filter(is_failed_task, events))
        most = sizes.largest(events)
        assert most.payload <= budgets.PAYLOAD + OVERHEAD
        assert most.state <= budgets.STATE + OVERHEAD
        assert most.task < GRPC / 2
    assert budgets.size(await order.now()) <= budgets.STATE


def lines_of(shop: FakeShop, order: OrderInHand) -> list[JournalEntry]:
    lines = [line for saved in shop.records.saved if saved.order_id == order.order_id for line in saved.journal]
    return list({line.event_id: line for line in lines}.values())


# On a busy machine a task is given up while the SDK is still handing out its signals; the server hands them out again.
@pytest.mark.filterwarnings("ignore:coroutine '_WorkflowInstanceImpl:RuntimeWarning")
@pytest.mark.parametrize(("pictures", "flood"), FLOODS.values(), ids=FLOODS)
async def test_a_flood_is_on_record_and_the_order_goes_on_to_its_letter(
    shop: FakeShop, pictures: int, flood: Callable[[OrderInHand], Sent]
) -> None:
    wanted = [RequestedPicture(image_url=f"https://shop.example/{number}.jpg") for number in range(pictures)]
    order = await shop.order(*wanted)
    sent = flood(order)
    await send(order, sent)
    await order.until(lambda o: o.quote and not o.has_unreported, patience=TIMEOUT_SECONDS)
    await assert_within_ceilings(shop, order)
    await pay_and_complete(order, pictures)
    await assert_within_ceilings(shop, order)
    lines = lines_of(shop, order)
    said = [line.facts["text"] for line in lines if line.what == "customer_said"]
    assert sorted(said[:-1]) == sorted(payload["text"] for name, payload in sent if name == "customer_message")
    assert not [line for line in lines if line.what == "unexpected_error"]
    assert len(shop.mail.letters) == 1
