"""Checks payments against the quote."""

from collections.abc import Sequence
from decimal import Decimal

from domain.order.order import Order
from domain.texts.phrase import Said, said
from domain.vocabulary import money
from domain.vocabulary.money import Payment, Quote

# Why staff should check a payment.
EARLY = "payment.early"
NO_AMOUNT = "payment.no_amount"
UNREAD = "payment.unread"
OTHER_CURRENCY = "payment.other_currency"
TOO_LITTLE = "payment.too_little"
TOO_MUCH = "payment.too_much"
TWICE = "payment.twice"


def binding_quote(order: Order) -> Quote | None:
    """Return the quote that payments are checked against: before any payment, the last one.

    A later quote that covers a picture which arrived meanwhile replaces the one paid for.
    """
    if not order.payments:
        return order.quote
    told = order.quote_at(order.payments[0].paid_at)
    later = [quote for quote in order.quotes if told and quote.version > told.version]
    covering = [quote for quote in later if quote.after_payment and not quote.fixed]
    return covering[-1] if covering else told


def judge_early_payments(payments: Sequence[Payment], first: Quote) -> None:
    """Check payments that came before any quote against the first quote."""
    paid_before = Decimal(0)
    for payment in payments:
        if payment.flagged.phrase == EARLY:
            payment.flagged = flag_for(payment, first, paid_before)
        paid_before += payment.amount if payment.currency == first.currency else Decimal(0)


def misfit_of_order(order: Order) -> Said:
    """Return why the total paid does not match the price; empty if it does and work may begin.

    A payment without an amount counts as paid. A price fixed later can only make a mismatch acceptable.
    """
    if not order.payments or not order.quotes:
        return Said()
    doubtful = [payment for payment in order.payments if payment.words or payment.said_otherwise]
    if doubtful:
        return doubtful[0].flagged
    left = money.balances(order.payments, order.refunds)
    if foreign := [currency for currency, amount in left.items() if currency != order.currency and amount > 0]:
        return said(OTHER_CURRENCY, paid=foreign[0], quoted=order.currency)
    if not all(payment.is_known for payment in order.payments):
        return Said()
    paid, last = left.get(order.currency, Decimal(0)), order.quotes[-1]
    told = binding_quote(order)
    if last.fixed and told and last.version > told.version and not misfit_of_amount(paid, last):
        return Said()
    return misfit_of_amount(paid, told) if told else Said()


def is_refund_of_excess(order: Order) -> bool:
    """Whether a refund only returned an excess, such as a double payment, so that the full price is still paid."""
    told, is_twice = (
        binding_quote(order),
        any(payment.flagged.phrase in {TWICE, TOO_MUCH} for payment in order.payments),
    )
    return (
        is_twice and told is not None and money.is_certain(order.payments, order.refunds) and not misfit_of_order(order)
    )


def flag_for(payment: Payment, told: Quote | None, paid_before: Decimal = Decimal(0)) -> Said:
    """Return why staff should check a payment, or empty. `told` is the quote it is for; payments add up."""
    if payment.words:
        return said(UNREAD, words=payment.words)
    if not payment.is_known:
        return said(NO_AMOUNT)
    if told is None:
        return said(EARLY)
    if payment.currency != told.currency:
        return said(OTHER_CURRENCY, paid=payment.currency, quoted=told.currency)
    is_whole = payment.amount >= told.minimum > 0
    if is_whole and paid_before >= told.minimum and not misfit_of_amount(paid_before + payment.amount, told):
        return said(TWICE, span=told.span, currency=told.currency)
    return misfit_of_amount(paid_before + payment.amount, told)


def misfit_of_amount(paid: Decimal, told: Quote) -> Said:
    """Return why an amount does not match a quote; empty if it does."""
    if paid < told.minimum:
        missing = money.figure(told.minimum - paid)
        return said(TOO_LITTLE, span=told.span, currency=told.currency, paid=money.figure(paid), missing=missing)
    if paid > 2 * told.maximum:
        return said(TOO_MUCH, span=told.span, currency=told.currency, paid=money.figure(paid))
    return Said()
