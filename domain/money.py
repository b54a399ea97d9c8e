"""Money: payments, refunds, and quotes that explain themselves."""

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, Field


class Payment(BaseModel):
    """Money that came in for an order; `flagged` says why staff should look at it."""

    payment_id: str
    amount: Decimal
    currency: str
    paid_at: datetime
    flagged: str = ""


class Refund(BaseModel):
    """Money that went back."""

    refund_id: str
    amount: Decimal
    currency: str
    at: datetime
    reason: str = ""


class Hold(BaseModel):
    """Why a paid order waits for staff, and since when."""

    why: str
    since: datetime


class QuoteLine(BaseModel):
    """What one picture costs, with the factors behind it."""

    task_id: str
    minimum: Decimal
    maximum: Decimal
    factors: list[str]


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
    after_payment: bool = False  # it covers a picture that came in as the order was being paid
    fixed: Fixed | None = None
    expected_cost: Decimal = Field(default=Decimal(0), description="What the models will cost the shop, about.")
    cost_currency: str = "CNY"

    @property
    def minimum(self) -> Decimal:
        """The fixed price, else the sum of the lines' minimums."""
        return self.fixed.amount if self.fixed else sum((line.minimum for line in self.lines), Decimal(0))

    @property
    def maximum(self) -> Decimal:
        """The fixed price, else the sum of the lines' maximums."""
        return self.fixed.amount if self.fixed else sum((line.maximum for line in self.lines), Decimal(0))

    @property
    def span(self) -> str:
        """The price as people say it: 15-20, or 20 where both ends meet."""
        return f"{self.minimum}" if self.minimum == self.maximum else f"{self.minimum}-{self.maximum}"

    @property
    def facts(self) -> dict[str, str]:
        """The values of the phrases that tell a quote."""
        return {"count": str(len(self.lines)), "span": self.span, "reasons": self.reasons}

    @property
    def reasons(self) -> str:
        """The factors behind the price, in one line."""
        if self.fixed:
            return f"price set by {self.fixed.set_by}" + (f": {self.fixed.reason}" if self.fixed.reason else "")
        return "; ".join(factor for line in self.lines for factor in line.factors)
