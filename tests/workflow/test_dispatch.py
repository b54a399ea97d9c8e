"""Dispatches to human designers as the children of orders: results and revisions, from the first to the last."""

import asyncio
from dataclasses import replace

from domain.bounds import budgets
from domain.vocabulary import ids
from domain.vocabulary.status import Status
from tests.dispatches import RESULT, DispatchInHand, given, refused
from tests.shop import FakeShop


async def test_what_the_machine_cannot_make_a_designer_makes_and_the_customers_yes_closes_the_task(
    shop: FakeShop,
) -> None:
    order, dispatch = await given(shop)
    shown_by_machine = [words for words in shop.chat.said if words.startswith("[http")]
    assert ("好的,已帮您安排设计师处理,请稍候" in shop.chat.said, shown_by_machine) == (True, [])
    description = shop.designers.descriptions["T1"].splitlines()
    assert description[0] == f"订单 {order.task_id}"
    assert description[1] == "原因: 模型拒绝处理这张图或要求(内容审核)"
    assert any(line.startswith("原图: https://") for line in description)
    assert description[-1] == "图片处理-er-1"
    assert shop.designers.given[0][1:] == (
        "橘子",
        "AI 客服自动派单\n原因: 模型拒绝处理这张图或要求(内容审核)\n客户: customer-1",
    )
    await order.signal("designer_finished", event_id="e1", result_url=RESULT)
    await order.reaches(Status.AWAITING_CONFIRM)
    await dispatch.until(lambda d: d.is_shown)
    await order.signal("customer_message", text="可以,发 wang@example.com")
    await order.reaches(Status.COMPLETED)
    assert (await dispatch.handle.result())["closing"] == "dispatch_accepted"
    assert shop.designers.notes["T1"] == ["客户已确认,效果满意"]
    assert any("**新任务派单**" in words and "请及时处理" in words for words in shop.staff.told)


async def test_a_result_in_the_dispatch_system_is_fetched_and_shown(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    shop.designers.finish("T1", RESULT)
    done = await order.reaches(Status.AWAITING_CONFIRM)
    assert done.live[0].attempts[-1].provider == "designer"
    assert (await dispatch.handle.result())["dispatch_task_id"] == "T1"
    assert shop.designers.notes["T1"] == []  # the designer had completed it


async def test_a_result_that_stands_in_the_dispatch_system_is_taken_once_and_the_next_one_again(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    shop.designers.hand_in("T1", RESULT)
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", text="颜色不对,再亮一点")
    await dispatch.until(lambda d: d.is_wish_told and len(shop.designers.given) == 2)
    shop.designers.tasks["T1"] = replace(shop.designers.tasks["T1"], result_url=RESULT)  # the old one stays there
    await asyncio.sleep(0.5)  # several looks
    assert (await order.now()).live[0].status is Status.WITH_DESIGNER
    shop.designers.hand_in("T1", f"{RESULT}?2")
    done = await order.until(lambda o: o.live[0].round == 1 and o.status is Status.AWAITING_CONFIRM)
    assert [attempt.provider for attempt in done.live[0].attempts].count("designer") == 2
    await order.signal("customer_message", text="可以,发 wang@example.com")
    await order.reaches(Status.COMPLETED)
    await dispatch.handle.result()
    assert (list(shop.designers.tasks), shop.designers.notes["T1"]) == (["T1"], ["客户已确认,效果满意"])


async def test_a_result_that_came_by_a_signal_is_not_taken_for_the_next_one(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    await order.signal("designer_finished", event_id="e1", result_url=RESULT)
    await order.reaches(Status.AWAITING_CONFIRM)
    await dispatch.until(lambda d: d.is_shown)
    shop.designers.hand_in("T1", f"{RESULT}?sign=1")  # the same picture
    await order.signal("customer_message", text="颜色不对,再亮一点")
    await dispatch.until(lambda d: d.wish and d.is_wish_told)
    await asyncio.sleep(0.5)  # several looks
    assert (await order.now()).live[0].status is Status.WITH_DESIGNER
    assert (await dispatch.now()).known_result == f"{RESULT}?sign=1"


async def test_a_revision_of_a_task_that_is_done_there_is_another_task_of_the_same_designer(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    await order.signal("designer_finished", event_id="e1", result_url=RESULT)
    await order.reaches(Status.AWAITING_CONFIRM)
    await dispatch.until(lambda d: d.is_shown)
    shop.designers.finish("T1", None)
    shop.designers.suggested = "婷婷"
    await order.signal("customer_message", text="颜色不对,再亮一点")
    again = DispatchInHand(shop, ids.dispatch_id(order.task_id, 2))
    await again.until(lambda d: d.designer == "橘子")
    await dispatch.handle.result()
    assert "要求: 颜色不对,再亮一点" in shop.designers.descriptions["T2"]


async def test_what_was_finished_without_a_picture_and_is_transferred_again_is_another_task(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    shop.designers.finish("T1", None)
    await dispatch.until(lambda d: d.is_finished_there)
    await order.signal("transfer_requested", reason="请把图传上来")
    again = DispatchInHand(shop, ids.dispatch_id(order.task_id, 2))
    await again.until(lambda d: d.designer == "橘子")
    await dispatch.handle.result()


async def test_a_revision_goes_back_to_the_same_designer_by_the_same_task(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    await order.signal("designer_finished", event_id="e1", result_url=RESULT)
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", text="不行,再亮一点")
    await order.reaches(Status.WITH_DESIGNER)
    await dispatch.until(lambda d: not d.is_shown and d.wish and d.is_wish_told)
    assert shop.designers.given[-1] == ("T1", "橘子", "客户要求修改: 不行,再亮一点")
    await order.signal("designer_finished", event_id="e2", result_url=RESULT)
    again = await order.reaches(Status.AWAITING_CONFIRM)
    assert (again.live[0].shown, len(shop.designers.tasks), len(shop.model.wishes)) == (3, 1, 1)


async def test_without_a_dispatch_system_staff_hand_the_picture_in(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.designers = None
    async with shop.open():
        order, dispatch = await refused(shop)
        await dispatch.until(lambda d: d.is_by_hand)
        assert any("**新任务,请安排设计师**" in words for words in shop.staff.told)
        await dispatch.handle.signal("designer_finished", {"result_url": RESULT})
        await order.reaches(Status.AWAITING_CONFIRM)
        await order.signal("customer_message", text="不行,再亮一点")
        await dispatch.until(lambda d: d.wish)
        assert any("**客户要求修改,请安排设计师**" in words and "再亮一点" in words for words in shop.staff.told)


async def test_a_flood_of_results_neither_kills_a_dispatch_nor_its_order(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    for number in range(60):
        result = {"event_id": f"e{number}", "result_url": f"{RESULT}?{number}", "notes": "长" * 2000}
        await dispatch.handle.signal("designer_finished", result)
    await order.reaches(Status.AWAITING_CONFIRM)
    state = await dispatch.until(lambda d: not d.for_order and not d.notices)
    assert budgets.size(state) <= budgets.PAYLOAD
    await order.signal("customer_message", text="可以,发 wang@example.com")
    await order.reaches(Status.COMPLETED)
    assert (await dispatch.handle.result())["closing"] == "dispatch_accepted"
