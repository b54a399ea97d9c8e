"""Payments: repeats, flags, what staff look at first, what comes late."""

from typing import Any

import pytest

from domain.attempts.work import Examined
from domain.order.inbox import Inbox
from domain.order.order import Order
from domain.story import hearing, progress
from domain.texts.phrase import said
from domain.vocabulary.money import KEPT_QUOTES
from domain.vocabulary.status import Status
from tests.unit.domain.making import (
    NOW,
    customer_says,
    examine,
    happened,
    later,
    money,
    new_order,
    pass_time,
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
    assert order.payments[0].flagged.phrase == "payment.too_little"
    assert order.status is S.PAID


@pytest.mark.parametrize("amount", ["0", "0.00", "￥0", 0])
@pytest.mark.parametrize("refund", [None, "0", "0.00元"])
def test_a_payment_of_nothing_is_held_for_staff_and_cancels_nothing(amount: Any, refund: str | None) -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount=amount)
    if refund:
        send(order, "refund_recorded", refund_id="r1", amount=refund)
    assert (order.status, order.label) == (S.PAID, "已付款")
    assert not progress.is_workable(order, order.live[0])
    assert told(order)[0] == "payment_held"
    send(order, "payment_received", payment_id="p2", amount="18")
    send(order, "processing_resumed", requested_by="staff")
    assert progress.is_workable(order, order.live[0])


def test_a_cancelled_order_that_was_paid_with_nothing_owes_nothing() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="0")
    send(order, "cancel_requested", requested_by="staff")
    assert (order.status, order.label) == (S.CANCELLED, "已取消")


def test_a_payment_without_an_amount_is_taken_as_paid_and_flagged() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1")
    assert (order.amount_paid, order.payments[0].flagged.phrase) == (money("0"), "payment.no_amount")
    assert order.paid_at == NOW


def test_a_payment_binds_the_quote_that_was_told_before_it_was_made() -> None:
    order = quoted_order()
    dearer = order.quote.lines[0].model_copy(update={"minimum": money("60"), "maximum": money("80")})
    order.quotes.append(order.quote.model_copy(update={"version": 2, "quoted_at": later(60), "lines": [dearer]}))
    send(order, "payment_received", payment_id="p1", amount="18", paid_at=later(30), now=later(90))
    assert not order.payments[0].flagged


# ---- what staff look at first ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payment", "why"),
    [
        ({"amount": "1"}, "payment.too_little"),
        ({"amount": "18", "currency": "USD"}, "payment.other_currency"),
        ({"amount": "41"}, "payment.too_much"),
        ({"amount": "25,00"}, "payment.unread"),
        ({"amount": "18", "currency": "coins"}, "payment.unread"),
        ({"amount": "18", "paid_at": "yesterday"}, "payment.unread"),
    ],
)
def test_a_payment_that_does_not_fit_is_kept_flagged_and_waits_for_staff(payment: dict[str, Any], why: str) -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", **payment)
    assert (order.status, order.payments[0].flagged.phrase, order.hold.why.phrase) == (S.PAID, why, why)
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
    assert order.payments[0].flagged == order.hold.why
    assert order.hold.why.phrase == "payment.too_little"


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
    assert order.payments[0].flagged.phrase == "payment.after_end"
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
    assert [quote.span for quote in order.quotes] == ["15.00-20.00", "30.00-40.00"]
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
    assert (bool(order.payments[0].flagged), order.hold) == (False, None)


def test_an_order_is_paid_when_the_platform_says_so_not_when_we_hear_of_it() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="18", paid_at=later(60), now=later(40 * 3600))
    assert order.paid_at == later(60)


def test_a_picture_of_a_paid_order_that_cannot_be_opened_is_staffs_to_settle() -> None:
    order = new_order()
    send(order, "payment_received", payment_id="p1", amount="18")
    progress.examined(order, order.live[0], Examined(refused="cut off"), NOW)
    assert told(order) == ["paid_without_picture"]


# ---- what ids say, and how much is missing ---------------------------------------------------------------------------


def heard(*sent: tuple[str, dict[str, Any]]) -> Order:
    """An order that was quoted 15-20 and heard these by its inbox."""
    order, inbox = quoted_order(), Inbox()
    for signal, payload in sent:
        inbox.put(signal, payload, (), NOW)
    hearing.process_inbox(inbox, order, NOW)
    return order


