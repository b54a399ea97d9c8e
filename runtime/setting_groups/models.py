"""Settings of the models that make and judge pictures."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field, SecretStr, field_validator

from domain.vocabulary.costs import ModelPrices
from domain.vocabulary.model_limits import ModelLimit
from runtime.setting_words import listed

PROVIDERS = ("gemini", "seedream", "local")


class ModelSettings(BaseModel):
    """Models that make and judge pictures, and their costs."""

    gemini_api_key: SecretStr | None = Field(
        None,
        description="API key for Gemini. Without any provider's key the packaged local networks (`local`) do the work.",
    )
    gemini_base_url: str | None = Field(None, description="Other base URL for Gemini, e.g. of its simulator.")
    gemini_image_model: str = Field("gemini-3.1-flash-image", description="Gemini model that makes pictures.")
    gemini_strong_model: str = Field(
        "gemini-3-pro-image",
        description="Stronger Gemini model, tried when the usual one is not good enough; empty to disable.",
    )
    gemini_vision_model: str = Field(
        "gemini-3.5-flash-lite", description="Gemini model that analyses and scores pictures."
    )
    gemini_timeout_seconds: float = Field(120, description="Timeout of a Gemini call.", gt=0, le=180)
    ark_api_key: SecretStr | None = Field(
        None, description="API key for Seedream on Volcengine Ark, the other provider."
    )
    ark_base_url: str = Field("https://ark.cn-beijing.volces.com/api/v3", description="Base URL of Ark's API.")
    ark_image_model: str = Field(
        "doubao-seedream-4-0-250828", description="Seedream model that makes pictures, or the id of your own endpoint."
    )
    ark_timeout_seconds: float = Field(120, description="Timeout of a Seedream call.", gt=0, le=180)
    ark_pictures: int = Field(
        1, description="Pictures per Seedream call, up to 4; each is charged, and the best one is kept.", ge=1, le=4
    )
    image_providers: str = Field(
        "gemini,seedream",
        description="Image providers in the order in which they are tried, comma-separated: gemini, seedream, local. "
        "Those without a key are skipped; if none is left, the packaged networks (`local`) do the work.",
    )
    picture_cost_limit: Decimal = Field(
        Decimal(10),
        description="Cost limit for the attempts at one picture, in the shop's currency. Above it staff decide.",
        gt=0,
    )
    model_prices: dict[str, ModelPrices] = Field(
        {},
        description='Prices of models as JSON, per million tokens: {"gemini-3-pro-image": {"currency": "USD", '
        '"input": 2, "text": 12, "image": 120}}, or per picture: {"picture": 0.2}. The usual models have '
        "built-in prices.",
    )
    exchange_rates: dict[str, Annotated[Decimal, Field(gt=0)]] = Field(
        {"USD": Decimal("7.2")},
        description="Exchange rates as JSON: the price of one unit of another currency in the shop's currency. Used "
        "for the costs of models.",
    )
    image_steps_per_minute: int | None = Field(
        None,
        description="Rate limit of the `images` queue: steps started per minute, by all workers together. If not "
        "set, there is none.",
        gt=0,
    )

    model_limits: dict[str, ModelLimit] = Field(
        {},
        description="What a provider allows, as JSON by the name of a model or of a provider, for each worker: "
        '{"gemini-3-pro-image": {"at_once": 4, "per_minute": 60}, "seedream": {"at_once": 10}}. Not needed '
        "for a limit that is answered with 429: a worker learns it.",
    )
    model_calls_memory_mb: int = Field(
        500,
        description="Memory for the images that the calls to models of one worker hold at once, in MB: five times what "
        "they send. Further calls wait.",
        gt=0,
    )

    @property
    def providers(self) -> list[str]:
        """The names in IMAGE_PROVIDERS."""
        return listed(self.image_providers)

    @field_validator("image_providers")
    @classmethod
    def _providers_are_known(cls, names: str) -> str:
        unknown = set(listed(names)) - set(PROVIDERS)
        if unknown:
            raise ValueError(f"IMAGE_PROVIDERS: {', '.join(sorted(unknown))} is not one of {', '.join(PROVIDERS)}")
        return names
