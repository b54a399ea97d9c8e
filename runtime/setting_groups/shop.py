"""Settings of the shop's rules."""

import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, field_validator

from domain.texts.catalogue import Language
from domain.vocabulary.rules import PriceList
from runtime.paths import CATALOGUES, ROOT


class ShopSettings(BaseModel):
    """The shop's rules: prices, deadlines, opening hours, languages."""

    staff_language: Language = Field(
        "zh", description="Language for staff in the Temporal Web UI, in messages and in records: zh or en."
    )
    shop_timezone: str = Field(
        "Asia/Shanghai", description="Time zone of the shop: for opening hours and for times shown to people."
    )
    prices: PriceList = Field(
        PriceList(),
        description="Price table as JSON: by complexity, for much text, surcharges. Omitted entries keep their "
        "defaults.",
    )
    shop_name: str = Field("修图小店", description="Name of the shop in e-mails.", min_length=1, max_length=60)
    phrases_path: Path = Field(
        ROOT / "phrases.toml",
        description="File with every text that customers see; phrases.en.toml is the English one.",
    )
    shop_language: Language = Field("zh", description="Language of PHRASES_PATH: zh or en.")
    image_module_enabled: bool = Field(
        True,
        description="Whether pictures are made automatically. If false, paid orders wait for staff.",
    )
    quality_threshold: int = Field(70, description="Minimum score of a result in the quality check.", ge=0, le=100)
    max_attempts: int = Field(3, description="Maximum number of attempts per round of a picture.", ge=1)
    free_revisions: int = Field(3, description="Free revision rounds per picture.", ge=0)
    words_pause_seconds: float = Field(
        3,
        description="Seconds of silence after which a customer's consecutive messages are read as one; 0 reads each "
        "at once.",
        ge=0,
        le=4,  # a caller waits ten seconds for an answer
    )
    shop_opens_at: int = Field(9, description="Hour at which the shop opens.", ge=0, le=23)
    shop_closes_at: int = Field(23, description="Hour at which the shop closes.", ge=1, le=24)
    review_minutes: float = Field(
        30, description="Time for staff to review a high-risk picture, in minutes of opening hours.", ge=0
    )
    hold_minutes: float = Field(
        30, description="Time for staff to check a flagged payment, in minutes of opening hours.", ge=0
    )
    designer_lease_minutes: float = Field(
        15,
        description="Time for a designer to accept a task before it goes to another one, in minutes of opening hours. "
        "Only used with TUHUI_ACCEPTED_STATUS.",
        gt=0,
    )
    designer_deadline_hours: float = Field(
        4, description="Hours of opening time until staff are told that a designer is late.", gt=0
    )
    designer_give_up_hours: float = Field(
        24,
        description="Hours of opening time until a picture with a designer counts as failed; must be more than "
        "DESIGNER_DEADLINE_HOURS.",
        gt=0,
    )
    payment_reminder_hours: tuple[float, ...] = Field(
        (2, 24), description="Hours after a quote at which the customer is reminded to pay, as a JSON list."
    )
    expiry_hours: float = Field(72, description="Hours after which an unpaid order expires.", gt=0)
    word_reminder_hours: float = Field(
        24, description="Hours after a preview at which the customer is reminded to reply.", gt=0
    )
    silence_days: float = Field(7, description="Days without a reply after which a preview counts as accepted.", gt=0)
    start_told: bool = Field(
        True, description="Whether to tell customers that their payment arrived and the work starts."
    )
    preview_order_seconds: float = Field(
        20,
        description="Seconds that a preview waits for the previews of earlier pictures of its order; 0 shows each at "
        "once.",
        ge=0,
    )
    shipping_hours: float = Field(
        48, description="Hours after payment within which the platform requires shipping.", gt=0
    )
    shipping_reminder_hours: float = Field(
        12, description="Hours before that deadline at which staff are reminded.", ge=0
    )
    aftercare_days: float = Field(15, description="Days that a finished order stays open for after-care.", ge=0)

    @field_validator("shop_timezone")
    @classmethod
    def _zone_is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("invalid time zone (expected e.g. Asia/Shanghai)") from None
        return name

    @field_validator("phrases_path")
    @classmethod
    def _texts_can_be_read(cls, path: Path) -> Path:
        try:
            tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:  # a TOML error is a ValueError
            raise ValueError(f"cannot read {path}: {error}") from error
        return path

    @property
    def staff_phrases_path(self) -> Path:
        """The texts for staff and designers: the shop's own, or in English those that come with Darkroom."""
        return (
            self.phrases_path if self.staff_language == self.shop_language else ROOT / CATALOGUES[self.staff_language]
        )
