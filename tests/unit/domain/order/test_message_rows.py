"""Words that come one after another within seconds are read as one."""

from datetime import timedelta
from typing import Any

import pytest

from domain.order.inbox import Inbox
from domain.order.message_rows import MOST_PARTS
from domain.order.messages import Answer
from domain.order.order import Order
from domain.story import hearing, progress
from domain.vocabulary.rules import ShopRules
from domain.vocabulary.status import Status
from tests.unit.domain.making import NOW, later, phrases, shown_order, statuses, told, working_order

S = Status
PAUSE = 3.0


class Chat:
    """A customer who types, and what each line was answered."""

    def __init__(self, order: Order, pause: float = PAUSE) -> None:
        self.order, self.inbox = order, Inbox()
        order.rules = ShopRules(words_pause_seconds=pause)
        order.mark_told(order.serial)

    def say(self, text: str, seconds: float, *, is_update: bool = True) -> str:
        event = f"u{self.inbox.count + 1}"
        self.send("customer_message", seconds, is_update=is_update, event_id=event, text=text)
        return f"customer_message:{event}"

    def send(self, signal: str, seconds: float, *, is_update: bool = False, **payload: Any) -> None:
        self.inbox.put(signal, payload, (), later(seconds), is_update=is_update)
        self.wait(seconds)

    def wait(self, seconds: float) -> None:
        hearing.process_inbox(self.inbox, self.order, later(seconds))

    def answer(self, event: str) -> Answer | None:
        return self.inbox.answer_to(event)


def said(answer: Answer | None) -> tuple[list[str], bool]:
    assert answer is not None
    return [reply.phrase for reply in answer.reply], answer.is_sent


def test_what_cannot_be_taken_back_waits_for_the_pause() -> None:
    chat = Chat(shown_order(email="wang@example.com"))
    event = chat.say("可以", 0)
    assert (chat.answer(event), chat.order.live[0].accepted) == (None, False)
    chat.wait(PAUSE - 0.1)
    assert not chat.order.live[0].accepted
    chat.wait(PAUSE)
    assert chat.order.live[0].accepted
    assert said(chat.answer(event)) == ([], False)


@pytest.mark.parametrize("second", ["才怪", "吗", "但是脸太黄了", "我再看看", "等下"])
def test_what_follows_quickly_may_turn_it_round(second: str) -> None:
    chat = Chat(shown_order(email="wang@example.com"))
    chat.say("可以", 0)
    chat.say(second, 2)
    chat.wait(60)
    assert (chat.order.live[0].accepted, statuses(chat.order)) == (False, [S.AWAITING_CONFIRM])


def test_a_later_line_is_a_text_of_its_own() -> None:
    chat = Chat(shown_order(email="wang@example.com"))
    chat.say("可以", 0)
    chat.wait(PAUSE)
    chat.say("等下", PAUSE + 1)
    assert chat.order.live[0].accepted


def test_a_row_whose_reading_is_late_keeps_to_when_its_lines_were_said() -> None:
    chat = Chat(shown_order(email="wang@example.com"))
    for text, seconds in (("可以", 0.0), ("才怪", 60.0)):  # no worker ran: both are heard at once
        chat.inbox.put("customer_message", {"text": text}, (), later(seconds))
    chat.wait(120)
    assert chat.order.live[0].accepted


def test_the_lines_of_a_row_are_one_description() -> None:
    chat = Chat(shown_order())
    for seconds, text in enumerate(["不行", "脸太黄了", "背景换成白色"]):
        chat.say(text, seconds)
    chat.wait(10)
    assert chat.order.live[0].revision_notes == ["不行\n脸太黄了\n背景换成白色"]
    assert phrases(chat.order) == [], "the reply went back in the answer"


def test_an_address_that_is_cut_into_two_lines_is_asked_back_once() -> None:
    chat = Chat(shown_order())
    first, second = chat.say("12345", 0), chat.say("678@qq.com", 1)
    chat.wait(10)
    assert said(chat.answer(first)) == ([], True)
    assert said(chat.answer(second)) == (["address_doubtful"], False)
    assert (chat.order.email, phrases(chat.order)) == (None, [])


def test_the_last_of_a_row_hears_the_reply_and_the_others_that_nobody_needs_to_answer() -> None:
    chat = Chat(shown_order())
    first, second = chat.say("可以", 0), chat.say("谢谢", 1)
    assert (chat.answer(first), chat.answer(second)) == (None, None)
    chat.wait(10)
    assert [said(chat.answer(event)) for event in (first, second)] == [([], True), (["ask_address"], False)]


def test_where_the_last_is_a_signal_the_reply_goes_out_as_a_message() -> None:
    chat = Chat(shown_order())
    first = chat.say("可以", 0)
    chat.say("谢谢", 1, is_update=False)
    chat.wait(10)
    assert (said(chat.answer(first)), phrases(chat.order)) == (([], True), ["ask_address"])


def test_where_nothing_follows_the_bot_answers_once() -> None:
    chat = Chat(shown_order())
    first, second = chat.say("可以", 0), chat.say("多少钱", 1)
    assert [said(chat.answer(event)) for event in (first, second)] == [([], True), ([], False)]
    third = chat.say("还有啊", 1.5)
    assert said(chat.answer(third)) == ([], False), "what was answered is answered no second time"


