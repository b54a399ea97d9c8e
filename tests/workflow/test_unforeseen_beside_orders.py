"""Unforeseen errors in searches, dispatches and late events: staff hear of them once, and no customer is forgotten."""

from datetime import timedelta

import pytest

from domain.designers import assignment
from domain.designers.ports import LISTED_AFTER
from domain.library.finding import Found
from starter import orders
from tests.dispatches import refused
from tests.shop import FakeShop
from tests.workflow.test_find_image import OWN
from tests.workflow.test_late_events import PAYMENT
from tests.workflow.unforeseen import BUG, TRIES, breaks, told_of, until
from workflows import options, telling

BETWEEN_TRIES = timedelta(seconds=30)

pytestmark = pytest.mark.usefixtures("few_tries")


async def test_a_late_event_that_cannot_be_kept_is_told_with_its_words(
    shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks("records", "keep_late_event")(shop, monkeypatch)
    await orders.send_or_keep(shop.client, "ORDER_20261122_NPBDYZ", "payment_received", PAYMENT)
    late = shop.client.get_workflow_handle(f"late-ORDER_20261122_NPBDYZ-payment_received-{PAYMENT.identity}")
    with pytest.raises(Exception, match="Workflow execution failed"):
        await late.result()
    (told,) = await told_of(shop)
    assert "18.00" in told


@pytest.mark.parametrize(("port", "method"), [("library", "find"), ("web", "fetch")])
async def test_a_search_that_a_bug_ends_finds_nothing_and_asks_a_designer(
    shop: FakeShop, port: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks(port, method)(shop, monkeypatch)
    asked = {"words": "橘猫", "image_url": "https://shop.example/1.jpg", "customer_id": "wang", "acc_id": "shop-1"}
    search = await shop.client.start_workflow(
        "FindImageWorkflow", asked, id=f"find-unforeseen-{port}", task_queue=options.ORDERS, result_type=Found
    )
    found = await search.result()
    assert (found.matches, found.refused.phrase, bool(found.transfer_id)) == ([], "error.unforeseen", True)


async def test_a_search_by_words_goes_on_although_a_bug_keeps_its_picture_from_being_seen(
    shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks("web", "fetch")(shop, monkeypatch)
    shop.library.hits = [OWN]
    asked = {"words": "猫", "image_url": "https://shop.example/1.jpg", "customer_id": "wang", "acc_id": "shop-1"}
    search = await shop.client.start_workflow(
        "FindImageWorkflow", asked, id="find-unforeseen-words", task_queue=options.ORDERS, result_type=Found
    )
    found = await search.result()
    assert ([match.photo_id for match in found.matches], found.refused.phrase) == ([OWN.photo_id], "error.unforeseen")


async def test_a_step_of_a_dispatch_that_a_bug_ends_is_tried_again_every_hour_and_told_once(
    shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    async def broken(*_: object) -> None:
        tries.append(1)
        raise ValueError(BUG)

    with monkeypatch.context() as patch:
        patch.setattr(shop.designers, "create", broken)
        order, dispatch = await refused(shop)
        await dispatch.until(lambda d: d.is_in_trouble)
        for pause, times in ((LISTED_AFTER, 2), (telling.HOURLY, 3)):
            await dispatch.pass_time(pause)
            await until(lambda: len(tries) == times * TRIES - 1)  # noqa: B023 - waited for in this turn
            await dispatch.pass_time(BETWEEN_TRIES)
            await until(lambda: len(tries) == times * TRIES)  # noqa: B023
        await dispatch.until(lambda d: d.is_in_trouble)
        about = order.order_id.removeprefix("ORDER_")
        assert sum("**派单不顺利**" in told and about in told for told in shop.staff.told) == 1
    await dispatch.pass_time(telling.HOURLY)  # what is left of the hour may pass in the middle of the next step
    await dispatch.until(lambda d: d.designer and not d.is_in_trouble)


async def test_a_dispatch_that_a_bug_stops_goes_on_where_it_was_once_that_is_fixed(
    shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = []

    def broken(*_: object) -> None:
        failures.append(1)
        raise ValueError(BUG)

    with monkeypatch.context() as patch:
        patch.setattr(assignment, "on_opened", broken)
        order, dispatch = await refused(shop)
        await until(lambda: failures)
    await dispatch.until(lambda d: d.designer)
    await order.until(lambda o: o.live[0].dispatch.designer)
    assert list(shop.designers.tasks) == ["T1"]


async def test_words_that_a_bug_keeps_from_a_customer_without_an_order_are_left_to_staff(
    shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks("chat", "send_text")(shop, monkeypatch)
    breaks("chat", "hint")(shop, monkeypatch)
    request = {"task_id": "find-q1", "customer_id": "wang", "acc_id": "shop-1", "reason": "要这张"}
    await shop.client.start_workflow("DispatchWorkflow", request, id="dispatch-find-q1", task_queue=options.ORDERS)
    await until(lambda: [told for told in shop.staff.told if "**消息发不出去" in told])
