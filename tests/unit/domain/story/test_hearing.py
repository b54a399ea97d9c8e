"""The inbox is read into the order: answers to updates, repeats, bugs of ours."""

from typing import Any

import pytest

from domain.order.inbox import KEPT_ANSWERS, Inbox
from domain.order.messages import Answer
from domain.order.order import Order
from domain.story import handling, hearing
from domain.vocabulary.status import Status
from tests.unit.domain.making import NOW, happened, new_order, phrases, quoted_order, shown_order, told, working_order


def ask(order: Order, inbox: Inbox, signal: str, **payload: Any) -> Answer:
    inbox.put(signal, {"event_id": "u1", **payload}, (), NOW, is_update=True)
    hearing.process_inbox(inbox, order, NOW)
    answer = inbox.answer_to(f"{signal}:u1")
    assert answer
    return answer


def test_the_reply_to_a_message_goes_back_in_the_answer_and_nowhere_else() -> None:
    order = shown_order()
    before = phrases(order)
    answer = ask(order, Inbox(), "customer_message", text="不行")
    assert [said.phrase for said in answer.reply] == ["what_to_change"]
    assert phrases(order) == before


def test_without_a_reply_of_ours_the_bot_answers_by_itself() -> None:
    answer = ask(shown_order(), Inbox(), "customer_message", text="在吗")
    assert (answer.accepted, answer.reply) == (True, [])


def test_the_same_words_as_a_signal_are_answered_by_message() -> None:
    order, inbox = shown_order(), Inbox()
    inbox.put("customer_message", {"text": "不行"}, (), NOW)
    hearing.process_inbox(inbox, order, NOW)
    assert phrases(order)[-1] == "what_to_change"
    assert inbox.answers == {}


def test_a_repeated_update_hears_the_same_answer_and_changes_nothing() -> None:
    order, inbox = shown_order(), Inbox()
    first = ask(order, inbox, "customer_message", text="不行,太暗")
    again = ask(order, inbox, "customer_message", text="不行,太暗")
    assert (again, order.live[0].round) == (first, 1)


def test_kept_answers_are_bounded() -> None:
    inbox = Inbox()
    for number in range(KEPT_ANSWERS + 5):
        inbox.keep_answer(str(number), Answer())
    assert len(inbox.answers) == KEPT_ANSWERS
    assert inbox.answer_to(str(KEPT_ANSWERS + 4))
    assert inbox.answer_to("0") is None


@pytest.mark.parametrize("signal", ["requirement_added", "operation_changed"])
def test_a_refusal_is_answered_to_an_update_and_hinted_to_the_sender_of_a_signal(signal: str) -> None:
    payload = {"requirement": "白底", "operation": "edit"}
    order = working_order()
    answer = ask(order, Inbox(), signal, **payload)
    assert (answer.accepted, answer.reason.phrase) == (False, "change_after_payment")
    assert "change_after_payment_hint" not in phrases(order)
    inbox = Inbox()
    inbox.put(signal, payload, (), NOW)
    hearing.process_inbox(inbox, order, NOW)
    assert phrases(order)[-1] == "change_after_payment_hint"


def test_what_cannot_be_read_is_on_record_and_staff_are_told() -> None:
    order, inbox = quoted_order(), Inbox()
    inbox.put("quote_set", {"amount": "lots"}, (), NOW)
    hearing.process_inbox(inbox, order, NOW)
    assert (happened(order)[-2:], told(order)) == (["unreadable_signal", "staff_told"], ["unreadable"])


def test_a_bug_of_ours_keeps_the_message_and_reaches_staff(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("oops")

    monkeypatch.setattr(handling, "handle", broken)
    order, inbox = quoted_order(), Inbox()
    answer = ask(order, inbox, "payment_received", payment_id="p1", amount="18")
    assert (answer.accepted, answer.reason.phrase) == (False, "something_went_wrong")
    assert (order.status, told(order)) == (Status.PENDING, ["unexpected"])
    kept = order.journal[-2]
    assert (kept.what, kept.facts["payment_id"], kept.facts["error"]) == ("unexpected_error", "p1", "KeyError: 'oops'")


def test_a_word_of_staff_right_behind_a_payment_lets_it_pass() -> None:
    order, inbox = quoted_order(), Inbox()
    inbox.put("payment_received", {"payment_id": "p1", "amount": "1"}, (), NOW)
    inbox.put("processing_resumed", {"requested_by": "staff"}, (), NOW)
    hearing.process_inbox(inbox, order, NOW)
    assert (order.hold, order.is_released) == (None, True)


def test_a_refused_signal_that_is_asked_again_as_an_update_hears_the_refusal() -> None:
    order, inbox = working_order(), Inbox()
    inbox.put("requirement_added", {"event_id": "u1", "requirement": "白底"}, (), NOW)
    hearing.process_inbox(inbox, order, NOW)
    assert not ask(order, inbox, "requirement_added", requirement="白底").accepted


def test_links_go_out_as_a_message_and_the_answer_says_so() -> None:
    answer = ask(shown_order(), Inbox(), "customer_message", text="可以,没有邮箱,发链接吧")
    assert (answer.is_sent, answer.reply) == (True, [])


def test_what_staff_are_refused_is_not_told_to_the_customer() -> None:
    order, inbox = quoted_order(), Inbox()
    inbox.put("cancel_requested", {"requested_by": "staff"}, (), NOW)
    inbox.put("cancel_requested", {"requested_by": "staff"}, (), NOW)
    hearing.process_inbox(inbox, order, NOW)
    assert "cancel_too_late_hint" not in phrases(order)


def test_words_said_before_the_payment_and_its_picture_are_noted_all_the_same() -> None:
    order, inbox = new_order(pictures=0), Inbox()
    inbox.put("customer_message", {"text": "帮我抠图"}, (), NOW)
    inbox.put("payment_received", {"payment_id": "p1", "amount": "18"}, (), NOW)
    inbox.put("image_received", {"image_url": "https://shop.example/1.jpg"}, (), NOW)
    hearing.process_inbox(inbox, order, NOW)
    assert (order.live[0].words, order.live[0].operation) == ("帮我抠图", "remove_bg")


SAME_ID: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("quote_set", {"amount": "30"}, {"amount": "300"}),
    ("quote_set", {"amount": "30"}, {"amount": "30", "currency": "USD"}),
    ("email_provided", {"email": "wang@example.com"}, {"email": "li@example.com"}),
    ("customer_message", {"text": "可以 wang@example.com"}, {"text": "我要退款"}),
    ("revision_requested", {"note": "太暗"}, {"note": "太亮"}),
    ("operation_changed", {"operation": "enhance"}, {"operation": "vectorize"}),
    ("requirement_added", {"requirement": "白色背景"}, {"requirement": "红色背景"}),
]