def test_wanting_out_is_heard_at_once_and_holds_what_waited() -> None:
    chat = Chat(shown_order(email="wang@example.com"))
    chat.say("可以", 0)
    chat.say("给我退款", 1)
    assert told(chat.order) == ["objection"]
    chat.wait(60)
    assert not chat.order.live[0].accepted


def test_a_wish_before_payment_is_noted_at_once_and_only_once() -> None:
    chat = Chat(working_order())
    for picture in chat.order.live:
        picture.status = S.PENDING
    chat.order.paid_at = None
    chat.say("背景换成白色", 0)
    chat.say("脸瘦一点", 1)
    assert [note.text for note in chat.order.live[0].notes] == ["背景换成白色", "脸瘦一点"]


def test_a_wish_in_two_lines_is_one() -> None:
    chat = Chat(working_order())
    for picture in chat.order.live:
        picture.status = S.PENDING
    chat.order.paid_at = None
    chat.say("把背景", 0)
    chat.say("换成白色", 1)
    assert chat.order.live[0].notes[-1].text == "把背景\n换成白色"


def test_other_events_go_on_meanwhile_in_their_order() -> None:
    chat = Chat(shown_order())
    chat.say("可以", 0)
    chat.send("consent_recorded", 1, kind="no label", text="好")
    assert chat.order.consents == {"no label": "好"}
    chat.wait(PAUSE)
    assert chat.order.live[0].accepted


@pytest.mark.parametrize(
    ("signal", "payload"),
    [("revision_requested", {"note": "太暗"}), ("cancel_requested", {}), ("transfer_requested", {})],
)
def test_what_the_bot_says_exactly_meanwhile_stands_for_the_words(signal: str, payload: dict[str, Any]) -> None:
    chat = Chat(shown_order(email="wang@example.com"))
    event = chat.say("可以", 0)
    chat.send(signal, 1, **payload)
    before = chat.order.model_copy(deep=True)
    chat.wait(60)
    assert chat.order == before
    assert said(chat.answer(event)) == ([], False)


@pytest.mark.parametrize("words", ["可以", "可以，发到 wang@example.com", "不行，太暗了"])
@pytest.mark.parametrize("is_update", [True, False])
def test_a_preview_that_comes_meanwhile_is_not_what_the_words_were_about(words: str, *, is_update: bool) -> None:
    chat = Chat(shown_order(email="wang@example.com"))
    event = chat.say(words, 0, is_update=is_update)
    put_another_before(chat.order)
    before = statuses(chat.order)
    chat.wait(PAUSE)
    assert (chat.order.live[0].accepted, chat.order.live[0].round, statuses(chat.order)) == (False, 0, before)
    assert not is_update or said(chat.answer(event)) == ([], False), "the bot answers"
    chat.say("可以", 2 * PAUSE)
    chat.wait(60)
    assert chat.order.live[0].accepted


def test_a_yes_to_the_first_preview_is_none_to_the_second() -> None:
    chat = Chat(shown_order(2, email="wang@example.com"))
    second = chat.order.live[1]
    second.status, second.shown = S.PROCESSING, None
    chat.say("可以", 0)
    progress.show(chat.order, second, second.attempts[-1], later(1))
    chat.wait(60)
    assert not second.accepted


def put_another_before(order: Order) -> None:
    picture = order.live[0]
    picture.attempts.append(picture.attempts[-1].model_copy(update={"number": 2}))
    progress.show(order, picture, picture.attempts[-1], later(1), made_by_people=True)


def test_a_row_has_an_end() -> None:
    chat = Chat(shown_order(email="wang@example.com"))
    for number in range(MOST_PARTS):
        chat.say("可以", number / 100)
    assert chat.order.live[0].accepted, "so many lines wait no longer"


def test_somebody_who_types_on_and_on_is_answered_in_time() -> None:
    chat = Chat(shown_order())
    first = chat.say("可以", 0)
    for seconds in (2.0, 4.0, 5.5):
        chat.say("谢谢", seconds)
    chat.wait(2 * PAUSE)
    assert chat.answer(first) is not None


def test_a_repeat_within_the_row_is_heard_once_and_answered_the_same() -> None:
    chat = Chat(shown_order())
    event = chat.say("可以", 0)
    chat.inbox.put("customer_message", {"event_id": event.partition(":")[2], "text": "可以"}, (), NOW, is_update=True)
    chat.wait(1)
    assert len(chat.inbox.row.parts) == 1
    chat.wait(10)
    assert said(chat.answer(event)) == (["ask_address"], False)


def test_a_row_survives_a_new_run() -> None:
    chat = Chat(shown_order(email="wang@example.com"))
    chat.say("可以", 0)
    chat.inbox = Inbox.model_validate(chat.inbox.model_dump(mode="json", exclude_defaults=True))
    chat.say("谢谢", 1)
    chat.wait(10)
    assert chat.order.live[0].accepted


def test_without_a_pause_every_line_is_read_at_once() -> None:
    chat = Chat(shown_order(email="wang@example.com"), pause=0)
    chat.say("可以", 0)
    assert chat.order.live[0].accepted
    assert chat.inbox.row.parts == []


def test_what_is_on_record_says_when_each_line_came() -> None:
    chat = Chat(shown_order())
    chat.say("可以", 0)
    chat.say("谢谢", 1)
    said_at = [entry.at for entry in chat.order.journal if entry.what == "customer_said"]
    assert said_at == [NOW, NOW + timedelta(seconds=1)]
