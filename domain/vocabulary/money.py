"""Money: payments, refunds, balances, and quotes with their factors."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, Field

from domain.texts.phrase import Said, said, written

CENT = Decimal("0.01")
KEPT_QUOTES = 20  # versions that a late payment may be for; older ones are merged into one
MOST_LINES = 20  # pictures whose prices are listed individually


def figure(amount: Decimal) -> str:
    """Return an amount with two decimals; more decimals are kept, since nothing is rounded."""
    cents = amount.quantize(CENT)
    digits = f"{cents if cents == amount else amount:f}"
    return digits if amount else digits.lstrip("-")


def span(minimum: Decimal, maximum: Decimal) -> str:
    """Return a price range as text: 15.00-20.00, or 20.00 if both ends are equal."""
    return figure(minimum) if minimum == maximum else f"{figure(minimum)}-{figure(maximum)}"


# ---- payments and refunds --------------------------------------------------------------------------------------------


class Moved(BaseModel):
    """A payment or refund; `flagged` says why staff should check it."""

    amount: Decimal  # 0 if unknown
    currency: str
    is_known: bool = True  # whether the amount is known
    words: str = ""  # the invalid parts, as written
    event_id: str = ""  # of the first event about it
    flagged: Said = Said()
    said_otherwise: list[str] = Field(default_factory=list)  # other values that the same id was sent with later

    @property
    def told(self) -> str:
        """The amount for people to read."""
        return f"{figure(self.amount)} {self.currency}" if self.is_known else self.words or "?"


class Payment(Moved):
    """Money that came in for an order."""

    payment_id: str
    paid_at: datetime


class Refund(Moved):
    """Money that was refunded."""

    refund_id: str
    at: datetime
    reason: str = ""
    of_payments: int | None = None  # a full refund of this many payments, whatever their amount


def balances(payments: Sequence[Payment], refunds: Sequence[Refund]) -> dict[str, Decimal]:
    """Return the balance of each currency, as far as amounts are known; it may be negative."""
    balance: dict[str, Decimal] = {}
    for payment in payments:
        balance[payment.currency] = balance.get(payment.currency, Decimal(0)) + payment.amount
    for refund in refunds:
        balance[refund.currency] = balance.get(refund.currency, Decimal(0)) - refund.amount
    return balance


def is_certain(payments: Sequence[Payment], refunds: Sequence[Refund]) -> bool:
    """Whether all amounts are known, so that they can be compared."""
    return all(moved.is_known for moved in [*payments, *refunds])


def is_nothing_left(payments: Sequence[Payment], refunds: Sequence[Refund]) -> bool:
    """Whether certainly nothing is left of the payments; False if amounts are unknown."""
    return bool(payments) and is_certain(payments, refunds) and max(balances(payments, refunds).values()) <= 0


def is_all_back(payments: Sequence[Payment], refunds: Sequence[Refund]) -> bool:
    """Whether all payments were certainly refunded. A payment of 0.00, by a coupon, needs no refund."""
    is_any_back = any(refund.amount or refund.of_payments is not None for refund in refunds)
    return is_any_back and is_nothing_left(payments, refunds)


def is_owed(payments: Sequence[Payment], refunds: Sequence[Refund]) -> bool:
    """Whether the shop may still hold the customer's money. A full refund settles unknown amounts."""
    is_settled = any(refund.of_payments == len(payments) for refund in refunds)
    return bool(payments) and not is_settled and not is_nothing_left(payments, refunds)


# ---- prices ----------------------------------------------------------------------------------------------------------


class Hold(BaseModel):
    """Why a paid order waits for staff, and since when."""

    why: Said
    since: datetime


class QuoteLine(BaseModel):
    """The price of one picture, with its factors."""

    task_id: str
    minimum: Decimal
    maximum: Decimal
    factors: list[Said]


class Fixed(BaseModel):
    """A price that somebody set: bargaining, a coupon, a designer's price."""

    amount: Decimal
    set_by: str = "staff"
    reason: str = ""
    basis: str = ""  # hash of the request it was set for; it is void once the request changes


class Quote(BaseModel):
    """A price with its factors. A later version replaces an earlier one."""

    version: int
    lines: list[QuoteLine]
    currency: str
    high_value: bool
    quoted_at: datetime
    basis: str = ""  # hash of the request, which may change without changing the price
    after_payment: bool = False  # it covers a picture that arrived while the order was being paid
    fixed: Fixed | None = None
    expected_cost: Decimal = Field(default=Decimal(0), description="Estimated cost of the models.")
    cost_currency: str = "CNY"
    ends: tuple[Decimal, Decimal] | None = None  # of an earlier version, whose lines are only in the database

    @property
    def minimum(self) -> Decimal:
        """The lowest accepted amount: the fixed price, else the sum of the lines' minimums."""
        if self.ends:
            return self.ends[0]
        return self.fixed.amount if self.fixed else sum((line.minimum for line in self.lines), Decimal(0))

    @property
    def maximum(self) -> Decimal:
        """The fixed price, else the sum of the lines' maximums."""
        if self.ends:
            return self.ends[1]
        return self.fixed.amount if self.fixed else sum((line.maximum for line in self.lines), Decimal(0))

    @property
    def span(self) -> str:
        """The price range as text."""
        return span(self.minimum, self.maximum)

    @property
    def facts(self) -> dict[str, str | list[str | Said]]:
        """The values for phrases about a quote."""
        return {
            "count": str(len(self.lines)), "span": self.span, "due": figure(self.minimum), "reasons": self.reasons,
        }  # fmt: skip

    @property
    def reasons(self) -> list[str | Said]:
        """The factors of the price, one line per picture."""
        if self.fixed:
            return [said("price.fixed", by=self.fixed.set_by, reason=written(self.fixed.reason))]
        if len(self.lines) == 1:
            return [*self.lines[0].factors]
        told = self.lines[:MOST_LINES]
        lines = [said("price.line", number=line.task_id.rpartition("_")[2], factors=line.factors) for line in told]
        return [*lines, *([said("price.more", count=rest)] if (rest := len(self.lines) - len(told)) else [])]

    def earlier(self) -> "Quote":
        """Return what is kept once there is a later version: enough to check an earlier payment."""
        if self.ends:
            return self
        fixed = self.fixed and Fixed(amount=self.fixed.amount)
        return self.model_copy(update={"lines": [], "fixed": fixed, "ends": (self.minimum, self.maximum)})


def kept(quotes: Sequence[Quote]) -> list[Quote]:
    """Return the quotes that an order keeps: the last one whole, earlier ones reduced, the oldest of many merged.

    A payment made under a merged quote is checked against the lowest and the highest price of those merged.
    """
    *before, last = quotes
    earlier = [quote.earlier() for quote in before]
    while len(earlier) >= KEPT_QUOTES:
        first, second, *rest = earlier
        ends = (min(first.minimum, second.minimum), max(first.maximum, second.maximum))
        earlier = [second.model_copy(update={"ends": ends, "quoted_at": first.quoted_at}), *rest]
    return [*earlier, last]
