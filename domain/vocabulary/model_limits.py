"""What a provider allows to be asked of its models."""

from pydantic import BaseModel, ConfigDict, Field


class ModelLimit(BaseModel):
    """The limit of one model, or of a provider's models together. None is unlimited."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at_once: int | None = Field(default=None, gt=0)  # calls in progress
    per_minute: int | None = Field(default=None, gt=0)  # calls begun
