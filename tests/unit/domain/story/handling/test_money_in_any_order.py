"""Payments and refunds in any order, with and without amounts, currencies and ids: the books hold, work is safe."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.order.inbox import Inbox
from domain.order.order import Order
from domain.story import consequences, hearing, progress
from domain.vocabulary import money
from domain.vocabulary.status import Status
from tests.unit.domain.making import NOW, new_order, quoted_order, shown_order, working_order

AMOUNTS = st.sampled_from([None, "0", "3", "15", "18", "￥20", "20.00", "45", "25,00", "lots", -1])
CURRENCIES = st.sampled_from([None, None, None, "CNY", "RMB", "USD", "coins"])
EVENTS = st.sampled_from([None, "e1", "e2"])


def of(kind: str) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    named = "payment_id" if kind == "payment_received" else "refund_id"
    fields = {
        "amount": AMOUNTS,
        "currency": CURRENCIES,
        "event_id": EVENTS,
        named: st.sampled_from(["a", "b", "c", None]),
    }
    return st.tuples(st.just(kind), st.fixed_dictionaries(fields))


MOVES = st.lists(of("payment_received") | of("refund_recorded"), max_size=8)


@given(st.sampled_from([quoted_order, new_order, working_order, shown_order]), st.integers(0, 2), MOVES)
def test_the_books_hold_whatever_comes_in_whatever_order(
    begun: Any, pictures: int, moves: list[tuple[str, dict[str, Any]]]
) -> None:
    order, inbox = begun(pictures), Inbox()
    for number, (signal, payload) in enumerate(moves, 1):
        at = NOW + timedelta(seconds=number)
        before = (order.amount_paid, order.amount_refunded, len(order.refunds))
        inbox.put(signal, payload, (), at)
        hearing.process_inbox(inbox, order, at)
        consequences.apply_rules(order, at)
        assert not [line for line in order.journal if line.what == "unexpected_error"]
        assert all(moved.amount >= 0 for moved in [*order.payments, *order.refunds])
        assert order.amount_paid == sum(p.amount for p in order.payments if p.currency == order.currency)
        if len(order.refunds) > before[2] and payload["amount"] is None:
            assert order.refunds[-1].amount <= max(before[0] - before[1], *_foreign(order), Decimal(0))
        _judge(order)


def _foreign(order: Order) -> list[Decimal]:
    """All that came in each other currency."""
    foreign = [payment for payment in order.payments if payment.currency != order.currency]
    currencies = sorted({payment.currency for payment in foreign})
    return [sum((p.amount for p in foreign if p.currency == name), Decimal(0)) for name in currencies] or [Decimal(0)]


def _judge(order: Order) -> None:
    """What is in doubt is staff's: nothing is cancelled for it, and nothing is begun with it."""
    is_known = money.is_certain(order.payments, order.refunds)
    if order.status is Status.CANCELLED:
        assert is_known or order.is_refund_due or order.refunds
    left = money.balances(order.payments, order.refunds)
    if order.payments and is_known and max(left.values()) <= 0:
        assert order.status is not Status.PROCESSING
    if order.refunds and not order.payments:
        assert not any(progress.is_workable(order, picture) for picture in order.live)
    if not is_known and order.refunds:
        workable = [picture for picture in order.live if progress.is_workable(order, picture)]
        assert not [picture for picture in workable if picture.status is Status.PAID]
    assert order.label == ("待退款" if order.is_refund_due else order.status.label)


@pytest.mark.parametrize(
    "refund", [{"amount": "3"}, {}, {"amount": "18"}, {"amount": "25,00"}, {"amount": "18", "currency": "USD"}]
)
@pytest.mark.parametrize(
    "payment", [{}, {"amount": "25,00"}, {"amount": "18", "currency": "USD"}, {"amount": "18", "currency": "coins"}]
)
def test_what_cannot_be_compared_never_counts_as_all(payment: dict[str, Any], refund: dict[str, Any]) -> None:
    order, inbox = quoted_order(), Inbox()
    inbox.put("payment_received", {"payment_id": "p1", **payment}, (), NOW)
    inbox.put("refund_recorded", {"refund_id": "r1", **refund}, (), NOW)
    hearing.process_inbox(inbox, order, NOW)
    is_certain = payment.get("currency") == "USD" and (not refund or payment.get("currency") == refund.get("currency"))
    assert (order.status is Status.CANCELLED) == is_certain
    assert not any(progress.is_workable(order, picture) for picture in order.live)
