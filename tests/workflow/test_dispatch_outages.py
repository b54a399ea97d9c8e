"""The dispatch system cannot be reached: it is waited for, and staff are told once."""

from datetime import timedelta

from domain.vocabulary.errors import OutsideRefused, OutsideUnavailable
from domain.vocabulary.status import Status
from tests.dispatches import RESULT, given, refused
from tests.shop import FakeShop


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


async def test_an_outage_that_concerns_everybody_is_not_told_by_each_dispatch(closed_shop: FakeShop) -> None:
    shop, error = closed_shop, OutsideUnavailable("503")
    error.is_alone = False  # it is told once for the whole shop (activities/outages.py)
    shop.designers.failures = [error] * 12
    async with shop.open():
        order, dispatch = await refused(shop)
        await dispatch.until(lambda _: True)  # its order may be about to begin it
        await dispatch.pass_time(timedelta(minutes=30))
        given = await order.until(lambda o: o.live[0].dispatch.designer)
        assert given.status is Status.WITH_DESIGNER
        assert not any("**派单不顺利**" in words for words in shop.staff.told)
