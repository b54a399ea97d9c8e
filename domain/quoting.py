"""Complexity, text and risk become a quote that explains itself."""

from datetime import datetime
from decimal import Decimal

from domain.money import Payment, Quote, QuoteLine
from domain.order import Order, Picture
from domain.pictures import Complexity, TextAmount
from domain.rules import PriceList, PriceRange

EARLY = "paid before any quote"


def quote(order: Order, prices: PriceList, now: datetime) -> Quote:
    """Price every picture of an order by what its analysis says; call it when all are analysed."""
    priced = [picture for picture in order.live if picture.analysis]
    return Quote(
        version=len(order.quotes) + 1,
        lines=[_line(picture, prices) for picture in priced],
        currency=prices.currency,
        high_value=any(_is_high_value(picture) for picture in priced),
        quoted_at=now,
    )


def is_news(new: Quote, last: Quote | None) -> bool:
    """Whether a quote says something that the last one did not."""
    return last is None or new.lines != last.lines


def judge_early_payments(payments: list[Payment], first: Quote) -> None:
    """Hold payments that came before any quote against the first one."""
    paid_before = Decimal(0)
    for payment in payments:
        if payment.flagged == EARLY:
            payment.flagged = flag_of(payment.amount, payment.currency, first, paid_before)
        paid_before += payment.amount


def flag_of(amount: Decimal | None, currency: str, told: Quote | None, paid_before: Decimal = Decimal(0)) -> str:
    """Return why staff should look at a payment, or nothing. `told` is the quote that it binds; payments add up."""
    if amount is None:
        return "no amount given"
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
    factors = [f"{factor}: {base.minimum}-{base.maximum}"]
    if surcharge:
        factors.append(f"{picture.operation} surcharge: {surcharge}")
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
