"""Questions to designers without an order: dispatches that run alone."""

from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError

from domain.bounds import budgets
from domain.vocabulary.rules import DesignerRules
from starter import designers
from starter.failures import NoSuchOrder
from tests.dispatches import RESULT, DispatchInHand
from tests.shop import FakeShop
from workflows import options
from workflows.dispatch import DispatchWorkflow

QUESTION = {"task_id": "TRANSFER_20261126_7K3F9Q", "customer_id": "customer-1", "acc_id": "shop-1", "reason": "?"}


async def ask(shop: FakeShop, request: Any = QUESTION, name: str = "q") -> DispatchInHand:
    """A question without an order."""
    dispatch_id = f"dispatch-{id(shop)}-{name}"
    await shop.client.start_workflow(DispatchWorkflow.run, request, id=dispatch_id, task_queue=options.ORDERS)
    return DispatchInHand(shop, dispatch_id)


async def test_a_question_is_answered_with_the_picture_and_the_words(shop: FakeShop) -> None:
    dispatch = await ask(shop)
    await dispatch.until(lambda d: d.designer)
    await dispatch.handle.signal("designer_finished", {"result_url": RESULT, "notes": "能做,80元"})
    await dispatch.handle.result()
    assert shop.chat.said[0] == "好的,已帮您安排设计师处理,请稍候"
    assert "attempt-1-preview" in shop.chat.said[1]
    assert "设计师说:能做,80元" in shop.chat.said[2]
    assert shop.designers.notes["T1"] == ["已转达客户"]


async def test_a_question_may_be_answered_with_words_alone(shop: FakeShop) -> None:
    dispatch = await ask(shop)
    await dispatch.until(lambda d: d.designer)
    await dispatch.handle.signal("designer_finished", {"notes": "做不了"})
    await dispatch.handle.result()
    assert [words for words in shop.chat.said if words.startswith("[http")] == []


async def test_of_two_answers_at_once_the_customer_gets_the_first_and_staff_the_second(shop: FakeShop) -> None:
    dispatch = await ask(shop)
    await dispatch.until(lambda d: d.designer)
    await dispatch.handle.signal("designer_finished", {"result_url": RESULT, "notes": "能做"})
    await dispatch.handle.signal("designer_finished", {"result_url": f"{RESULT}.2", "notes": "做不了"})
    await dispatch.handle.result()
    assert next(words for words in shop.chat.said if "设计师说" in words).count("能做") == 1
    assert any("**成品图没有订单可用**" in words and f"{RESULT}.2" in words for words in shop.staff.told)


async def test_a_question_that_nobody_answers_ends_with_a_word_to_the_customer(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.first_look = timedelta(minutes=5)
    shop.designer_rules = DesignerRules(opens_at=0, closes_at=24, deadline_hours=0.5, give_up_hours=1)
    async with shop.open():
        dispatch = await ask(shop)
        await dispatch.until(lambda d: d.designer)
        await dispatch.pass_time(timedelta(minutes=61))
        await dispatch.handle.result()
        assert "设计师这边一直没回复" in shop.chat.said[-1]
        assert any("**设计师一直没有答复客户的问题**" in words and "问题:?" in words for words in shop.staff.told)
        assert shop.designers.tasks["T1"].status == "cancelled"


async def test_an_answer_that_is_no_picture_is_told_to_staff_and_another_is_taken(shop: FakeShop) -> None:
    dispatch = await ask(shop)
    await dispatch.until(lambda d: d.designer)
    await dispatch.handle.signal("designer_finished", {"result_key": "uploads/nothing.png"})
    await dispatch.until(lambda d: not d.results and any("收到的成品图不能用" in words for words in shop.staff.told))
    await dispatch.handle.signal("designer_finished", {"notes": "做不了"})
    await dispatch.handle.result()


@pytest.mark.parametrize(
    "request_", [None, "no object", {"task_id": "T"}, QUESTION | {"order_id": "4711"}, ["two", "payloads"]]
)
async def test_a_start_that_is_none_ends_with_a_clear_failure(shop: FakeShop, request_: Any) -> None:
    dispatch = await ask(shop, request_, name=str(len(str(request_))))
    with pytest.raises(WorkflowFailureError) as failure:
        await dispatch.handle.result()
    assert "invalid dispatch request" in str(failure.value.cause)
    with pytest.raises(NoSuchOrder, match="invalid request"):
        await designers.snapshot(shop.client, dispatch.handle.id)


async def test_malformed_signals_are_told_to_staff_and_break_nothing(shop: FakeShop) -> None:
    dispatch = await ask(shop)
    await dispatch.handle.signal("designer_finished", args=[{"notes": ["a", "list"]}, "two"])
    await dispatch.handle.signal("picture_changed", {"standing": "on fire"})
    await dispatch.handle.signal("cancel_requested")
    await dispatch.until(lambda d: d.designer)
    assert "".join(shop.staff.told).count("**收到看不懂的信号**") == 3


async def test_a_flood_of_answers_to_a_question_is_bounded_and_it_ends_with_the_first(closed_shop: FakeShop) -> None:
    dispatch = await ask(closed_shop)
    for number in range(60):
        result = {"event_id": f"e{number}", "result_url": f"{RESULT}?{number}", "notes": f"{number} " + "长" * 1990}
        await dispatch.handle.signal("designer_finished", result)
    async with closed_shop.open():
        await dispatch.handle.result()
        state = await dispatch.now()
        assert state.answer
        assert state.answer.notes.startswith("0 ")
        assert budgets.size(state) <= budgets.PAYLOAD
    told = "".join(closed_shop.staff.told)
    assert "**成品图没有订单可用**" in told
    assert "**还有更多消息**" in told
