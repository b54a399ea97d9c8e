"""The shop's settings that steer an order: prices, thresholds, time-outs, hours."""

from decimal import Decimal

from pydantic import Field

from domain.texts.catalogue import Language
from domain.vocabulary.pictures import Lenient, Operation


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


class OpeningHours(Lenient):
    """When somebody is in the shop."""

    timezone: str = "Asia/Shanghai"
    opens_at: int = Field(default=9, ge=0, le=23)  # hour of the shop's day
    closes_at: int = Field(default=23, ge=1, le=24)


class DesignerRules(OpeningHours):
    """How long designers have, in shop hours."""

    language: Language = "zh"  # of the staff
    lease_minutes: float = 15  # to accept a task before another one gets it
    is_acceptance_told: bool = False  # else nobody loses a task again
    deadline_hours: float = 4  # then staff are told
    give_up_hours: float = 24  # then it counts as failed


class ShopRules(OpeningHours):
    """The shop's settings that steer an order. It keeps those under which it was taken, so that it replays."""

    language: Language = "zh"  # of the staff
    prices: PriceList = Field(default_factory=PriceList)
    picture_cost: Decimal = Decimal(0)  # that the models are expected to cost, per picture, in the shop's currency
    quality_threshold: int = 70
    max_attempts: int = 3
    free_revisions: int = 3
    words_pause_seconds: float = 0  # without a word from the customer, until what they wrote is read; 0: at once
    aftercare_days: float = 15
    review_minutes: float = 30  # of shop hours, for staff to look at a picture of high risk
    hold_minutes: float = 30  # of shop hours, for staff to look at a payment
    payment_reminder_hours: tuple[float, ...] = (2, 24)
    expiry_hours: float = 72
    word_reminder_hours: float = 24
    silence_days: float = 7
    is_start_told: bool = False  # the customer hears that the money came and the work begins
    preview_order_seconds: float = 0  # that a preview waits for those of earlier pictures, which are being made
    shipping_hours: float = 48  # after payment the platform wants the order marked as shipped
    shipping_reminder_hours: float = 12  # before that
