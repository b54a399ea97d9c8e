"""Quick messages of a customer on a real server: they are read as one, once the customer has paused."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from domain.order.messages import Answer, CustomerMessage
from domain.vocabulary.rules import ShopRules
from domain.vocabulary.status import Status
from starter import orders
from tests import skipping
from tests.shop import FakeShop, OrderInHand
from tests.workflow.test_budget import EVENTS, kind, until_told

OF_SKIPPED_TIME = {"workflow_execution_options_updated", "workflow_execution_time_skipping_transitioned"}
PAUSE = timedelta(seconds=3)


@pytest.fixture
async def patient_shop(closed_shop: FakeShop) -> AsyncIterator[FakeShop]:
    """A shop that waits for its customers to finish typing."""
    closed_shop.settings.current = ShopRules(words_pause_seconds=PAUSE.total_seconds())
    async with closed_shop.open() as shop:
        yield shop


async def shown(shop: FakeShop) -> OrderInHand:
    order = await shop.order()
    await order.until(lambda o: o.quote)
    await order.signal("payment_received", payment_id="p1", amount="18.00")
    await order.reaches(Status.AWAITING_CONFIRM)
    return order


async def ask(shop: FakeShop, order: OrderInHand, text: str) -> Answer:
    return await orders.update(shop.client, order.order_id, "send_message", CustomerMessage(text=text))


async def heard(order: OrderInHand, lines: int) -> None:
    await order.until(lambda o: sum(e.what == "customer_said" for e in o.journal) == lines, told=False)


async def test_content_that_is_mocked_a_moment_later_mails_nothing(patient_shop: FakeShop) -> None:
    order = await shown(patient_shop)
    await order.signal("customer_message", text="可以 wang@example.com")
    await heard(order, 1)
    await order.signal("customer_message", text="才怪")
    await heard(order, 2)
    await order.pass_time(3 * PAUSE)
    now = await order.until(lambda o: not o.has_unreported)
    assert (now.status, now.live[0].accepted, patient_shop.mail.letters) == (Status.AWAITING_CONFIRM, False, [])


async def test_content_and_an_address_in_two_lines_are_mailed_once(patient_shop: FakeShop) -> None:
    order = await shown(patient_shop)
    await order.signal("customer_message", text="可以")
    await order.signal("customer_message", text="wang@example.com")
    await heard(order, 2)
    assert (await order.now()).status is Status.AWAITING_CONFIRM
    await order.pass_time(2 * PAUSE)
    await order.reaches(Status.COMPLETED)
    assert len(patient_shop.mail.letters) == 1
    assert not [said for said in patient_shop.chat.said if getattr(said, "phrase", "") == "ask_address"]


async def test_of_two_updates_in_a_row_one_hears_the_reply(patient_shop: FakeShop) -> None:
    order = await shown(patient_shop)
    before = len(patient_shop.chat.said)
    first = asyncio.create_task(ask(patient_shop, order, "可以"))
    await heard(order, 1)
    second = asyncio.create_task(ask(patient_shop, order, "谢谢"))
    await heard(order, 2)
    await order.pass_time(2 * PAUSE)
    one, other = await asyncio.gather(first, second)
    assert (one.reply, one.is_sent) == ([], True)
    assert [said.phrase for said in other.reply] == ["ask_address"]
    assert patient_shop.chat.said[before:] == []


async def test_what_needs_no_pause_is_answered_at_once(patient_shop: FakeShop) -> None:
    order = await shown(patient_shop)
    assert await ask(patient_shop, order, "在吗") == Answer(act="nothing")
    answer = await ask(patient_shop, order, "转人工")
    assert {said.phrase for said in answer.reply} <= {"shop_closed"}
    assert (await order.now()).objections == ["person"]


async def test_a_row_goes_on_in_a_new_run(patient_shop: FakeShop) -> None:
    order = await shown(patient_shop)
    first_run = (await order.handle.describe()).run_id
    await skipping.overfill(
        order.handle, lambda n: order.signal("analysis_received", event_id=f"n{n}", complexity="simple")
    )
    await order.signal("customer_message", text="可以 wang@example.com")
    await heard(order, 1)
    await order.pass_time(2 * PAUSE)
    await order.reaches(Status.COMPLETED)
    assert (await order.handle.describe()).run_id != first_run
    assert len(patient_shop.mail.letters) == 1


async def test_a_pause_costs_the_happy_path_a_timer_and_one_more_workflow_task(patient_shop: FakeShop) -> None:
    order = await shown(patient_shop)
    await order.signal("customer_message", event_id="e2", text="可以,发我邮箱 wang@example.com")
    await heard(order, 1)
    await order.pass_time(2 * PAUSE)
    await order.until(lambda o: o.status is Status.COMPLETED and not o.notices)
    told = until_told((await order.handle.fetch_history()).events)
    events = [event for event in told if kind(event) not in OF_SKIPPED_TIME]
    print(f"{len(events)} events")
    assert Counter(map(kind, events))["timer_started"] <= 2
    assert len(events) <= EVENTS + 5
