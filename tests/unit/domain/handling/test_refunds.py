"""Refunds stop work at once, whoever gives them."""

from domain import progress
from domain.status import Status
from tests.unit.domain.making import (
    customer_says,
    money,
    new_order,
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
    assert (order.hold, told(order)) == (None, ["refunded"])
    send(order, "processing_resumed", requested_by="staff")
    assert progress.is_workable(order, order.live[0])
