"""What other settings would have changed: the shop's rules, run over orders of the past."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.pricing import payments
from domain.vocabulary.money import Quote, QuoteLine
from domain.vocabulary.pictures import Operation
from domain.vocabulary.rule_changes import COMPLEXITIES
from domain.vocabulary.rules import PriceList, PriceRange, ShopRules

PRICE = "price."


@dataclass(frozen=True)
class PastOrder:
    """What is known of an order of the past: its quote, what was paid, and the scores of its results."""

    order_id: str
    quote: Quote
    amount_paid: Decimal
    scores: Sequence[int] = ()


@dataclass(frozen=True)
class Difference:
    """An order that would have gone another way. A price that was set by hand stays."""

    order_id: str
    before: str  # span of the quote
    after: str
    change: Decimal  # of the lower price
    is_held: bool  # what was paid would have been held as too little
    was_held: bool
    failed_before: int  # results below the threshold
    failed_after: int


def differences(orders: Sequence[PastOrder], before: ShopRules, after: ShopRules) -> list[Difference]:
    """Return the orders that would have gone another way, the greatest change of price first."""
    found = [_difference(order, before, after) for order in orders]
    changed = [one for one in found if one.before != one.after or one.is_held != one.was_held or _fails(one)]
    return sorted(changed, key=lambda one: (-abs(one.change), one.order_id))


def _fails(one: Difference) -> bool:
    return one.failed_before != one.failed_after


def _difference(order: PastOrder, before: ShopRules, after: ShopRules) -> Difference:
    """Compare both rules on the same order, so that only the rules make a difference."""
    old, new = repriced(order.quote, before.prices), repriced(order.quote, after.prices)
    is_paid = order.amount_paid > 0
    return Difference(
        order_id=order.order_id,
        before=old.span,
        after=new.span,
        change=new.minimum - old.minimum,
        is_held=is_paid and bool(payments.misfit_of_amount(order.amount_paid, new)),
        was_held=is_paid and bool(payments.misfit_of_amount(order.amount_paid, old)),
        failed_before=sum(score < before.quality_threshold for score in order.scores),
        failed_after=sum(score < after.quality_threshold for score in order.scores),
    )


def repriced(quote: Quote, prices: PriceList) -> Quote:
    """Return a quote with the prices of another list, by the factors that it explains itself with."""
    return quote.model_copy(update={"lines": [_repriced(line, prices) for line in quote.lines]})


def _repriced(line: QuoteLine, prices: PriceList) -> QuoteLine:
    kinds = [factor.phrase.removeprefix(PRICE) for factor in line.factors]
    kind = next((one for one in kinds if one in COMPLEXITIES), None)
    if kind is None:
        return line  # priced by rules that we no longer know
    base: PriceRange = getattr(prices, kind)
    named = next((factor.values.get("operation") for factor in line.factors), None)
    operation = next((one for one in Operation if one == named), None)
    surcharge = prices.surcharges.get(operation, Decimal(0)) if operation else Decimal(0)
    update = {"minimum": base.minimum + surcharge, "maximum": base.maximum + surcharge}
    return line.model_copy(update=update)
