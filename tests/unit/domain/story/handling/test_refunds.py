"""Refunds stop work at once, whoever gives them."""

from typing import Any

import pytest

from domain.story import progress
from domain.vocabulary.status import Status
from tests.unit.domain.making import (
    customer_says,
    examine,
    later,
    money,
    new_order,
    pass_time,
    post,
    quoted_order,
    send,
    shown_order,
    statuses,
    told,
    working_order,
)

S = Status


def test_a_refund_of_everything_cancels_the_work() -> None:
    order = working_order(pictures=2)
    send(order, "refund_recorded", refund_id="r1", amount="36.00", reason="the platform decided")
    assert (order.status, order.label) == (S.CANCELLED, "已取消")
    assert order.amount_refunded == money("36.00")
    assert told(order) == ["refunded"]


def test_a_refund_without_an_amount_is_of_everything() -> None:
    order = working_order()
    send(order, "refund_recorded", refund_id="r1")
    assert (order.status, order.amount_refunded) == (S.CANCELLED, money("18.00"))


def test_a_part_of_the_money_back_stops_the_work_until_staff_resume_it() -> None:
    order = working_order()
    send(order, "refund_recorded", refund_id="r1", amount="3", reason="late")
    assert (order.status, progress.is_workable(order, order.live[0])) == (S.PAID, False)
    send(order, "processing_resumed", requested_by="staff")
    assert progress.is_workable(order, order.live[0])


def test_a_part_of_the_money_back_before_the_customers_eyes_is_on_record() -> None:
    order = shown_order()
    send(order, "refund_recorded", refund_id="r1", amount="3")
    assert order.status is S.AWAITING_CONFIRM


def test_the_same_refund_told_twice_is_one() -> None:
    order = working_order()
    send(order, "refund_recorded", refund_id="r1", amount="3")
    send(order, "refund_recorded", refund_id="r1", amount="3", event_id="another")
    assert order.amount_refunded == money("3")


def test_a_refund_after_delivery_leaves_the_order_completed() -> None:
    order = shown_order(email="wang@example.com")
    customer_says(order, "可以")
    post(order)
    send(order, "refund_recorded", refund_id="r1")
    assert (order.status, order.amount_refunded) == (S.COMPLETED, money("18.00"))


def test_a_cancelled_order_shows_that_money_is_owed_until_it_went_back() -> None:
    order = working_order()
    send(order, "cancel_requested")
    assert (order.status, order.label) == (S.CANCELLED, "待退款")
    send(order, "refund_recorded", refund_id="r1", amount="18.00")
    assert order.label == "已取消"


def test_a_refund_that_comes_before_its_payment_lets_nothing_begin() -> None:
    order = quoted_order()
    send(order, "refund_recorded", refund_id="r1", amount="18")
    assert statuses(order) == [S.PENDING]
    send(order, "payment_received", payment_id="p1", amount="18")
    assert order.status is S.CANCELLED


def test_a_refund_of_nothing_at_all_is_on_record() -> None:
    order = new_order(pictures=0)
    send(order, "refund_recorded", refund_id="r1")
    assert (order.amount_refunded, order.status) == (money("0"), S.PENDING)


def test_a_part_of_the_money_back_says_nothing_of_a_payment_that_does_not_fit() -> None:
    order = working_order()
    send(order, "refund_recorded", refund_id="r1", amount="10")
    assert (order.hold, told(order)) == (None, ["refunded_stopped"])
    send(order, "processing_resumed", requested_by="staff")
    assert progress.is_workable(order, order.live[0])


# ---- before their payment, in doubt, twice ---------------------------------------------------------------------------


