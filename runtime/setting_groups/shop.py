"""The rules of the shop."""

import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, field_validator

from domain.texts.catalogue import Language
from domain.vocabulary.rules import PriceList
from runtime.paths import CATALOGUES, ROOT


class ShopSettings(BaseModel):
    """What the shop promises: prices, deadlines, hours, languages."""

    staff_language: Language = Field(
        "zh", description="What staff read in the Temporal Web UI, in messages and in records: zh or en."
    )
    shop_timezone: str = Field("Asia/Shanghai", description="Time zone that people are shown.")
    prices: PriceList = Field(
        PriceList(),
        description="Price table as JSON: by complexity, for much text, surcharges; what is left out stays.",
    )
    shop_name: str = Field("修图小店", description="How the shop calls itself in letters.", min_length=1, max_length=60)
    phrases_path: Path = Field(
        ROOT / "phrases.toml",
        description="Every text that customers see; phrases.en.toml is the same in English.",
    )
    shop_language: Language = Field("zh", description="Language of PHRASES_PATH: zh or en.")
    image_module_enabled: bool = Field(
        True,
        description="Whether the machine makes pictures by itself; off, paid orders wait for staff.",
    )
    quality_threshold: int = Field(70, description="Score from which a result passes the quality check.", ge=0, le=100)
    max_attempts: int = Field(3, description="Attempts in one round of a picture.", ge=1)
    free_revisions: int = Field(3, description="Revision rounds of a picture that cost nothing.", ge=0)
    words_pause_seconds: float = Field(
        3,
        description="Seconds without a word of a customer, until what they wrote is read as one text; 0: at once.",
        ge=0,
        le=4,  # a caller waits ten seconds for an answer
    )
    shop_opens_at: int = Field(9, description="Hour at which somebody is there.", ge=0, le=23)
    shop_closes_at: int = Field(23, description="Hour from which nobody is there.", ge=1, le=24)
    review_minutes: float = Field(30, description="Minutes of shop hours that staff have to judge a high risk.", ge=0)
    hold_minutes: float = Field(30, description="Minutes of shop hours that staff have to look at a payment.", ge=0)
    designer_lease_minutes: float = Field(
        15,
        description="Minutes of shop hours a designer has to accept a task before another one gets it; only where "
        "TUHUI_ACCEPTED_STATUS is set.",
        gt=0,
    )
    designer_deadline_hours: float = Field(
        4, description="Shop hours until staff are told that a designer is late.", gt=0
    )
    designer_give_up_hours: float = Field(
        24,
        description="Shop hours until a designer's picture counts as failed; more than DESIGNER_DEADLINE_HOURS.",
        gt=0,
    )
    payment_reminder_hours: tuple[float, ...] = Field(
        (2, 24), description="Hours after a quote at which an unpaid order is reminded, as JSON."
    )
    expiry_hours: float = Field(72, description="Hours after which an unpaid order expires.", gt=0)
    word_reminder_hours: float = Field(24, description="Hours after a preview at which its customer is reminded.", gt=0)
    silence_days: float = Field(7, description="Days of silence after a preview that count as a yes.", gt=0)
    start_told: bool = Field(True, description="Whether customers hear that their money came and the work begins.")
    preview_order_seconds: float = Field(
        20,
        description="Seconds that a preview waits for those of earlier pictures of its order; 0 shows each at once.",
        ge=0,
    )
    shipping_hours: float = Field(48, description="Hours after payment until the platform wants it shipped.", gt=0)
    shipping_reminder_hours: float = Field(12, description="Hours before that at which staff are reminded.", ge=0)
    aftercare_days: float = Field(15, description="Days an order stays open after its end.", ge=0)

    @field_validator("shop_timezone")
    @classmethod
    def _zone_is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("is no time zone, such as Asia/Shanghai") from None
        return name

    @field_validator("phrases_path")
    @classmethod
    def _texts_can_be_read(cls, path: Path) -> Path:
        try:
            tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:  # a TOML error is a ValueError
            raise ValueError(f"{path} cannot be read: {error}") from error
        return path

    @property
    def staff_phrases_path(self) -> Path:
        """What staff and designers read: the shop's own texts, in English those that come with Darkroom."""
        return (
            self.phrases_path if self.staff_language == self.shop_language else ROOT / CATALOGUES[self.staff_language]
        )
