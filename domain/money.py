"""Money: payments, and quotes that explain themselves."""

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel


class Payment(BaseModel):
    """Money that came in for an order; `flagged` says why staff should look at it."""

    payment_id: str
    amount: Decimal
    currency: str
    paid_at: datetime
    flagged: str = ""


class QuoteLine(BaseModel):
    """What one picture costs, with the factors behind it."""

    task_id: str
    minimum: Decimal
    maximum: Decimal
    factors: list[str]


class Quote(BaseModel):
    """A price that explains itself. A later version replaces an earlier one."""

    version: int
    lines: list[QuoteLine]
    currency: str
    high_value: bool
    quoted_at: datetime

    @property
    def minimum(self) -> Decimal:
        """The sum of the lines' minimums."""
        return sum((line.minimum for line in self.lines), Decimal(0))

    @property
    def maximum(self) -> Decimal:
        """The sum of the lines' maximums."""
        return sum((line.maximum for line in self.lines), Decimal(0))

    @property
    def span(self) -> str:
        """The price as people say it: 15-20, or 20 where both ends meet."""
        return f"{self.minimum}" if self.minimum == self.maximum else f"{self.minimum}-{self.maximum}"
