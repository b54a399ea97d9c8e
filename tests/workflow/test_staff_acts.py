"""Staff act on the version of the order that they saw; who sees an old one is refused."""

import asyncio
import uuid
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from domain.order.messages import Answer
from domain.order.order import Order
from domain.order.staff_acts import Action
from domain.vocabulary.errors import MalformedRequest, OrderMovedOn
from domain.vocabulary.status import Status
from starter import acting
from starter.failures import NoSuchOrder
from tests.shop import FakeShop, OrderInHand


async def held(shop: FakeShop) -> tuple[OrderInHand, Order]:
    """An order whose payment staff have to check."""
    order = await shop.order()
    await order.until(lambda o: o.quote)
    await order.signal("payment_received", payment_id="p1", amount="3.00")
    return order, await order.until(lambda o: o.hold)


async def acts(order: OrderInHand, action: Action, version: int, *, act_id: str = "", **fields: str) -> Answer:
    made = acting.act(action, act_id or str(uuid.uuid4()), seen_version=version, by="小王", **fields)
    return await acting.send(order.shop.client, order.order_id, made)


def acted(order: Order) -> list[dict[str, Any]]:
    return [entry.facts for entry in order.journal if entry.what == "staff_acted"]


async def test_an_action_is_done_and_the_audit_trail_says_by_whom(shop: FakeShop) -> None:
    order, seen = await held(shop)
    assert (await acts(order, Action.RESUME, seen.version, reason="核对过了")).accepted
    done = await order.reaches(Status.AWAITING_CONFIRM)
    assert acted(done) == [{"action": "resume", "who": "小王", "reason": "核对过了"}]
    assert done.hold is None


async def test_of_two_who_act_at_once_one_is_refused(shop: FakeShop) -> None:
    order, seen = await held(shop)
    answers = await asyncio.gather(
        acts(order, Action.RESUME, seen.version),
        acts(order, Action.CANCEL, seen.version, reason="客户不要了"),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Answer", "OrderMovedOn"]
    assert len(acted(await order.until(acted))) == 1


async def test_an_action_on_an_old_version_is_refused_and_leaves_nothing(shop: FakeShop) -> None:
    order, seen = await held(shop)
    await order.signal("customer_message", text="在吗")
    now = await order.until(lambda o: o.version > seen.version)
    with pytest.raises(OrderMovedOn):
        await acts(order, Action.RESUME, seen.version)
    after = await order.now()
    assert (after.version, after.hold is None, acted(after)) == (now.version, False, [])


async def test_a_repeat_gets_the_same_answer(shop: FakeShop) -> None:
    order, seen = await held(shop)
    first = await acts(order, Action.RESUME, seen.version, act_id="once")
    assert await acts(order, Action.RESUME, seen.version, act_id="once") == first
    assert len(acted(await order.reaches(Status.AWAITING_CONFIRM))) == 1


async def test_what_a_rule_forbids_is_answered_with_its_reason(shop: FakeShop) -> None:
    order = await shop.order()
    seen = await order.until(lambda o: o.quote)
    answer = await acts(order, Action.RESEND, seen.version)
    assert (answer.accepted, answer.reason and answer.reason.phrase) == (False, "nothing_to_resend")


async def test_a_malformed_action_is_refused(shop: FakeShop) -> None:
    order = await shop.order()
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await order.handle.execute_update("act_as_staff", {"action": "dance"})
    assert isinstance(refused.value.cause, ApplicationError)
    assert refused.value.cause.type == MalformedRequest.__name__


async def test_an_unknown_order_is_told_as_such(shop: FakeShop) -> None:
    with pytest.raises(NoSuchOrder):
        await acts(OrderInHand(shop, "ORDER_20261122_7K3F9Q"), Action.RESUME, 1)


async def test_the_customer_is_told_what_staff_did(shop: FakeShop) -> None:
    """The board tells the customer nothing itself, unlike the bot that sends an update."""
    order, seen = await held(shop)
    answer = await acts(order, Action.CANCEL, seen.version, reason="做不了")
    await order.reaches(Status.CANCELLED)
    assert (answer.accepted, answer.reply) == (True, [])
    assert any("取消" in words for words in shop.chat.said)
