"""Updates: callers that need an answer get one, in the order everything came."""

import asyncio
import uuid
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from domain.order.messages import (
    UPDATES,
    Answer,
    CancelRequested,
    CustomerMessage,
    OperationChanged,
    PaymentReceived,
    RequirementAdded,
)
from domain.vocabulary.errors import MalformedRequest
from domain.vocabulary.status import Status
from starter import orders
from starter.failures import NoSuchOrder
from tests.shop import FakeShop, OrderInHand


async def quoted(shop: FakeShop) -> OrderInHand:
    order = await shop.order()
    await order.until(lambda o: o.quote)
    return order


async def shown(shop: FakeShop) -> OrderInHand:
    order = await quoted(shop)
    await order.signal("payment_received", payment_id="p1", amount="18.00")
    await order.reaches(Status.AWAITING_CONFIRM)
    return order


async def test_a_requirement_is_added_or_refused_with_a_reason(shop: FakeShop) -> None:
    order = await quoted(shop)
    taken = await orders.update(shop.client, order.order_id, "add_requirement", RequirementAdded(requirement="白底"))
    assert taken.accepted
    assert (await order.until(lambda o: o.quote.version == 2)).live[0].requirements == ["白底"]
    await order.signal("payment_received", payment_id="p1", amount="18.00")
    await order.reaches(Status.AWAITING_CONFIRM)
    refused = await orders.update(shop.client, order.order_id, "add_requirement", RequirementAdded(requirement="2K"))
    assert (refused.accepted, refused.reason.phrase) == (False, "change_after_payment")


async def test_another_operation_is_taken(shop: FakeShop) -> None:
    order = await quoted(shop)
    event = OperationChanged.model_validate({"operation": "vectorize"})
    assert (await orders.update(shop.client, order.order_id, "change_operation", event)).accepted
    assert (await order.now()).live[0].operation == "vectorize"


async def test_words_are_answered_with_our_reply_which_is_not_sent_besides(shop: FakeShop) -> None:
    order = await shown(shop)
    before = len(shop.chat.said)
    answer = await orders.update(shop.client, order.order_id, "send_message", CustomerMessage(text="不好"))
    assert ([said.phrase for said in answer.reply], answer.act) == (["what_to_change"], "ask_what")
    await order.reaches(Status.REVISION)
    silent = await orders.update(shop.client, order.order_id, "send_message", CustomerMessage(text="在吗"))
    assert (silent.reply, silent.act) == ([], "nothing")
    await order.until(lambda o: True)
    assert shop.chat.said[before:] == []


async def test_an_update_works_on_the_order_like_its_signal(shop: FakeShop) -> None:
    order = await shown(shop)
    event = CustomerMessage(text="可以,发我邮箱 wang@example.com")
    await orders.update(shop.client, order.order_id, "send_message", event)
    await order.reaches(Status.COMPLETED)
    assert len(shop.mail.letters) == 1


async def test_a_cancellation_is_answered(shop: FakeShop) -> None:
    unpaid, out = await quoted(shop), await shown(shop)
    done = await orders.update(shop.client, unpaid.order_id, "request_cancel", CancelRequested())
    assert (done.accepted, [said.phrase for said in done.reply]) == (True, ["cancelled"])
    waits = await orders.update(shop.client, out.order_id, "request_cancel", CancelRequested())
    assert (waits.accepted, waits.reason.phrase) == (False, "cancel_waits")
    await unpaid.reaches(Status.CANCELLED)


async def test_the_same_update_again_hears_the_same_answer(shop: FakeShop) -> None:
    order = await shown(shop)
    event = CustomerMessage(event_id="u1", text="不行,太暗")
    first = await orders.update(shop.client, order.order_id, "send_message", event)
    again = await orders.update(shop.client, order.order_id, "send_message", event)
    other_id = await order.handle.execute_update(
        "send_message", event.model_dump(mode="json"), id=uuid.uuid4().hex, result_type=Answer
    )
    assert first == again == other_id
    assert (await order.now()).live[0].round == 1


async def test_what_was_signalled_before_an_update_comes_before_it(shop: FakeShop) -> None:
    order = await quoted(shop)
    for number in range(50):
        await order.signal("requirement_added", requirement=f"wish {number}")
    event = RequirementAdded(requirement="the last")
    await orders.update(shop.client, order.order_id, "add_requirement", event)
    assert (await order.now()).live[0].requirements == [*(f"wish {number}" for number in range(50)), "the last"]


@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize("args", [[], [None], ["words"], [{"operation": "fly", "text": {}, "reason": []}], [{}, {}]])
async def test_a_malformed_update_is_refused_and_leaves_no_trace(shop: FakeShop, update: str, args: list[Any]) -> None:
    order = await quoted(shop)
    before = (await order.handle.describe()).history_length
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await order.handle.execute_update(update, args=args)
    assert isinstance(refused.value.cause, ApplicationError)
    assert refused.value.cause.type == MalformedRequest.__name__
    assert (await order.handle.describe()).history_length == before


async def test_the_starter_says_what_was_malformed_and_which_order_there_is_not(shop: FakeShop) -> None:
    order = await quoted(shop)
    with pytest.raises(MalformedRequest, match="requirement: Field required"):
        await orders.update(shop.client, order.order_id, "add_requirement", CancelRequested())
    with pytest.raises(NoSuchOrder):
        await orders.update(shop.client, "ORDER_20261122_NPBDYY", "request_cancel", CancelRequested())


async def test_the_history_of_requirements_is_read_newest_first(shop: FakeShop) -> None:
    order = await quoted(shop)
    for wish in ("白底", "2K"):
        await orders.update(shop.client, order.order_id, "add_requirement", RequirementAdded(requirement=wish))
    history = await order.handle.query("requirement_history")
    assert [(change["old"], change["new"]) for change in history] == [("白底", "2K"), ("无", "白底")]


async def test_the_answer_to_an_event_is_read_once_it_has_been_handled(shop: FakeShop) -> None:
    order = await quoted(shop)
    event = RequirementAdded(event_id="e1", requirement="白底")
    assert await order.handle.query("answer", "requirement_added:e1") is None
    await orders.update(shop.client, order.order_id, "add_requirement", event)
    assert (await order.handle.query("answer", "requirement_added:e1"))["accepted"]


async def test_updates_and_signals_at_the_same_instant_are_all_heard(shop: FakeShop) -> None:
    order = await quoted(shop)
    words = [CustomerMessage(event_id=f"m{number}", text=f"背景换成{number}号蓝") for number in range(20)]
    await asyncio.gather(
        *(orders.update(shop.client, order.order_id, "send_message", event) for event in words[::2]),
        *(orders.send(shop.client, order.order_id, "customer_message", event) for event in words[1::2]),
        orders.send(shop.client, order.order_id, "payment_received", PaymentReceived(payment_id="p1", amount="18.00")),
    )
    await order.reaches(Status.AWAITING_CONFIRM)
    lines = {line.event_id: line for saved in shop.records.saved for line in saved.journal}
    said = sorted(line.facts["text"] for line in lines.values() if line.what == "customer_said")
    assert said == sorted(event.text for event in words)
