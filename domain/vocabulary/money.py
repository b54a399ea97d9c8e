"""Money: payments, refunds, what is left of them, and quotes that explain themselves."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, Field

from domain.texts.phrase import Said, said, written

CENT = Decimal("0.01")
KEPT_QUOTES = 20  # versions that a late payment may bind; the first ones count as one
MOST_LINES = 20  # pictures whose price is told one by one


def figure(amount: Decimal) -> str:
    """Return an amount as money is written, with two digits; where it has more they stay, since nothing is rounded."""
    cents = amount.quantize(CENT)
    digits = f"{cents if cents == amount else amount:f}"
    return digits if amount else digits.lstrip("-")


def span(minimum: Decimal, maximum: Decimal) -> str:
    """Return a price as people say it: 15.00-20.00, or 20.00 where both ends meet."""
    return figure(minimum) if minimum == maximum else f"{figure(minimum)}-{figure(maximum)}"


# ---- what moved ------------------------------------------------------------------------------------------------------


class Moved(BaseModel):
    """Money that moved; `flagged` says why staff should look at it."""

    amount: Decimal  # 0 where it is not known
    currency: str
    is_known: bool = True  # how much it was
    words: str = ""  # what could not be read of it
    event_id: str = ""  # that told of it first
    flagged: Said = Said()
    said_otherwise: list[str] = Field(default_factory=list)  # what else its id stood for, later

    @property
    def told(self) -> str:
        """How much it was, for people."""
        return f"{figure(self.amount)} {self.currency}" if self.is_known else self.words or "?"


class Payment(Moved):
    """Money that came in for an order."""

    payment_id: str
    paid_at: datetime


class Refund(Moved):
    """Money that went back."""

    refund_id: str
    at: datetime
    reason: str = ""
    of_payments: int | None = None  # it is of all that was paid by so many payments, however much that was


def balances(payments: Sequence[Payment], refunds: Sequence[Refund]) -> dict[str, Decimal]:
    """Return how much is here in each currency, as far as amounts are known; more than came in may have gone back."""
    balance: dict[str, Decimal] = {}
    for payment in payments:
        balance[payment.currency] = balance.get(payment.currency, Decimal(0)) + payment.amount
    for refund in refunds:
        balance[refund.currency] = balance.get(refund.currency, Decimal(0)) - refund.amount
    return balance


def is_certain(payments: Sequence[Payment], refunds: Sequence[Refund]) -> bool:
    """Whether all amounts are known, so that they may be compared."""
    return all(moved.is_known for moved in [*payments, *refunds])


def is_nothing_left(payments: Sequence[Payment], refunds: Sequence[Refund]) -> bool:
    """Whether certainly nothing is here of what came in; what cannot be compared never counts as that."""
    return bool(payments) and is_certain(payments, refunds) and max(balances(payments, refunds).values()) <= 0


def is_all_back(payments: Sequence[Payment], refunds: Sequence[Refund]) -> bool:
    """Whether all that came in has certainly gone back. Of 0.00, which a coupon paid for, nothing goes back."""
    is_any_back = any(refund.amount or refund.of_payments is not None for refund in refunds)
    return is_any_back and is_nothing_left(payments, refunds)


def is_owed(payments: Sequence[Payment], refunds: Sequence[Refund]) -> bool:
    """Whether money of the customer may be here. Who says that all went back has settled what nobody can add up."""
    is_settled = any(refund.of_payments == len(payments) for refund in refunds)
    return bool(payments) and not is_settled and not is_nothing_left(payments, refunds)


# ---- prices ----------------------------------------------------------------------------------------------------------


class Hold(BaseModel):
    """Why a paid order waits for staff, and since when."""

    why: Said
    since: datetime


class QuoteLine(BaseModel):
    """What one picture costs, with the factors behind it."""

    task_id: str
    minimum: Decimal
    maximum: Decimal
    factors: list[Said]


class Fixed(BaseModel):
    """A price that somebody set: bargaining, a coupon, a designer's price."""

    amount: Decimal
    set_by: str = "staff"
    reason: str = ""
    basis: str = ""  # what was wanted when it was set; it stands until something else is


class Quote(BaseModel):
    """A price that explains itself. A later version replaces an earlier one."""

    version: int
    lines: list[QuoteLine]
    currency: str
    high_value: bool
    quoted_at: datetime
    basis: str = ""  # what is wanted, in short: requirements need not change the price
    after_payment: bool = False  # it covers a picture that came in as the order was being paid
    fixed: Fixed | None = None
    expected_cost: Decimal = Field(default=Decimal(0), description="What the models will cost the shop, about.")
    cost_currency: str = "CNY"
    ends: tuple[Decimal, Decimal] | None = None  # of an earlier version, whose lines stand in the rows alone

    @property
    def minimum(self) -> Decimal:
        """The least that is accepted: the fixed price, else the sum of the lines' minimums."""
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
        """The price as people say it."""
        return span(self.minimum, self.maximum)

    @property
    def facts(self) -> dict[str, str | list[str | Said]]:
        """The values of the phrases that tell a quote."""
        return {
            "count": str(len(self.lines)), "span": self.span, "due": figure(self.minimum), "reasons": self.reasons,
        }  # fmt: skip

    @property
    def reasons(self) -> list[str | Said]:
        """The factors behind the price, a line for each picture."""
        if self.fixed:
            return [said("price.fixed", by=self.fixed.set_by, reason=written(self.fixed.reason))]
        if len(self.lines) == 1:
            return [*self.lines[0].factors]
        told = self.lines[:MOST_LINES]
        lines = [said("price.line", number=line.task_id.rpartition("_")[2], factors=line.factors) for line in told]
        return [*lines, *([said("price.more", count=rest)] if (rest := len(self.lines) - len(told)) else [])]

    def earlier(self) -> "Quote":
        """Return what is kept of it once a later version is told: what a payment that was made before may bind."""
        if self.ends:
            return self
        fixed = self.fixed and Fixed(amount=self.fixed.amount)
        return self.model_copy(update={"lines": [], "fixed": fixed, "ends": (self.minimum, self.maximum)})


def kept(quotes: Sequence[Quote]) -> list[Quote]:
    """Return the quotes that an order keeps: the last one whole, what earlier ones came to, the first of many as one.

    What was paid while one of those stood is held against the lowest and the highest of them.
    """
    *before, last = quotes
    earlier = [quote.earlier() for quote in before]
    while len(earlier) >= KEPT_QUOTES:
        first, second, *rest = earlier
        ends = (min(first.minimum, second.minimum), max(first.maximum, second.maximum))
        earlier = [second.model_copy(update={"ends": ends, "quoted_at": first.quoted_at}), *rest]
    return [*earlier, last]
