"""Wanting out, a complaint, a call for a person: staff hear of it, and nothing is done that cannot be taken back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from domain.order.order import Order
from domain.story import consequences, deadlines, delivering
from domain.vocabulary.rules import ShopRules
from domain.vocabulary.status import Status
from tests.unit.domain.making import (
    NOW,
    customer_says,
    new_order,
    phrases,
    quoted_order,
    send,
    shown_order,
    statuses,
    told,
    working_order,
)

S = Status
RULES = ShopRules()


def held_order(words: str = "我要退款", **known: Any) -> Order:
    order = shown_order(**known)
    customer_says(order, words)
    return order


@pytest.mark.parametrize("words", ["不要了", "我要投诉", "转人工", "可以 退钱", "就这样吧 给我退款", "cancel"])
@pytest.mark.parametrize("make_order", [new_order, working_order, shown_order])
def test_staff_hear_it_whatever_the_order_is_at(make_order: Callable[[], Order], words: str) -> None:
    order = make_order()
    customer_says(order, words)
    assert told(order)[-1] == "objection"
    assert order.notices[-1].values["words"] == words
    assert not order.live or order.live[0].notes == []


def test_the_same_again_is_told_no_second_time_and_another_one_is() -> None:
    order = held_order("转人工")
    customer_says(order, "人工!!")
    assert told(order).count("objection") == 1
    customer_says(order, "退款")
    assert (told(order).count("objection"), order.objections) == (2, ["person", "leave"])


@pytest.mark.parametrize(
    "words", ["可以", "可以 wang@example.com", "wang@example.com", "不行,太暗", "背景换成白色", "链接发我吧"]
)
def test_a_held_order_does_nothing_upon_words(words: str) -> None:
    order = held_order(email="li@example.com")
    order.mark_told(order.serial)
    customer_says(order, words)
    assert (statuses(order), order.live[0].accepted, phrases(order)) == ([S.AWAITING_CONFIRM], False, [])
    assert order.email == "li@example.com"


def test_a_letter_that_was_due_does_not_leave() -> None:
    order = shown_order(email="wang@example.com")
    customer_says(order, "可以")
    assert delivering.is_deliverable(order)
    customer_says(order, "等等 我要退款")
    assert not delivering.is_deliverable(order)


def test_work_that_runs_goes_on() -> None:
    order = working_order()
    customer_says(order, "太慢了 我要投诉")
    assert statuses(order) == [S.PROCESSING]


def test_silence_says_no_yes_and_staff_are_reminded() -> None:
    order = held_order(email="wang@example.com")
    later = NOW + timedelta(days=RULES.silence_days, minutes=1)
    deadlines.expire_due(order, later)
    assert (order.status, "objection_open" in told(order)) == (S.AWAITING_CONFIRM, True)
    assert "word_reminder" not in phrases(order)
    deadline = deadlines.next_deadline(order)
    assert deadline is not None
    assert deadline[0] > later, "and once more only after as long"


def test_a_link_that_is_opened_while_it_is_held_completes_nothing() -> None:
    order = shown_order()
    customer_says(order, "可以,发链接吧")
    customer_says(order, "我要投诉")
    assert order.live[0].result
    send(order, "link_opened", key=order.live[0].result.file.key)
    assert order.status is S.AWAITING_CONFIRM
    send(order, "processing_resumed", requested_by="staff")
    assert (order.status, phrases(order)[-1]) == (S.COMPLETED, "link_done"), "what was opened is not forgotten"


def test_a_link_that_was_opened_while_it_was_held_completes_nothing_that_is_refused_since() -> None:
    order = shown_order()
    customer_says(order, "可以,发链接吧")
    customer_says(order, "我要投诉")
    assert order.live[0].result
    send(order, "link_opened", key=order.live[0].result.file.key)
    send(order, "revision_requested", note="太暗")
    assert (order.status, order.opened_link) == (S.PROCESSING, "")


@pytest.mark.parametrize(
    ("signal", "payload"),
    [
        ("email_provided", {"email": "wang@example.com"}),
        ("revision_requested", {"note": "太暗"}),
        ("transfer_requested", {}),
        ("processing_resumed", {"requested_by": "staff"}),
        ("quote_set", {"amount": "12"}),
        ("payment_received", {"payment_id": "p2", "amount": "5"}),
    ],
)
def test_the_bot_or_staff_or_a_payment_let_it_go_on(signal: str, payload: dict[str, Any]) -> None:
    order = held_order()
    send(order, signal, **payload)
    assert order.objections == []


def test_no_silence_of_staff_begins_work_for_somebody_who_wanted_out() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="1")
    consequences.apply_rules(order, NOW)
    customer_says(order, "给我退款")
    later = NOW + timedelta(days=1)
    deadlines.expire_due(order, later)
    assert (bool(order.hold), order.is_released) == (True, False)
    send(order, "transfer_requested")
    deadlines.expire_due(order, later)
    assert (order.hold, order.is_released) == (None, True)


@pytest.mark.parametrize("number", ["p1", "p2"])
def test_a_payment_that_was_made_before_and_is_told_late_lets_it_stand(number: str) -> None:
    order = held_order()
    before = (NOW - timedelta(minutes=5)).isoformat()
    send(order, "payment_received", payment_id=number, amount="5", paid_at=before)
    assert order.objections == ["leave"]
    customer_says(order, "可以")
    assert not delivering.accepted(order)


def test_a_wish_that_the_bot_passes_on_lets_it_go_on_before_payment() -> None:
    order = new_order()
    customer_says(order, "算了")
    send(order, "requirement_added", requirement="背景换成白色")
    assert order.objections == []


@pytest.mark.parametrize("signal", ["cancel_requested", "analysis_received", "consent_recorded"])
def test_what_answers_nothing_lets_it_stand(signal: str) -> None:
    order = held_order()
    send(order, signal, kind="label", complexity="simple", requested_by="customer")
    assert order.objections == ["leave"]


def test_a_customer_cannot_resume() -> None:
    order = held_order()
    send(order, "processing_resumed", requested_by="customer")
    assert order.objections == ["leave"]


@pytest.mark.parametrize("status", [S.CANCELLED, S.EXPIRED, S.DECLINED])
def test_an_order_that_is_over_says_so_and_asks_for_no_picture(status: Status) -> None:
    order = shown_order(pictures=2)
    for picture in order.pictures:
        picture.status = status
    order.ended = status
    wanted: list[tuple[str, dict[str, Any]]] = [
        ("requirement_added", {"requirement": "背景换成白色"}),
        ("operation_changed", {"operation": "remove_bg"}),
        ("revision_requested", {"note": "太暗"}),
    ]
    for signal, payload in wanted:
        answer = send(order, signal, **payload)
        assert answer is not None
        assert answer.reason is not None
        assert (answer.accepted, answer.reason.phrase) == (False, "change_after_end")
    order.mark_told(order.serial)
    customer_says(order, "第一张太暗")
    assert phrases(order) == []
