"""Payments: repeats, flags, what staff look at first, what comes late."""

from typing import Any

import pytest

from domain import progress
from domain.status import Status
from domain.work import Examined
from tests.unit.domain.making import (
    NOW,
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


def test_a_payment_starts_every_picture() -> None:
    order = quoted_order(pictures=2)
    send(order, "payment_received", payment_id="p1", amount="35.00", now=later(5))
    assert statuses(order) == [S.PAID, S.PAID]
    assert (order.paid_at, order.amount_paid) == (later(5), money("35.00"))


def test_the_same_payment_told_twice_is_one() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="18")
    send(order, "payment_received", payment_id="p1", amount="18", event_id="another")
    assert order.amount_paid == money("18")


def test_the_event_id_stands_in_for_a_payment_id() -> None:
    order = quoted_order()
    send(order, "payment_received", event_id="e7", amount="18")
    assert order.payments[0].payment_id == "e7"


def test_different_payments_add_up_and_the_rest_of_a_price_is_not_flagged() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="10")
    send(order, "payment_received", payment_id="p2", amount="8")
    assert order.amount_paid == money("18")
    assert [bool(payment.flagged) for payment in order.payments] == [True, False]


def test_a_payment_below_the_quote_is_kept_and_flagged() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="1")
    assert order.payments[0].flagged == "below the quote of 15-20 CNY"
    assert order.status is S.PAID


def test_a_payment_without_an_amount_is_taken_as_paid_and_flagged() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1")
    assert (order.amount_paid, order.payments[0].flagged) == (money("0"), "no amount given")
    assert order.paid_at == NOW


def test_a_payment_binds_the_quote_that_was_told_before_it_was_made() -> None:
    order = quoted_order()
    dearer = order.quote.lines[0].model_copy(update={"minimum": money("60"), "maximum": money("80")})
    order.quotes.append(order.quote.model_copy(update={"version": 2, "quoted_at": later(60), "lines": [dearer]}))
    send(order, "payment_received", payment_id="p1", amount="18", paid_at=later(30), now=later(90))
    assert order.payments[0].flagged == ""


# ---- what staff look at first ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payment", "why"),
    [
        ({"amount": "1"}, "below the quote of 15-20 CNY"),
        ({"amount": "18", "currency": "USD"}, "paid in USD, quoted in CNY"),
        ({"amount": "41"}, "more than twice the quote of 15-20 CNY"),
    ],
)
def test_a_payment_that_does_not_fit_is_kept_flagged_and_waits_for_staff(payment: dict[str, Any], why: str) -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", **payment)
    assert (order.status, order.payments[0].flagged, order.hold.why) == (S.PAID, why, why)
    assert not progress.is_workable(order, order.live[0])
    assert told(order) == ["payment_held"]


def test_a_flagged_payment_proceeds_after_half_an_hour_of_shop_hours() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="1")
    pass_time(order, later(29 * 60))
    assert not progress.is_workable(order, order.live[0])
    pass_time(order, later(30 * 60))
    assert progress.is_workable(order, order.live[0])
    assert order.payments[0].flagged


def test_staff_let_a_flagged_payment_pass_at_once() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="1")
    send(order, "processing_resumed", requested_by="staff", reason="the rest comes by cash")
    assert progress.is_workable(order, order.live[0])


def test_the_rest_of_the_price_lifts_the_hold() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="10")
    assert order.hold is not None
    send(order, "payment_received", payment_id="p2", amount="8")
    assert order.hold is None
    assert progress.is_workable(order, order.live[0])


def test_a_price_that_staff_set_to_what_was_paid_lifts_the_hold() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="10")
    send(order, "quote_set", amount="10", reason="bargained", now=later(60))
    assert order.hold is None


def test_money_in_another_currency_is_not_added_up() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="18", currency="USD")
    assert order.amount_paid == money("0")


def test_a_payment_without_an_amount_waits_for_nobody() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1")
    assert (order.hold, told(order)) == (None, ["payment_flagged"])


def test_a_payment_before_any_quote_is_held_against_the_first() -> None:
    order = new_order()
    send(order, "payment_received", payment_id="p1", amount="1")
    assert (order.hold, told(order)) == (None, [])
    examine(order, order.live[0])
    send(order, "consent_recorded", kind="terms")
    assert order.payments[0].flagged == order.hold.why == "below the quote of 15-20 CNY"


