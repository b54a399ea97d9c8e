"""Complexity, text and risk become a quote that explains itself."""

from datetime import datetime
from decimal import Decimal

from domain.money import Payment, Quote, QuoteLine
from domain.order import Order
from domain.pictures import Complexity, TextAmount
from domain.rules import PriceList, PriceRange, ShopRules
from domain.task import Picture

EARLY = "paid before any quote"
NO_AMOUNT = "no amount given"


def basis(order: Order) -> str:
    """Return what is wanted, as far as somebody said so: pictures, operations, requirements."""
    wanted = [
        (picture.task_id, "" if picture.operation_by == "analysis" else picture.operation, *picture.requirements)
        for picture in order.live
    ]
    return "; ".join(",".join(filter(None, one)) for one in wanted)


def quote(order: Order, rules: ShopRules, now: datetime) -> Quote:
    """Price every picture by what its analysis says; a price that was set stands over their sum while it holds."""
    fixed = order.fixed if order.fixed and order.fixed.basis == basis(order) else None
    priced = [picture for picture in order.live if picture.analysis]
    return Quote(
        version=len(order.quotes) + 1,
        lines=[_line(picture, rules.prices) for picture in priced],
        currency=rules.prices.currency,
        high_value=any(_is_high_value(picture) for picture in priced),
        quoted_at=now,
        after_payment=order.paid_at is not None,
        fixed=fixed,
        expected_cost=rules.picture_cost * len(priced),
        cost_currency=rules.prices.currency,
    )


def is_news(new: Quote, last: Quote | None) -> bool:
    """Whether a quote says something that the last one did not."""
    if last is None:
        return True
    return new.fixed != last.fixed or (new.fixed is None and new.lines != last.lines)


def judge_early_payments(payments: list[Payment], first: Quote) -> None:
    """Hold payments that came before any quote against the first one."""
    paid_before = Decimal(0)
    for payment in payments:
        if payment.flagged == EARLY:
            payment.flagged = flag_of(payment.amount, payment.currency, first, paid_before)
        paid_before += payment.amount if payment.currency == first.currency else Decimal(0)


def trouble(order: Order) -> str:
    """Return why all that was paid does not fit the price, or nothing: then work may begin.

    A payment without an amount counts as paid. A price that somebody set later may only let it pass; one that covers a
    picture which came in meanwhile takes the place of the one paid for.
    """
    if not order.payments or not order.quotes or any(payment.flagged == NO_AMOUNT for payment in order.payments):
        return ""
    foreign = [payment for payment in order.payments if payment.currency != order.currency]
    if foreign:
        return f"paid in {foreign[0].currency}, quoted in {order.currency}"
    paid = order.amount_paid - order.amount_refunded
    bound = order.quote_at(order.payments[0].paid_at)
    later = [quote for quote in order.quotes if bound and quote.version > bound.version]
    covering = [quote for quote in later if quote.after_payment and not quote.fixed]
    if any(quote.fixed and not flag_of(paid, order.currency, quote) for quote in later[-1:]):
        return ""
    return flag_of(paid, order.currency, covering[-1] if covering else bound)


def flag_of(amount: Decimal | None, currency: str, told: Quote | None, paid_before: Decimal = Decimal(0)) -> str:
    """Return why staff should look at a payment, or nothing. `told` is the quote that it binds; payments add up."""
    if amount is None:
        return NO_AMOUNT
    if told is None:
        return EARLY
    if currency != told.currency:
        return f"paid in {currency}, quoted in {told.currency}"
    if paid_before + amount < told.minimum:
        return f"below the quote of {told.span} {told.currency}"
    if paid_before + amount > 2 * told.maximum:
        return f"more than twice the quote of {told.span} {told.currency}"
    return ""


def _line(picture: Picture, prices: PriceList) -> QuoteLine:
    assert picture.analysis is not None
    base, factor = _base(picture, prices)
    surcharge = prices.surcharges.get(picture.operation, Decimal(0)) if picture.operation else Decimal(0)
    factors = [f"{factor} ({picture.operation or 'to be seen'}): {base.minimum}-{base.maximum}"]
    if surcharge:
        factors.append(f"{picture.operation} surcharge: {surcharge}")
    if picture.requirements:
        factors.append(f"requirements: {', '.join(picture.requirements)}")
    return QuoteLine(
        task_id=picture.task_id,
        minimum=base.minimum + surcharge,
        maximum=base.maximum + surcharge,
        factors=factors,
    )


def _base(picture: Picture, prices: PriceList) -> tuple[PriceRange, str]:
    assert picture.analysis is not None
    if _is_high_value(picture):
        return prices.much_text, "much text"
    complexity = picture.analysis.complexity
    ranges = {
        Complexity.SIMPLE: prices.simple,
        Complexity.NORMAL: prices.normal,
        Complexity.COMPLEX: prices.complex,
        Complexity.HARD: prices.hard,
        Complexity.UNKNOWN: prices.unknown,
    }
    return ranges[complexity], f"{complexity} picture"


def _is_high_value(picture: Picture) -> bool:
    return picture.analysis is not None and picture.analysis.text_amount is TextAmount.MUCH