@pytest.mark.parametrize("refund", [{}, {"amount": "3"}, {"amount": "3,00"}, {"amount": "18", "currency": "USD"}])
def test_a_refund_before_its_payment_holds_the_work_until_staff_resume_it(refund: dict[str, Any]) -> None:
    order = quoted_order()
    send(order, "refund_recorded", refund_id="r1", **refund)
    send(order, "payment_received", payment_id="p1", amount="18")
    assert (order.status, progress.is_workable(order, order.live[0])) == (S.PAID, False)
    assert order.payments[0].flagged.phrase == "payment.refunded_before"
    pass_time(order, later(3 * 24 * 3600))
    assert not progress.is_workable(order, order.live[0])
    assert told(order)[:2] == ["refunded_stopped", "payment_flagged"]
    send(order, "processing_resumed", requested_by="staff")
    assert progress.is_workable(order, order.live[0])


def test_a_refund_of_an_order_without_pictures_holds_those_that_come() -> None:
    order = new_order(pictures=0)
    send(order, "payment_received", payment_id="p1", amount="18")
    send(order, "refund_recorded", refund_id="r1", amount="3")
    send(order, "image_received", image_url="https://shop.example/1.jpg")
    examine(order, order.live[0])
    send(order, "consent_recorded", kind="terms")
    assert not progress.is_workable(order, order.live[0])


def test_what_was_paid_twice_goes_back_and_the_work_goes_on() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="18")
    send(order, "payment_received", payment_id="p2", amount="18")
    send(order, "refund_recorded", refund_id="r1", amount="18")
    assert progress.is_workable(order, order.live[0])
    assert (order.amount_paid - order.amount_refunded, told(order)[-1]) == (money("18"), "refunded")


def test_more_back_than_was_paid_twice_stops_the_work() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="18")
    send(order, "payment_received", payment_id="p2", amount="18")
    send(order, "refund_recorded", refund_id="r1", amount="22")
    assert not progress.is_workable(order, order.live[0])


@pytest.mark.parametrize(
    ("first", "then", "booked"),
    [({"amount": "20"}, {}, ["20", "0"]), ({"amount": "15"}, {}, ["15", "3"]), ({}, {}, ["18", "0"])],
)
def test_a_refund_without_an_amount_is_what_is_left_at_that_moment(
    first: dict[str, Any], then: dict[str, Any], booked: list[str]
) -> None:
    order = working_order()
    send(order, "refund_recorded", refund_id="r1", **first)
    send(order, "refund_recorded", refund_id="r2", **then)
    assert [refund.amount for refund in order.refunds] == [money(amount) for amount in booked]
    assert order.status is S.CANCELLED


def test_more_back_than_was_paid_is_kept_and_flagged() -> None:
    order = working_order()
    send(order, "refund_recorded", refund_id="r1", amount="20")
    assert (order.amount_refunded, order.refunds[0].flagged.phrase) == (money("20"), "refund.too_much")


def test_the_same_refund_with_another_amount_is_flagged_and_told() -> None:
    order = working_order()
    send(order, "refund_recorded", refund_id="r1", amount="3")
    send(order, "refund_recorded", refund_id="r1", amount="5")
    assert (order.amount_refunded, order.refunds[0].flagged.phrase) == (money("3"), "refund.said_otherwise")
    assert told(order)[-1] == "money_said_otherwise"


@pytest.mark.parametrize("payment", [{}, {"amount": "lots"}, {"amount": "18", "currency": "USD"}])
def test_a_small_refund_of_what_cannot_be_compared_cancels_nothing(payment: dict[str, Any]) -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", **payment)
    send(order, "refund_recorded", refund_id="r1", amount="3", currency="CNY")
    assert (order.status, progress.is_workable(order, order.live[0])) == (S.PAID, False)
    send(order, "cancel_requested", requested_by="staff")
    assert order.label == "待退款"
    send(order, "refund_recorded", refund_id="r2", currency=payment.get("currency"))
    assert order.label == "已取消"


def test_money_back_leaves_what_was_declined_declined() -> None:
    order = new_order()
    examine(order, order.live[0], risk={"level": "high"})
    send(order, "payment_received", payment_id="p1", amount="18")
    send(order, "cancel_requested", requested_by="staff")
    send(order, "refund_recorded", refund_id="r1")
    assert (order.status, order.label) == (S.DECLINED, "不接单")