def test_a_second_payment_while_the_work_runs_holds_nothing_up() -> None:
    order = working_order()
    send(order, "payment_received", payment_id="p2", amount="100")
    assert (order.status, order.hold) == (S.PROCESSING, None)
    assert told(order) == ["payment_flagged"]


def test_a_payment_without_a_picture_is_told_to_staff_and_the_order_waits_for_one() -> None:
    order = new_order(pictures=0)
    send(order, "payment_received", payment_id="p1", amount="18")
    assert (order.status, told(order)) == (S.PAID, ["paid_without_picture"])


def test_whoever_pays_an_expired_order_is_served_all_the_same() -> None:
    order = quoted_order()
    pass_time(order, later(73 * 3600))
    assert order.status is S.EXPIRED
    send(order, "payment_received", payment_id="p1", amount="18", now=later(80 * 3600))
    assert (order.status, order.finished_at, statuses(order)) == (S.PAID, None, [S.PAID])
    assert progress.is_workable(order, order.live[0])


def test_a_payment_after_cancelling_is_kept_and_to_be_refunded() -> None:
    order = quoted_order()
    send(order, "cancel_requested")
    send(order, "payment_received", payment_id="p1", amount="18")
    assert (order.status, order.label) == (S.CANCELLED, "待退款")
    assert order.payments[0].flagged == "the order is cancelled"
    assert told(order)[-2:] == ["refund_due", "payment_flagged"]


def test_a_payment_after_completion_is_on_record() -> None:
    order = shown_order(email="wang@example.com")
    customer_says(order, "可以")
    post(order)
    send(order, "payment_received", payment_id="p2", amount="2")
    assert (order.status, order.amount_paid) == (S.COMPLETED, money("20.00"))


def test_a_picture_that_comes_as_the_order_is_paid_is_priced_before_anything_begins() -> None:
    order = quoted_order()
    send(order, "image_received", image_url="https://shop.example/2.jpg")
    send(order, "payment_received", payment_id="p1", amount="15")
    examine(order, order.live[1])
    send(order, "consent_recorded", kind="terms")
    assert [quote.span for quote in order.quotes] == ["15-20", "30-40"]
    assert order.hold is not None
    assert not any(progress.is_workable(order, picture) for picture in order.live)
    send(order, "payment_received", payment_id="p2", amount="15")
    assert all(progress.is_workable(order, picture) for picture in order.live)


def test_nothing_begins_before_an_early_payment_is_held_against_a_price() -> None:
    order = new_order(pictures=2)
    send(order, "payment_received", payment_id="p1", amount="1")
    examine(order, order.live[0])
    send(order, "consent_recorded", kind="terms")
    assert not progress.is_workable(order, order.live[0])
    examine(order, order.live[1])
    send(order, "consent_recorded", kind="of the rules")
    assert order.hold is not None


def test_money_in_another_currency_lifts_no_early_payment_over_its_price() -> None:
    order = new_order()
    send(order, "payment_received", payment_id="p1", amount="10", currency="USD")
    send(order, "payment_received", payment_id="p2", amount="10")
    examine(order, order.live[0])
    send(order, "consent_recorded", kind="terms")
    assert [bool(payment.flagged) for payment in order.payments] == [True, True]


def test_a_price_that_is_raised_after_payment_holds_nothing_up() -> None:
    order = quoted_order()
    send(order, "quote_set", amount="25", now=later(120))
    send(order, "payment_received", payment_id="p1", amount="18", paid_at=later(60), now=later(180))
    assert (order.payments[0].flagged, order.hold) == ("", None)


def test_an_order_is_paid_when_the_platform_says_so_not_when_we_hear_of_it() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="18", paid_at=later(60), now=later(40 * 3600))
    assert order.paid_at == later(60)


def test_a_picture_of_a_paid_order_that_cannot_be_opened_is_staffs_to_settle() -> None:
    order = new_order()
    send(order, "payment_received", payment_id="p1", amount="18")
    progress.examined(order, order.live[0], Examined(refused="cut off"), NOW)
    assert told(order) == ["paid_without_picture"]
