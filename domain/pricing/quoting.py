"""Makes quotes, which list the factors behind their price."""

from datetime import datetime
from hashlib import sha256

from domain.order.order import Order
from domain.pricing import prices
from domain.vocabulary.money import Quote
from domain.vocabulary.rules import ShopRules


def basis(order: Order) -> str:
    """Return a hash of what was explicitly requested: pictures, operations, requirements."""
    wanted = [
        [picture.task_id, "" if picture.operation_by == "analysis" else picture.operation, *picture.requirements]
        for picture in order.live
    ]
    return sha256(repr(wanted).encode(errors="backslashreplace")).hexdigest()[:16]


def quote(order: Order, rules: ShopRules, now: datetime) -> Quote:
    """Price every picture by its analysis; a fixed price overrides the sum as long as the request is the same."""
    wanted = basis(order)
    fixed = order.fixed if order.fixed and order.fixed.basis == wanted else None
    priced = [picture for picture in order.live if picture.analysis]
    return Quote(
        version=order.quote.version + 1 if order.quote else 1,
        lines=[prices.price_line(picture, rules.prices) for picture in priced],
        currency=rules.prices.currency,
        high_value=any(prices.is_high_value(picture) for picture in priced),
        quoted_at=now,
        basis=wanted,
        after_payment=order.paid_at is not None,
        fixed=fixed,
        expected_cost=rules.picture_cost * len(priced),
        cost_currency=rules.prices.currency,
    )


def is_changed(new: Quote, last: Quote | None) -> bool:
    """Whether a quote differs from the last one."""
    if last is None:
        return True
    return new.fixed != last.fixed or (new.fixed is None and (new.lines, new.basis) != (last.lines, last.basis))
