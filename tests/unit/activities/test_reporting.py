import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.reporting import Reporting
from domain.errors import OutsideRefused, OutsideUnavailable
from domain.messages import Report
from domain.order import Order
from tests.fakes import DefaultPhrases, FakeChat, FakeFiles, FakeRecords
from tests.unit.domain.making import customer_says, shown_order


class Desk:
    """Reporting on fakes."""

    def __init__(self) -> None:
        self.records, self.chat = FakeRecords(), FakeChat()
        self.reporting = Reporting(self.records, self.chat, DefaultPhrases(), FakeFiles())

    async def report(self, order: Order, waiting: timedelta = timedelta(0)) -> None:
        env = ActivityEnvironment()
        env.info = dataclasses.replace(env.info, scheduled_time=datetime.now(UTC) - waiting)
        await env.run(self.reporting.report, Report(order=order))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def order_with(*phrases: str) -> Order:
    order = shown_order()
    order.told(order.serial)
    for phrase in phrases:
        order.say(phrase, order.created_at)
    return order


async def test_rows_are_written_before_anything_is_said(desk: Desk) -> None:
    desk.records.failures = [ConnectionError("away")]
    with pytest.raises(ConnectionError):
        await desk.report(order_with("redo_started"))
    assert desk.chat.said == []


async def test_messages_are_said_in_order_pictures_by_their_links(desk: Desk) -> None:
    order = shown_order()
    order.told(order.serial)
    order.show("folder/attempt-1-preview.jpg", order.created_at)
    order.hint("preview_hint", "preview", order.created_at)
    customer_says(order, "不行")
    await desk.report(order)
    picture, hint, question = desk.chat.said
    assert picture == "[https://darkroom.example/d/folder/attempt-1-preview.jpg]"
    assert hint.startswith("【图片已处理完成并发给客户】")
    assert question == "好,你说一下哪里要改,或者发图告诉我"
    assert len(desk.records.saved) == 1


async def test_a_report_repeated_after_a_failure_uses_the_same_message_ids(desk: Desk) -> None:
    order = order_with("redo_started", "ask_address")
    await desk.report(order)
    told = dict(desk.chat.sent)
    await desk.report(order)
    assert desk.chat.sent == told
    assert list(told) == [message.message_id for message in order.outbox]


async def test_a_hint_waits_a_minute_for_the_bot(desk: Desk) -> None:
    order = order_with()
    order.hint("preview_hint", "preview", order.created_at)
    desk.chat.failures = [OutsideUnavailable("away")]
    with pytest.raises(OutsideUnavailable):
        await desk.report(order, waiting=timedelta(seconds=50))
    assert desk.chat.said == []


@pytest.mark.parametrize("error", [OutsideUnavailable("away"), OutsideRefused("no hints here")])
async def test_after_a_minute_the_fixed_text_is_said_instead_of_a_hint(desk: Desk, error: Exception) -> None:
    order = order_with()
    order.hint("preview_hint", "preview", order.created_at)
    desk.chat.failures = [error]
    await desk.report(order, waiting=timedelta(seconds=61))
    assert desk.chat.sent == {f"{order.outbox[0].message_id}-fallback": "好了,你看一下效果,没问题把邮箱发我"}