PAID = ("payment_received", {"event_id": "e1", "payment_id": "p1", "amount": "18"})


@pytest.mark.parametrize("again", [{"amount": "25"}, {"amount": "25,00"}, {"amount": "18", "currency": "USD"}])
@pytest.mark.parametrize("event", ["e1", "e2"])
def test_the_same_payment_with_something_else_is_kept_flagged_told_once_and_holds_the_work(
    again: dict[str, Any], event: str
) -> None:
    other = ("payment_received", {"payment_id": "p1", "event_id": event, **again})
    order = heard(PAID, other, other, ("payment_received", {"payment_id": "p1", "event_id": "e9", **again}))
    assert (order.amount_paid, len(order.payments)) == (money("18"), 1)
    assert order.payments[0].flagged.phrase == order.hold.why.phrase == "payment.said_otherwise"
    assert told(order) == ["money_said_otherwise", "payment_held"]
    assert happened(order).count("money_said_otherwise") == 1


@pytest.mark.parametrize("again", [{}, {"amount": "18.00"}, {"amount": "￥18"}, {"amount": 18, "currency": "cny"}])
def test_the_same_payment_in_other_words_is_a_repeat(again: dict[str, Any]) -> None:
    order = heard(PAID, ("payment_received", {"event_id": "e2", "payment_id": "p1", **again}))
    assert (order.hold, told(order)) == (None, [])


def test_one_event_with_two_payments_keeps_both_and_tells_staff() -> None:
    order = heard(PAID, ("payment_received", {"event_id": "e1", "payment_id": "p2", "amount": "2"}))
    assert order.amount_paid == money("20")
    assert [payment.flagged.phrase for payment in order.payments] == ["", "payment.same_event"]
    assert told(order) == ["payment_flagged"]


def test_the_whole_price_once_more_is_told_and_holds_nothing_up() -> None:
    order = heard(PAID, ("payment_received", {"payment_id": "p2", "amount": "18"}))
    assert [payment.flagged.phrase for payment in order.payments] == ["", "payment.twice"]
    assert (order.hold, told(order)) == (None, ["payment_flagged"])


def test_who_paid_too_little_hears_each_time_how_much_is_missing() -> None:
    order = heard(("payment_received", {"payment_id": "p1", "amount": "9.5"}))
    assert phrases(order)[-1] == "underpaid_hint"
    assert (order.outbox[-1].values["paid"], order.outbox[-1].values["missing"]) == ("9.50", "5.50")
    send(order, "payment_received", payment_id="p2", amount="3")
    assert (phrases(order)[-1], order.outbox[-1].values["missing"]) == ("underpaid_hint", "2.50")
    send(order, "payment_received", payment_id="p3", amount="2.5")
    assert (phrases(order).count("underpaid_hint"), order.hold) == (2, None)


def test_a_payment_that_cannot_be_read_reaches_staff_once_with_its_words() -> None:
    order = heard(("payment_received", {"payment_id": "p1", "amount": "25,00", "currency": "RMB"}))
    (notice,) = order.notices
    assert notice.phrase == "staff_payment_held"
    assert notice.values["why"] == said("payment.unread", words="25,00 CNY")
    assert (order.status, order.amount_paid) == (S.PAID, money("0"))
    assert not progress.is_workable(order, order.live[0])


def test_a_time_without_a_zone_is_the_shops() -> None:
    order = heard(("payment_received", {"payment_id": "p1", "amount": "18", "paid_at": "2026-11-22 17:00:00"}))
    assert order.paid_at == NOW.replace(hour=9)


def test_many_changes_of_a_price_leave_what_a_late_payment_binds() -> None:
    order = quoted_order()
    for number in range(100):
        send(order, "quote_set", amount=str(20 + number), now=later(60 * (number + 1)))
    assert len(order.quotes) <= KEPT_QUOTES
    assert (order.quote.version, order.quote.span) == (101, "119.00")
    assert order.quote_at(later(60 * 99 + 1)).span == "118.00"
    assert order.quote_at(NOW).minimum == money("15")
    send(order, "payment_received", payment_id="p1", amount="15", paid_at=later(30), now=later(60 * 101))
    assert not order.payments[0].flagged
