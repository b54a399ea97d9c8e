from typing import Any

import pytest

from domain.attempts.work import Report
from domain.story import progress
from domain.story.details import markdown, summary, waits_for
from domain.texts.phrase import said
from domain.vocabulary.money import Hold
from domain.vocabulary.rules import ShopRules
from domain.vocabulary.status import Status
from tests.unit.domain.making import (
    NOW,
    attempt,
    customer_says,
    designers_say,
    en,
    give_up,
    new_order,
    post,
    quoted_order,
    send,
    shown_order,
    working_order,
)


def test_an_order_says_what_it_waits_for() -> None:
    assert en(waits_for(new_order(pictures=0))) == "a picture"
    assert en(waits_for(new_order())) == "the initial analysis of its pictures"
    assert en(waits_for(quoted_order())) == "payment"
    assert en(waits_for(working_order())) == "image generation"
    order = shown_order(email="wang@example.com")
    assert "the customer's reply" in en(waits_for(order))
    customer_says(order, "不行")
    assert en(waits_for(order)) == "the customer to say what to change"
    customer_says(order, "不用改了")
    post(order)
    assert "after-care" in en(waits_for(order))


def test_every_status_says_something() -> None:
    order = shown_order()
    for status in Status:
        order.pictures[0].status = status
        assert en(waits_for(order))
        assert status.label in markdown(order)


def test_the_story_is_told_in_the_shops_time() -> None:
    order = shown_order(customer_name="王小明")
    told = markdown(order)
    assert told.startswith("## ORDER_20261122_7K3F9Q · 待确认")
    assert "第1版报价:15.00-20.00 CNY,已付 18.00 CNY" in told
    assert "- `TASK_20261122_7K3F9Q_1` · 变清晰 · 待确认 · 尝试1次" in told
    assert "- `11-22 18:00:00` 付款18.00 CNY" in told
    order.rules = ShopRules(language="en")
    told = markdown(order)
    assert told.startswith("## ORDER_20261122_7K3F9Q · awaiting confirmation")
    assert "- `TASK_20261122_7K3F9Q_1` · enhance · awaiting confirmation · 1 attempt(s)" in told


def test_a_message_stays_one_line_of_the_story() -> None:
    order = shown_order()
    customer_says(order, "第一行\n# 第二行" + "长" * 500)
    told = markdown(order).splitlines()[-1]
    assert "第一行 # 第二行" in told
    assert len(told) < 300


def test_a_failure_names_its_reason() -> None:
    order = working_order()
    progress.attempted(order, order.live[0], attempt(order.live[0], None, "ModelRefused"), NOW)
    give_up(order, order.live[0], "ModelRefused")
    assert "ModelRefused" in markdown(order)
    assert en(waits_for(order)) == "a designer"
    designers_say(order, "assigned", designer="橘子")
    assert en(waits_for(order)) == "a designer: 橘子"
    designers_say(order, "given_up")
    assert en(waits_for(order)) == "staff: every attempt failed"


def test_lists_show_one_line() -> None:
    order = quoted_order(pictures=2)
    send(order, "payment_received", amount="30")
    assert summary(order) == "c1 · ×2"


@pytest.mark.parametrize(
    "facts",
    [
        {"hold": Hold(why=said("payment.no_amount"), since=NOW)},
        {"email": "wang@example.com", "resend": True},
        {"email": "wang@example.com", "resend": True, "mail_trouble": "wang@example.com"},
        {"email": "wang@example.com", "resend": True, "is_letter_broken": True},
    ],
)
def test_the_rows_say_of_what_is_told_what_the_workflow_says(facts: dict[str, Any]) -> None:
    order = shown_order()
    order.move(order.live, Status.COMPLETED, NOW)
    for name, value in facts.items():
        setattr(order, name, value)
    told = Report.model_validate_json(Report(order=order.next_report()).model_dump_json()).order
    assert waits_for(told) == waits_for(order)
