"""The price of a picture, by its complexity, text and operation and the shop's price list."""

from decimal import Decimal

from domain.order.picture import Picture
from domain.texts.phrase import said
from domain.vocabulary import money
from domain.vocabulary.money import QuoteLine
from domain.vocabulary.pictures import Complexity, TextAmount
from domain.vocabulary.rules import PriceList, PriceRange


def price_line(picture: Picture, prices: PriceList) -> QuoteLine:
    """Return the price of an analysed picture, with its factors."""
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
    if is_high_value(picture):
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


def is_high_value(picture: Picture) -> bool:
    """Whether the picture contains so much text that its order takes priority."""
    return picture.analysis is not None and picture.analysis.text_amount is TextAmount.MUCH
