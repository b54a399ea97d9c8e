"""Cancelling, in each state."""

import pytest

from domain.vocabulary.status import Status
from tests.unit.domain.making import (
    customer_says,
    new_order,
    phrases,
    post,
    quoted_order,
    send,
    shown_order,
    statuses,
    told,
    working_order,
)

S = Status


def test_an_unpaid_order_is_cancelled() -> None:
    order = quoted_order(pictures=2)
    answer = send(order, "cancel_requested", reason="found another shop")
    assert answer is not None
    assert answer.accepted
    assert (order.status, phrases(order)[-1], told(order)) == (S.CANCELLED, "cancelled", [])


def test_an_order_without_a_picture_is_cancelled_too() -> None:
    order = new_order(pictures=0)
    send(order, "cancel_requested")
    assert order.status is S.CANCELLED


def test_a_paid_order_is_cancelled_while_no_preview_is_out_and_staff_refund_it() -> None:
    order = working_order()
    send(order, "cancel_requested")
    assert (order.status, statuses(order)) == (S.CANCELLED, [S.CANCELLED])
    assert (order.notices[-1].phrase, order.notices[-1].values["payments"]) == ("staff_refund_due", "p1 (18.00 CNY)")


@pytest.mark.parametrize("words", ["", "不行", "不行,太暗"], ids=["shown", "revision", "being revised"])
def test_once_a_preview_is_out_the_customers_cancel_waits_for_staff(words: str) -> None:
    order = shown_order()
    customer_says(order, words)
    before = order.status
    answer = send(order, "cancel_requested", reason="太慢了")
    assert answer is not None
    assert (answer.accepted, answer.reason.phrase) == (False, "cancel_waits")
    assert (order.status, told(order)) == (before, ["cancel_wanted"])
    send(order, "cancel_requested", requested_by="staff")
    assert (order.status, told(order)[-1]) == (S.CANCELLED, "refund_due")


def test_a_failed_order_is_cancelled_by_staff() -> None:
    order = shown_order()
    send(order, "transfer_requested", reason="asked for")
    send(order, "cancel_requested", requested_by="staff")
    assert order.status is S.CANCELLED


@pytest.mark.parametrize("by", ["customer", "staff"])
def test_what_is_over_cannot_be_cancelled(by: str) -> None:
    order = shown_order(email="wang@example.com")
    customer_says(order, "可以")
    post(order)
    answer = send(order, "cancel_requested", requested_by=by)
    assert answer is not None
    assert (answer.accepted, answer.reason.phrase, order.status) == (False, "cancel_too_late", S.COMPLETED)


def test_a_delivered_picture_whose_rework_is_cancelled_stays_delivered() -> None:
    order = shown_order(pictures=2, email="wang@example.com")
    customer_says(order, "可以")
    post(order)
    send(order, "revision_requested", note="太暗", task_id=order.pictures[0].task_id)
    send(order, "cancel_requested", requested_by="staff")
    assert statuses(order) == [S.COMPLETED, S.COMPLETED]
    assert "refund_due" not in told(order)


def test_the_rework_of_the_only_picture_is_called_off_without_a_refund() -> None:
    order = shown_order(email="wang@example.com")
    customer_says(order, "可以")
    post(order)
    send(order, "revision_requested", note="太暗")
    send(order, "cancel_requested", requested_by="staff")
    assert (order.status, order.label) == (S.COMPLETED, "已完成")
