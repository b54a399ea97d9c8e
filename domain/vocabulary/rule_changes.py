"""Settings of the shop that staff change while it runs, on top of those that it was started with."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.vocabulary.pictures import Operation
from domain.vocabulary.rules import PriceList, PriceRange, ShopRules

COMPLEXITIES = ("simple", "normal", "complex", "hard", "unknown", "much_text")
DEAREST = Decimal(100_000)  # a price beyond it is mistyped
Price = Annotated[Decimal, Field(ge=0, le=DEAREST, max_digits=8, decimal_places=2)]
Hours = Annotated[float, Field(gt=0, le=24 * 90)]


class RangeChange(BaseModel):
    """A price range."""

    model_config = ConfigDict(extra="forbid")

    minimum: Price
    maximum: Price

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.minimum > self.maximum:
            raise ValueError("the lower price must not exceed the upper one")
        return self


class RuleChanges(BaseModel):
    """What staff changed; None: as the shop was started. Orders that have begun keep the rules they began with."""

    model_config = ConfigDict(extra="forbid")

    is_switched_on: bool | None = None  # automatic processing; applies at the next attempt, of all orders
    prices: dict[str, RangeChange] = Field(default_factory=dict)  # by complexity
    surcharges: dict[Operation, Price] = Field(default_factory=dict)
    quality_threshold: int | None = Field(default=None, ge=0, le=100)
    max_attempts: int | None = Field(default=None, ge=1, le=20)
    free_revisions: int | None = Field(default=None, ge=0, le=50)
    opens_at: int | None = Field(default=None, ge=0, le=23)
    closes_at: int | None = Field(default=None, ge=1, le=24)
    review_minutes: float | None = Field(default=None, ge=0, le=24 * 60)
    hold_minutes: float | None = Field(default=None, ge=0, le=24 * 60)
    payment_reminder_hours: tuple[Hours, ...] | None = Field(default=None, max_length=10)
    expiry_hours: Hours | None = None
    word_reminder_hours: Hours | None = None
    silence_days: float | None = Field(default=None, gt=0, le=90)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if unknown := set(self.prices) - set(COMPLEXITIES):
            raise ValueError(f"unknown kinds of pictures: {', '.join(sorted(unknown))}")
        if self.opens_at is not None and self.closes_at is not None and self.opens_at >= self.closes_at:
            raise ValueError("the shop must open before it closes")
        return self

    def applied(self, rules: ShopRules) -> ShopRules:
        """Return rules with these changes. Raises ValueError if the shop would close before it opens."""
        values = self.model_dump(exclude_none=True, exclude={"is_switched_on", "prices", "surcharges"})
        changed = rules.model_copy(update=values | {"prices": self._prices(rules.prices)})
        if changed.opens_at >= changed.closes_at:
            raise ValueError("the shop must open before it closes")
        return changed

    def fitted(self, rules: ShopRules) -> ShopRules:
        """Return rules with these changes, but without their opening hours if those contradict those of the rules.

        The shop may have been started with other hours since they were saved.
        """
        try:
            return self.applied(rules)
        except ValueError:
            return self.model_copy(update={"opens_at": None, "closes_at": None}).applied(rules)

    def _prices(self, prices: PriceList) -> PriceList:
        ranges = {name: PriceRange(minimum=one.minimum, maximum=one.maximum) for name, one in self.prices.items()}
        return prices.model_copy(update={**ranges, "surcharges": {**prices.surcharges, **self.surcharges}})


class SettingsVersion(BaseModel):
    """One version of the changes: who saved it, when and why."""

    version: int
    changes: RuleChanges
    changed_by: str
    reason: str
    changed_at: datetime
