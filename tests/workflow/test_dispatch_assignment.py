"""Who gets a picture: one task for it, the designer who is suggested or online, and the time that they have."""

import asyncio
from datetime import timedelta

import pytest

from domain.vocabulary.errors import OutsideUnavailable
from domain.vocabulary.rules import DesignerRules
from domain.vocabulary.status import Status
from tests.dispatches import RESULT, given, refused
from tests.shop import FakeShop


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
