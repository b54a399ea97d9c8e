"""Quotes: versions, what makes a new one, prices that somebody sets."""

from typing import Any

import pytest

from domain.order.order import Order
from domain.texts.phrase import said, written
from domain.vocabulary.pictures import Complexity, TextAmount
from domain.vocabulary.rules import ShopRules
from domain.vocabulary.status import Status
from tests.unit.domain.making import (
    NOW,
    examine,
    later,
    money,
    new_order,
    phrases,
    quoted_order,
    send,
    shown_order,
    told,
    working_order,
)


def test_the_bot_is_given_the_price_to_word_it_itself() -> None:
    order = quoted_order()
    (hint,) = order.outbox
    assert (hint.kind, hint.phrase, hint.fallback) == ("hint", "quote_hint", "quote")
    assert hint.values == {
        "count": "1", "span": "15.00-20.00", "due": "15.00",
        "reasons": [said("price.normal", operation="enhance", span="15.00-20.00")],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("signal", "payload", "span"),
    [
        ("image_received", {"image_url": "https://shop.example/2.jpg"}, "30.00-40.00"),
        ("operation_changed", {"operation": "vectorize"}, "15.00-20.00"),
        ("requirement_added", {"requirement": "白底"}, "15.00-20.00"),
    ],
)
def test_a_change_before_payment_makes_a_new_version_and_the_bot_hears_the_difference(
    signal: str, payload: dict[str, Any], span: str
) -> None:
    order = quoted_order()
    send(order, signal, **payload)
    for picture in order.live:
        if not picture.is_examined:
            examine(order, picture)
    send(order, "consent_recorded", kind="terms")
    assert (order.quote.version, order.quote.span) == (2, span)
    assert phrases(order)[-1] == ("quote_same_hint" if span == "15.00-20.00" else "quote_changed_hint")
    assert order.outbox[-1].values["span"] == span


def test_free_words_make_no_new_version() -> None:
    order = quoted_order()
    send(order, "customer_message", text="脸部清晰一点")
    assert order.quote.version == 1


def test_a_price_may_be_fixed_by_staff_or_bot_with_a_reason() -> None:
    order = quoted_order()
    send(order, "quote_set", amount="12.50", set_by="bot", reason="coupon")
    assert (order.quote.version, order.quote.span) == (2, "12.50")
    assert order.quote.fixed.reason == "coupon"
    assert order.outbox[-1].values["reasons"] == [said("price.fixed", by="bot", reason=written("coupon"))]


def test_a_fixed_price_stands_until_something_else_is_wanted() -> None:
    order = quoted_order()
    send(order, "quote_set", amount="12")
    send(order, "customer_message", text="脸部清晰一点")
    assert order.quote.span == "12.00"
    send(order, "requirement_added", requirement="白底")
    assert order.quote.span == "15.00-20.00"


def test_a_fixed_price_that_is_paid_is_not_flagged() -> None:
    order = quoted_order()
    send(order, "quote_set", amount="8")
    send(order, "payment_received", payment_id="p1", amount="8", now=later(5))
    assert (bool(order.payments[0].flagged), order.hold) == (False, None)


def test_much_text_is_a_high_value_order_and_staff_are_told_once() -> None:
    order = new_order()
    examine(order, order.live[0], text_amount=TextAmount.MUCH)
    send(order, "requirement_added", requirement="白底")
    assert (order.quote.version, order.quote.span, told(order)) == (1, "60.00-80.00", ["high_value"])
    send(order, "requirement_added", requirement="2K")
    assert told(order) == ["high_value"]


def test_a_quote_says_what_the_models_are_expected_to_cost() -> None:
    order = new_order(pictures=2)
    order.rules = ShopRules(picture_cost=money("0.10"))
    for picture in order.live:
        examine(order, picture, complexity=Complexity.SIMPLE)
    send(order, "consent_recorded", kind="terms")
    assert (order.quote.expected_cost, order.quote.cost_currency) == (money("0.20"), "CNY")


def test_a_price_set_after_payment_is_on_record_and_asks_nobody_to_pay() -> None:
    order = working_order()
    before = len(order.outbox)
    send(order, "quote_set", amount="30", reason="more work than we thought")
    assert order.quote.span == "30.00"
    assert len(order.outbox) == before
    assert order.status is Status.PROCESSING


def test_nothing_is_quoted_anew_after_payment() -> None:
    order: Order = shown_order()
    send(order, "requirement_added", requirement="白底", changed_by="staff", now=NOW)
    assert len(order.quotes) == 1


def test_a_price_set_before_the_first_look_holds_when_the_look_is_done() -> None:
    order = new_order()
    send(order, "quote_set", amount="12")
    examine(order, order.live[0])
    send(order, "analysis_received", complexity="hard")
    assert [quote.span for quote in order.quotes] == ["12.00"]


def test_no_price_is_set_for_what_is_cancelled() -> None:
    order = quoted_order()
    send(order, "cancel_requested")
    before = len(order.outbox)
    answer = send(order, "quote_set", amount="12")
    assert answer is not None
    assert (answer.accepted, len(order.outbox)) == (False, before)
