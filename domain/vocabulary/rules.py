"""The shop's settings that control an order: prices, thresholds, timeouts, opening hours."""

from decimal import Decimal

from pydantic import Field

from domain.texts.catalogue import Language
from domain.vocabulary.pictures import Lenient, Operation


class PriceRange(Lenient):
    """The price range of one complexity."""

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
    """When the shop is open."""

    timezone: str = "Asia/Shanghai"
    opens_at: int = Field(default=9, ge=0, le=23)  # hour of the shop's day
    closes_at: int = Field(default=23, ge=1, le=24)


class DesignerRules(OpeningHours):
    """Designers' deadlines, in shop hours."""

    language: Language = "zh"  # of the staff
    lease_minutes: float = 15  # to accept a task before another designer gets it
    is_acceptance_told: bool = False  # False: the lease does not apply, since acceptance is not known
    deadline_hours: float = 4  # then staff are told
    give_up_hours: float = 24  # then the picture counts as failed


class ShopRules(OpeningHours):
    """The shop's settings that control an order. An order keeps those it began with, so that it replays."""

    language: Language = "zh"  # of the staff
    prices: PriceList = Field(default_factory=PriceList)
    picture_cost: Decimal = Decimal(0)  # expected cost of the models per picture, in the shop's currency
    quality_threshold: int = 70
    max_attempts: int = 3
    free_revisions: int = 3
    words_pause_seconds: float = 0  # of silence before a row of messages is read; 0: read at once
    aftercare_days: float = 15
    review_minutes: float = 30  # of shop hours, for staff to review a high-risk picture
    hold_minutes: float = 30  # of shop hours, for staff to check a payment
    payment_reminder_hours: tuple[float, ...] = (2, 24)
    expiry_hours: float = 72
    word_reminder_hours: float = 24
    silence_days: float = 7
    is_start_told: bool = False  # tell the customer that the payment arrived and work begins
    preview_order_seconds: float = 0  # how long a preview waits for those of earlier pictures
    shipping_hours: float = 48  # after payment, until the platform's deadline to mark the order as shipped
    shipping_reminder_hours: float = 12  # before that deadline