@pytest.mark.parametrize(("signal", "first", "then"), SAME_ID)
def test_an_id_that_says_something_else_is_kept_and_told_and_what_came_first_holds(
    signal: str, first: dict[str, Any], then: dict[str, Any]
) -> None:
    order, inbox = shown_order(), Inbox()
    inbox.put(signal, {"event_id": "e1", **first}, (), NOW)
    inbox.put(signal, {"event_id": "e1", **first}, (), NOW)
    hearing.process_inbox(inbox, order, NOW)
    assert "said_otherwise" not in told(order), "a plain repeat is dropped"
    held = order.model_dump(exclude={"journal", "notices", "serial"})
    for _ in range(2):
        inbox.put(signal, {"event_id": "e1", **then}, (), NOW)
        hearing.process_inbox(inbox, order, NOW)
    assert order.model_dump(exclude={"journal", "notices", "serial"}) == held
    assert told(order).count("said_otherwise") == happened(order).count("said_otherwise") == 1
    assert order.notices[-1].values["name"] == f"{signal}:e1"


@pytest.mark.parametrize("signal", ["consent_recorded", "analysis_received"])
def test_a_customer_is_not_blamed_for_what_the_bot_sends(signal: str) -> None:
    order, inbox = new_order(pictures=0), Inbox()
    facts = {"subject": "x" * 100, "notes": "y" * 2000, "text": "z" * 2000}
    for number in range(100):
        inbox.put(signal, {"event_id": str(number), "kind": f"terms {number}", **facts}, (), NOW)
        hearing.process_inbox(inbox, order, NOW)
        order.mark_written(order.serial)
    assert [one.removeprefix("staff_") for one in told(order)] == ["too_much_noted"]
    assert phrases(order) == []


@pytest.mark.parametrize(
    ("signal", "name", "notice"),
    [("payment_received", "payment_id", "payment_no_room"), ("refund_recorded", "refund_id", "refund_no_room")],
)
def test_money_for_which_there_is_no_room_is_told_each_time_and_a_refund_stops_the_work(
    signal: str, name: str, notice: str
) -> None:
    order, inbox = working_order(), Inbox()
    order.no_room = ["too_much_said"]  # staff were told of something else
    for sent in [*(f"p{number}" for number in range(50)), "m0", "m1"]:
        inbox.put(signal, {"event_id": sent, name: sent, "amount": "0.10"}, (), NOW)
    order.notices = []
    before = len(order.outbox)
    hearing.process_inbox(inbox, order, NOW)
    assert not inbox
    assert [one.values["name"] for one in order.notices if one.phrase == f"staff_{notice}"][-2:] == ["m0", "m1"]
    assert (order.status is Status.PAID, len(order.outbox)) == (signal == "refund_recorded", before)


def test_every_result_for_which_there_is_no_room_is_told_with_its_address() -> None:
    order, inbox = working_order(10), Inbox()
    order.no_room = ["too_much_said"]  # staff were told of something else
    for picture in order.live:
        sent = {
            "task_id": picture.task_id,
            "result_url": f"https://staff.example/{picture.task_id}",
            "notes": "好" * 1000,
        }
        inbox.put("result_submitted", {"event_id": picture.task_id, **sent}, (), NOW)
    order.notices, before = [], len(order.outbox)
    while inbox:
        hearing.process_inbox(inbox, order, NOW)
        order.mark_written(order.serial)
    taken = {f"https://staff.example/{one.task_id}" for one in order.live if one.submission}
    lost = {one.values["result"] for one in order.notices if one.phrase == "staff_results_waiting"}
    assert taken
    assert lost
    assert len(taken) + len(lost) == 10
    assert len(order.outbox) == before, "the customer hears nothing of it"


def test_what_is_known_of_money_has_room_however_much_there_is() -> None:
    order, inbox = working_order(), Inbox()
    for number in range(50):
        inbox.put("payment_received", {"event_id": f"e{number}", "payment_id": f"p{number}", "amount": "25"}, (), NOW)
    hearing.process_inbox(inbox, order, NOW)
    order.mark_told(order.serial)
    order.notices = []
    inbox.put("payment_received", {"event_id": "again", "payment_id": "p1", "amount": "25"}, (), NOW)
    hearing.process_inbox(inbox, order, NOW)
    assert told(order) == []
    inbox.put("payment_received", {"event_id": "else", "payment_id": "p1", "amount": "26"}, (), NOW)
    hearing.process_inbox(inbox, order, NOW)
    assert told(order) == ["money_said_otherwise"]
