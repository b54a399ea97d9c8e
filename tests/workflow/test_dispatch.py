"""Dispatches to human designers on a real Temporal server, as the children of orders."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.bounds import budgets
from domain.order.order import Order
from domain.texts.phrase import written
from domain.vocabulary import ids
from domain.vocabulary.errors import OutsideRefused, OutsideUnavailable
from domain.vocabulary.rules import DesignerRules
from domain.vocabulary.status import Status
from tests import skipping
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


async def test_a_lost_answer_makes_no_second_task(shop: FakeShop) -> None:
    shop.designers.lost_answers = 1
    await given(shop)
    assert list(shop.designers.tasks) == ["T1"]


async def test_a_lost_answer_to_an_assignment_gives_it_to_nobody_else(
    shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    assign = shop.designers.assign

    async def lose(task_id: str, designer: str, notes: str) -> None:
        monkeypatch.setattr(shop.designers, "assign", assign)
        await assign(task_id, designer, notes)
        shop.designers.suggested = "婷婷"
        raise OutsideUnavailable("the answer was lost")

    monkeypatch.setattr(shop.designers, "assign", lose)
    _, dispatch = await given(shop)
    assert ((await dispatch.now()).designer, len(shop.designers.given)) == ("橘子", 1)


async def test_while_the_queue_cannot_be_read_nothing_is_created_twice_and_staff_hear_once(
    closed_shop: FakeShop,
) -> None:
    shop = closed_shop
    shop.designers.lost_answers, shop.designers.unreadable_afterwards = 1, 6
    async with shop.open():
        _, dispatch = await refused(shop)
        await dispatch.gets_into_trouble()
        assert sum("**派单不顺利**" in words for words in shop.staff.told) == 1
        await dispatch.pass_time(timedelta(minutes=3))
        await dispatch.until(lambda d: d.designer)
        assert list(shop.designers.tasks) == ["T1"]


async def test_who_is_suggested_gets_it_else_whose_turn_it_is(shop: FakeShop) -> None:
    shop.designers.suggested = "婷婷"
    await given(shop)
    shop.designers.suggested = None
    await given(shop)
    await given(shop)
    assert [designer for _, designer, _ in shop.designers.given] == ["婷婷", "橘子", "婷婷"]


async def test_nobody_online_is_waited_for_and_staff_hear_once(shop: FakeShop) -> None:
    shop.designers.there = []
    order, dispatch = await refused(shop)
    await dispatch.until(lambda d: d.is_nobody_there)
    await asyncio.sleep(0.5)  # it asks again and again
    shop.designers.there = ["小美"]
    await dispatch.until(lambda d: d.designer == "小美")
    await order.until(lambda o: o.live[0].dispatch.designer == "小美")
    assert sum("**没有设计师在线**" in words for words in shop.staff.told) == 1
    assert len((await dispatch.handle.fetch_history()).events) < 60


async def test_who_does_not_accept_in_time_loses_it(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.first_look = timedelta(minutes=5)
    shop.designer_rules = DesignerRules(is_acceptance_told=True, lease_minutes=12, opens_at=0, closes_at=24)
    async with shop.open():
        _, dispatch = await given(shop)
        await dispatch.pass_time(timedelta(minutes=12))
        state = await dispatch.until(lambda d: d.designer == "婷婷")
        assert state.had_it == ["橘子"]
        shop.designers.accept("T1")
        await dispatch.pass_time(timedelta(minutes=6))
        await dispatch.until(lambda d: d.is_accepted)
        assert [designer for _, designer, _ in shop.designers.given] == ["橘子", "婷婷"]


async def test_who_has_handed_it_in_when_the_time_to_accept_is_up_keeps_it(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.first_look = timedelta(minutes=5)
    shop.designer_rules = DesignerRules(is_acceptance_told=True, lease_minutes=3, opens_at=0, closes_at=24)
    async with shop.open():
        order, dispatch = await given(shop)
        shop.designers.finish("T1", RESULT)
        await dispatch.pass_time(timedelta(minutes=3))
        await order.reaches(Status.AWAITING_CONFIRM)
        assert [designer for _, designer, _ in shop.designers.given] == ["橘子"]


async def test_a_late_designer_is_told_and_in_the_end_the_picture_has_failed(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.first_look = timedelta(minutes=5)
    shop.designer_rules = DesignerRules(opens_at=0, closes_at=24, deadline_hours=0.5, give_up_hours=1)
    async with shop.open():
        order, dispatch = await given(shop)
        await dispatch.pass_time(timedelta(minutes=31))
        await dispatch.until(lambda d: d.is_late_told)
        assert sum("**设计师超时未完成**" in words for words in shop.staff.told) == 1
        await dispatch.pass_time(timedelta(minutes=30))
        await order.reaches(Status.FAILED)
        await order.signal("transfer_requested", reason="再找一个")
        await order.reaches(Status.WITH_DESIGNER)
        await dispatch.until(lambda d: d.designer == "婷婷")


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


async def test_whoever_takes_a_revision_over_reads_the_wish(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.first_look = timedelta(minutes=5)
    shop.designer_rules = DesignerRules(is_acceptance_told=True, lease_minutes=12, opens_at=0, closes_at=24)
    async with shop.open():
        order, dispatch = await given(shop)
        await order.signal("designer_finished", event_id="e1", result_url=RESULT)
        await order.reaches(Status.AWAITING_CONFIRM)
        await order.signal("customer_message", text="不行,再亮一点")
        await dispatch.until(lambda d: d.wish and d.is_wish_told)
        await dispatch.pass_time(timedelta(minutes=12))
        await dispatch.until(lambda d: d.designer == "婷婷")
        assert shop.designers.given[-1][2].endswith("\n客户要求修改: 不行,再亮一点")


async def test_a_cancelled_order_closes_the_task(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    await order.signal("cancel_requested", requested_by="customer", reason="不要了")
    await order.reaches(Status.CANCELLED)
    await dispatch.handle.result()
    assert (shop.designers.tasks["T1"].status, shop.designers.notes["T1"]) == ("cancelled", ["订单已取消"])


async def test_an_order_cancelled_while_the_task_is_created_closes_what_was_created(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.designers.lost_answers, shop.designers.unreadable_afterwards = 1, 3
    async with shop.open():
        order, dispatch = await refused(shop)
        await order.until(lambda _: shop.designers.tasks, told=False)
        await order.signal("cancel_requested", requested_by="customer", reason="不要了")
        await dispatch.handle.result()
        assert {task_id: task.status for task_id, task in shop.designers.tasks.items()} == {"T1": "cancelled"}


async def test_staff_take_a_picture_back_to_the_machine(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    await order.signal("processing_resumed", requested_by="staff", task_id=order.task_id)
    await order.reaches(Status.AWAITING_CONFIRM)
    assert (await dispatch.handle.result())["closing"] == "dispatch_withdrawn"


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


async def test_a_dispatch_that_is_cancelled_in_the_web_ui_leaves_the_picture_to_staff(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    await dispatch.handle.cancel()
    failed = await order.reaches(Status.FAILED)
    assert failed.live[0].error == written("Temporal")
    await dispatch.handle.result()
    assert shop.designers.notes["T1"] == ["不用做了,已另行处理"]


async def test_a_dispatch_that_was_terminated_is_begun_anew_when_the_order_next_speaks_to_it(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    await dispatch.handle.terminate()
    await order.signal("transfer_requested", reason="再找一个")
    again = DispatchInHand(shop, ids.dispatch_id(order.task_id, 2))
    await again.until(lambda d: d.designer)
    assert shop.designers.descriptions["T2"].splitlines()[0] == f"订单 {order.task_id} 第2次"


async def test_a_picture_for_an_order_that_is_gone_is_told_to_staff(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    await order.handle.terminate()
    await dispatch.handle.signal("designer_finished", {"result_url": RESULT})
    await dispatch.handle.result()
    assert any("**成品图没有订单可用**" in words and RESULT in words for words in shop.staff.told)


async def test_a_dispatch_outlives_the_runs_of_its_order(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    await skipping.fill_a_run(
        order.handle, lambda number: order.signal("analysis_received", event_id=f"n{number}", complexity="simple")
    )
    shop.designers.finish("T1", RESULT)
    await dispatch.pass_time(timedelta(minutes=6))  # it looks ever more seldom
    shown: Order = await order.reaches(Status.AWAITING_CONFIRM)
    assert shown.live[0].attempts[-1].provider == "designer"
    await dispatch.handle.result()


async def test_a_dispatch_goes_on_in_a_new_run_and_loses_nothing_that_was_sent(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    shop.designers.hand_in("T1", RESULT)
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", text="颜色不对,再亮一点")
    before = await dispatch.until(lambda d: d.wish and d.is_wish_told)
    news, sent = before.news.model_dump(mode="json"), skipping.MORE_THAN_A_RUN
    await skipping.fill_a_run(dispatch.handle, lambda _: dispatch.handle.signal("picture_changed", news))
    state = await dispatch.until(lambda d: d.serial == before.serial + sent)  # each makes one line of the journal
    assert (state.known_result, state.dispatch_task_id, state.designer) == (RESULT, "T1", "橘子")
    await asyncio.sleep(0.5)  # several looks
    assert (await order.now()).live[0].status is Status.WITH_DESIGNER
    shop.designers.hand_in("T1", f"{RESULT}.2")
    await order.until(lambda o: o.live[0].round == 1 and o.status is Status.AWAITING_CONFIRM)


async def test_an_outage_while_a_task_is_watched_is_told_once_and_waited_out(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    shop.designers.failures = [OutsideUnavailable("503")] * 7
    await dispatch.gets_into_trouble()
    assert sum("**派单不顺利**" in words for words in shop.staff.told) == 1
    shop.designers.finish("T1", RESULT)
    await dispatch.pass_time(timedelta(minutes=2))
    await order.reaches(Status.AWAITING_CONFIRM)
    assert sum("**派单不顺利**" in words for words in shop.staff.told) == 1


async def test_an_outage_while_somebody_is_waited_for_is_told_once_and_is_over_with_the_next_answer(
    closed_shop: FakeShop,
) -> None:
    shop = closed_shop
    shop.designers.there, shop.first_look = [], timedelta(minutes=1)
    async with shop.open():
        _, dispatch = await refused(shop)
        await dispatch.until(lambda d: d.is_nobody_there)
        shop.designers.failures = [OutsideRefused("401")] * 7
        await dispatch.pass_time(shop.first_look)
        await dispatch.gets_into_trouble()
        await dispatch.pass_time(timedelta(minutes=2))
        await dispatch.until(lambda d: not d.is_in_trouble)
        shop.designers.there = ["小美"]
        await dispatch.pass_time(timedelta(minutes=6))  # it asks ever more seldom, at last every five minutes
        await dispatch.until(lambda d: d.designer == "小美")
        assert sum("**派单不顺利**" in words for words in shop.staff.told) == 1


async def test_trouble_is_over_when_what_is_in_trouble_is_called_off(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.designers.failures = [OutsideUnavailable("503")] * 6
    async with shop.open():
        order, dispatch = await refused(shop)
        await dispatch.gets_into_trouble()
        await order.signal("cancel_requested", requested_by="customer", reason="不要了")
        await dispatch.handle.result()
        assert not (await dispatch.now()).is_in_trouble


async def test_an_outage_of_the_dispatch_system_is_told_once_and_waited_out(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.designers.failures = [OutsideUnavailable("503")] * 12
    async with shop.open():
        order, dispatch = await refused(shop)
        await dispatch.gets_into_trouble()
        await dispatch.pass_time(timedelta(minutes=30))
        await order.until(lambda o: o.live[0].dispatch.designer)
        assert sum("**派单不顺利**" in words for words in shop.staff.told) == 1


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
