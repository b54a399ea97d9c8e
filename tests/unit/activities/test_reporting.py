import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.reporting import Reporting
from activities.speaking import Speaking
from domain.attempts.work import Report, Reported
from domain.order.order import Order
from domain.vocabulary.errors import MessageRefused, OutsideRefused, OutsideUnavailable
from tests.fake_records import FakeRecords
from tests.fakes import DefaultPhrases, FakeChat, FakeFiles
from tests.unit.domain.making import customer_says, shown_order


class Desk:
    """Reporting on fakes."""

    def __init__(self) -> None:
        self.records, self.chat = FakeRecords(), FakeChat()
        self.refused: list[dict[str, Any]] = []
        self.beat = 0  # what the last heartbeat said: how many messages were handed over
        self.reporting = Reporting(self.records, Speaking(self.chat, DefaultPhrases(), FakeFiles()))

    async def report(self, order: Order, waiting: timedelta = timedelta(0)) -> Reported | None:
        env = ActivityEnvironment()
        beats = [self.beat, *self.refused] if self.beat else []
        env.info = dataclasses.replace(env.info, scheduled_time=datetime.now(UTC) - waiting, heartbeat_details=beats)
        env.on_heartbeat = self._keep
        return await env.run(self.reporting.report, Report(order=order))

    def _keep(self, number: int, *refused: dict[str, Any]) -> None:
        self.beat, self.refused = number, list(refused)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def order_with(*phrases: str) -> Order:
    order = shown_order()
    order.mark_told(order.serial)
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
    order.mark_told(order.serial)
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
    assert desk.chat.sent == {order.outbox[0].message_id: "好了,你看一下效果,没问题把邮箱发我"}


async def test_a_long_outbox_goes_on_behind_the_last_message_that_was_handed_over(desk: Desk) -> None:
    order = order_with("redo_started", "ask_address", "what_to_change")
    desk.chat.fails_after = 2
    with pytest.raises(OutsideUnavailable):
        await desk.report(order)
    assert (len(desk.chat.sent), desk.beat) == (2, 2)
    first_two = list(desk.chat.sent)
    desk.chat.fails_after, desk.chat.sent = None, {}
    await desk.report(order)
    assert list(desk.chat.sent) == [order.outbox[2].message_id]
    assert order.outbox[2].message_id not in first_two


async def test_of_several_previews_each_has_its_number_before_it(desk: Desk) -> None:
    order = order_with()
    order.show("folder/2-preview.jpg", order.created_at, number=2)
    order.show("folder/1-preview.jpg", order.created_at, number=1)
    order.hint("preview_hint", "preview", order.created_at, numbers="1、2")
    await desk.report(order)
    *pictures, hint = desk.chat.said
    links = [f"[https://darkroom.example/d/folder/{number}-preview.jpg]" for number in (1, 2)]
    assert pictures == ["第1张:", links[0], "第2张:", links[1]]
    assert "发了第1、2张" in hint
    assert len(set(desk.chat.sent)) == 5, "each has an id of its own, the same over retries"


async def test_links_of_several_files_bear_their_names_and_sizes(desk: Desk) -> None:
    order = order_with()
    links = {"1.png": "folder/1.png", "2.psd": "folder/2.psd"}
    order.link("download_links", links, order.created_at, {"1.png": 340_400, "2.psd": 23_450_000})
    order.link("download_links", {"1.png": "folder/1.png"}, order.created_at, {"1.png": 12})
    await desk.report(order)
    several, one = desk.chat.said
    assert "1.png(340 KB):https://darkroom.example/d/folder/1.png\n2.psd(23.4 MB):https://" in several
    assert one.endswith("\nhttps://darkroom.example/d/folder/1.png")


async def test_a_message_that_is_refused_for_good_holds_up_no_other(desk: Desk) -> None:
    order = order_with("redo_started", "ask_address", "what_to_change")
    desk.chat.failures = [MessageRefused("400"), MessageRefused("422")]
    reported = await desk.report(order)
    assert reported
    assert [one.message_id for one in reported.refused] == [message.message_id for message in order.outbox[:2]]
    assert reported.refused[0].words == "好的,重新给你做"
    assert list(desk.chat.sent) == [order.outbox[2].message_id]


async def test_what_was_refused_is_remembered_by_the_next_try(desk: Desk) -> None:
    order = order_with("redo_started", "ask_address")
    desk.chat.failures = [MessageRefused("400"), OutsideUnavailable("away")]
    with pytest.raises(OutsideUnavailable):
        await desk.report(order)
    reported = await desk.report(order)
    assert reported
    assert [one.message_id for one in reported.refused] == [order.outbox[0].message_id]


async def test_a_hint_that_is_refused_is_said_as_its_fixed_text(desk: Desk) -> None:
    order = order_with()
    order.hint("preview_hint", "preview", order.created_at)
    desk.chat.failures = [MessageRefused("400")]
    assert await desk.report(order) is None
    assert desk.chat.said == ["好了,你看一下效果,没问题把邮箱发我"]


async def test_where_everything_was_said_nothing_is_answered(desk: Desk) -> None:
    assert await desk.report(order_with("redo_started")) is None
