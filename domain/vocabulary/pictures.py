"""Types for pictures: operations, analysis, sizes, stored files, and model calls."""

from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator, model_validator

from domain.bounds.limits import Line, Reasons, Words
from domain.texts.phrase import Said


class Operation(StrEnum):
    """What is to be done to a picture."""

    ENHANCE = "enhance"
    EDIT = "edit"
    REMOVE_BG = "remove_bg"
    LAYERED = "layered"
    REMOVE_BG_AND_LAYER = "remove_bg_and_layer"
    VECTORIZE = "vectorize"
    RESIZE = "resize"
    FIX_OLD_PHOTO = "fix_old_photo"


class Complexity(StrEnum):
    """How much work a picture is; it sets the base price."""

    SIMPLE = "simple"
    NORMAL = "normal"
    COMPLEX = "complex"
    HARD = "hard"
    UNKNOWN = "unknown"


class TextAmount(StrEnum):
    """How much text a picture contains; much of it makes the order high-value."""

    NONE = "none"
    LITTLE = "little"
    MUCH = "much"


class RiskLevel(StrEnum):
    """How risky a picture is: whether staff have to approve it first."""

    NONE = "none"
    LOW = "low"
    HIGH = "high"


class Lenient(BaseModel):
    """Base of models for data from other systems: unknown fields are ignored, nulls count as absent."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True, coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any) -> Any:
        return {name: item for name, item in value.items() if item is not None} if isinstance(value, dict) else value


class Risk(Lenient):
    """Why a picture may have to be declined."""

    level: RiskLevel = Field(default=RiskLevel.NONE, description="high waits for staff; low is only told to them.")
    reasons: Reasons = Field(default_factory=list, description="Why, for staff to read.")


class Feasibility(Lenient):
    """Whether it can be done automatically."""

    possible: bool = Field(default=True, description="false: a designer sets the price and does it.")
    reason: Words = Field(default="", description="Why not.")


class Analysis(Lenient):
    """The initial analysis of a picture, by the chat bot or a vision model."""

    complexity: Complexity = Field(default=Complexity.UNKNOWN, description="How much work it is; sets the base price.")
    aspect_ratio: Line = Field(default="1:1", description="Of the result, such as 3:4; 1:1 says nothing.")
    perspective: Line = Field(default="no", description="no, or how it must be corrected.")
    proc_type: Line = Field(default="", description="Kind of work; an operation's name counts where words name none.")
    subject: Line = Field(default="", description="What it shows, in a few words.")
    quality: Line = Field(default="", description="What is wrong with the picture.")
    prompt: Words = Field(
        default="",
        validation_alias=AliasChoices("prompt", "gemini_prompt"),
        description="The prompt for an image model; also accepted as gemini_prompt.",
    )
    text_amount: TextAmount = Field(default=TextAmount.NONE, description="Text in the picture; much of it costs more.")
    risk: Risk = Field(default_factory=Risk, description="Why it may have to be declined; the level alone is enough.")
    feasible: Feasibility = Field(
        default_factory=Feasibility, description="Whether it can be done automatically; true or false alone is enough."
    )

    @field_validator("risk", mode="before")
    @classmethod
    def _risk_may_be_a_word(cls, value: Any) -> Any:
        return {"level": value} if isinstance(value, str) else value

    @field_validator("feasible", mode="before")
    @classmethod
    def _feasible_may_be_yes_or_no(cls, value: Any) -> Any:
        if isinstance(value, bool):
            return {"possible": value}
        if isinstance(value, str):
            return {"possible": value.strip().lower() not in {"no", "false", "否", "不可"}}
        return value


PORTABLE = frozenset({"image/jpeg", "image/png", "image/webp"})  # what models, browsers and designers open
LARGEST_SIDE = 20_000  # pixels
LARGEST_AREA = 50_000_000  # pixels; 80 x 54 cm at 300 dpi


class TargetSize(BaseModel):
    """A requested size in pixels, with its print resolution."""

    width: int = Field(gt=0, le=LARGEST_SIDE)
    height: int = Field(gt=0, le=LARGEST_SIDE)
    dpi: int | None = None
    is_paper: bool = False  # a sheet, which may be turned as the picture lies
    id_photo: str = ""  # which kind of ID photograph (id_photos.py): the head has a place in it
    may_cut: bool = False  # the customer wants it filled, even if much is cut off


class StoredPicture(BaseModel):
    """An image in object storage; Temporal payloads hold only this, never the bytes."""

    key: str
    content_type: str
    width: int
    height: int
    file_size: int
    sha256: str
    likeness: str = ""  # its perceptual hash, 64 bits in hex; empty if it was stored before the library existed


class ModelCall(BaseModel):
    """One call to a model, for the ledger. Tokens are counted by modality: `{"image": 1120}`."""

    provider: str
    model: str
    input_tokens: dict[str, int] = Field(default_factory=dict)
    output_tokens: dict[str, int] = Field(default_factory=dict)
    pictures: int = 0  # images made, which some providers charge for
    cost: Decimal | None = None  # as the provider bills it; None if unknown
    currency: str = "USD"
    booked_cost: Decimal | None = None  # in the shop's currency
    latency_ms: int = 0
    request_id: str | None = None
    finish_reason: str | None = None


Advice = Literal["repair_prompt", "stronger_model", "other_provider", "designer"]


class Look(BaseModel):
    """The judgement of a quality check, from 0 (useless) to 100 (flawless)."""

    score: int = Field(ge=0, le=100)
    issue: Said = Field(default_factory=Said)
    next_step: Advice = "repair_prompt"
