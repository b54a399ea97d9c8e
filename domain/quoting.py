"""Complexity, text and risk become a quote that explains itself."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from domain import money
from domain.money import Payment, Quote, QuoteLine
from domain.order import Order
from domain.phrase import Said, said
from domain.pictures import Complexity, TextAmount
from domain.rules import PriceList, PriceRange, ShopRules
from domain.task import Picture

# Why staff should look at a payment.
EARLY = "payment.early"
NO_AMOUNT = "payment.no_amount"
UNREAD = "payment.unread"
OTHER_CURRENCY = "payment.other_currency"
TOO_LITTLE = "payment.too_little"
TOO_MUCH = "payment.too_much"
TWICE = "payment.twice"


def basis(order: Order) -> str:
    """Return in short what is wanted, as far as somebody said so: pictures, operations, requirements."""
    wanted = [
        [picture.task_id, "" if picture.operation_by == "analysis" else picture.operation, *picture.requirements]
        for picture in order.live
    ]
    return sha256(repr(wanted).encode(errors="backslashreplace")).hexdigest()[:16]


def quote(order: Order, rules: ShopRules, now: datetime) -> Quote:
    """Price every picture by what its analysis says; a price that was set stands over their sum while it holds."""
    wanted = basis(order)
    fixed = order.fixed if order.fixed and order.fixed.basis == wanted else None
    priced = [picture for picture in order.live if picture.analysis]
    return Quote(
        version=order.quote.version + 1 if order.quote else 1,
        lines=[_line(picture, rules.prices) for picture in priced],
        currency=rules.prices.currency,
        high_value=any(_is_high_value(picture) for picture in priced),
        quoted_at=now,
        basis=wanted,
        after_payment=order.paid_at is not None,
        fixed=fixed,
        expected_cost=rules.picture_cost * len(priced),
        cost_currency=rules.prices.currency,
    )


def is_news(new: Quote, last: Quote | None) -> bool:
    """Whether a quote says something that the last one did not."""
    if last is None:
        return True
    return new.fixed != last.fixed or (new.fixed is None and (new.lines, new.basis) != (last.lines, last.basis))


# ---- whether what was paid is the price ------------------------------------------------------------------------------


def bound(order: Order) -> Quote | None:
    """Return the quote that what was paid is held against: before payment the last one.

    One that covers a picture which came in meanwhile takes the place of the one paid for.
    """
    if not order.payments:
        return order.quote
    told = order.quote_at(order.payments[0].paid_at)
    later = [quote for quote in order.quotes if told and quote.version > told.version]
    covering = [quote for quote in later if quote.after_payment and not quote.fixed]
    return covering[-1] if covering else told


def judge_early_payments(payments: Sequence[Payment], first: Quote) -> None:
    """Hold payments that came before any quote against the first one."""
    paid_before = Decimal(0)
    for payment in payments:
        if payment.flagged.phrase == EARLY:
            payment.flagged = flag_of(payment, first, paid_before)
        paid_before += payment.amount if payment.currency == first.currency else Decimal(0)


def trouble(order: Order) -> Said:
    """Return why all that was paid does not fit the price, or nothing: then work may begin.

    A payment without an amount counts as paid. A price that somebody set later may only let it pass.
    """
    if not order.payments or not order.quotes:
        return Said()
    doubtful = [payment for payment in order.payments if payment.words or payment.said_otherwise]
    if doubtful:
        return doubtful[0].flagged
    left = money.left(order.payments, order.refunds)
    if foreign := [currency for currency, amount in left.items() if currency != order.currency and amount > 0]:
        return said(OTHER_CURRENCY, paid=foreign[0], quoted=order.currency)
    if not all(payment.is_known for payment in order.payments):
        return Said()
    paid, last = left.get(order.currency, Decimal(0)), order.quotes[-1]
    told = bound(order)
    if last.fixed and told and last.version > told.version and not misfit(paid, last):
        return Said()
    return misfit(paid, told) if told else Said()


def is_excess(order: Order) -> bool:
    """Whether what went back was too much: of what was paid twice, say, and the whole price is here all the same."""
    told, is_twice = bound(order), any(payment.flagged.phrase in {TWICE, TOO_MUCH} for payment in order.payments)
    return is_twice and told is not None and money.is_certain(order.payments, order.refunds) and not trouble(order)


def flag_of(payment: Payment, told: Quote | None, paid_before: Decimal = Decimal(0)) -> Said:
    """Return why staff should look at a payment, or nothing. `told` is the quote that it binds; payments add up."""
    if payment.words:
        return said(UNREAD, words=payment.words)
    if not payment.is_known:
        return said(NO_AMOUNT)
    if told is None:
        return said(EARLY)
    if payment.currency != told.currency:
        return said(OTHER_CURRENCY, paid=payment.currency, quoted=told.currency)
    is_whole = payment.amount >= told.minimum > 0
    if is_whole and paid_before >= told.minimum and not misfit(paid_before + payment.amount, told):
        return said(TWICE, span=told.span, currency=told.currency)
    return misfit(paid_before + payment.amount, told)


def misfit(paid: Decimal, told: Quote) -> Said:
    """Return in which way an amount does not fit a price, or nothing."""
    if paid < told.minimum:
        missing = money.figure(told.minimum - paid)
        return said(TOO_LITTLE, span=told.span, currency=told.currency, paid=money.figure(paid), missing=missing)
    if paid > 2 * told.maximum:
        return said(TOO_MUCH, span=told.span, currency=told.currency, paid=money.figure(paid))
    return Said()


# ---- what a picture costs --------------------------------------------------------------------------------------------


def _line(picture: Picture, prices: PriceList) -> QuoteLine:
    base, factor = _base(picture, prices)
    surcharge = prices.surcharges.get(picture.operation, Decimal(0)) if picture.operation else Decimal(0)
    factors = [said(f"price.{factor}", operation=picture.operation, span=money.span(base.minimum, base.maximum))]
    if surcharge:
        factors.append(said("price.surcharge", operation=picture.operation, amount=money.figure(surcharge)))
    return QuoteLine(
        task_id=picture.task_id,
        minimum=base.minimum + surcharge,
        maximum=base.maximum + surcharge,
        factors=factors,
    )


def _base(picture: Picture, prices: PriceList) -> tuple[PriceRange, str]:
    assert picture.analysis is not None
    if _is_high_value(picture):
        return prices.much_text, "much_text"
    complexity = picture.analysis.complexity
    ranges = {
        Complexity.SIMPLE: prices.simple,
        Complexity.NORMAL: prices.normal,
        Complexity.COMPLEX: prices.complex,
        Complexity.HARD: prices.hard,
        Complexity.UNKNOWN: prices.unknown,
    }
    return ranges[complexity], complexity


def _is_high_value(picture: Picture) -> bool:
    return picture.analysis is not None and picture.analysis.text_amount is TextAmount.MUCH
