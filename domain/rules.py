"""The shop's settings that steer an order: prices, thresholds, time-outs."""

from decimal import Decimal

from pydantic import Field

from domain.pictures import Lenient, Operation


class PriceRange(Lenient):
    """What a picture of some complexity costs."""

    minimum: Decimal = Field(ge=0)
    maximum: Decimal = Field(ge=0)


def _range(minimum: int, maximum: int) -> PriceRange:
    return PriceRange(minimum=Decimal(minimum), maximum=Decimal(maximum))


class PriceList(Lenient):
    """The price table, per picture."""

    currency: str = "CNY"
    simple: PriceRange = _range(10, 15)
    normal: PriceRange = _range(15, 20)
    complex: PriceRange = _range(20, 25)
    hard: PriceRange = _range(25, 30)
    unknown: PriceRange = _range(20, 20)
    much_text: PriceRange = _range(60, 80)
    surcharges: dict[Operation, Decimal] = Field(default_factory=dict)


class ShopRules(Lenient):
    """The shop's settings that steer an order. It keeps those under which it was taken, so that it replays."""

    prices: PriceList = Field(default_factory=PriceList)
    quality_threshold: int = 70
    max_attempts: int = 3
    aftercare_days: int = 15
    timezone: str = "Asia/Shanghai"
