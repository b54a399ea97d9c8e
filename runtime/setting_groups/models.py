"""The models that make and judge pictures."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field, SecretStr, field_validator

from domain.vocabulary.costs import ModelPrices
from runtime.setting_words import listed

PROVIDERS = ("gemini", "seedream", "local")


class ModelSettings(BaseModel):
    """The models that make and judge pictures, and what they may cost."""

    gemini_api_key: SecretStr | None = Field(
        None, description="Key for Gemini. Without one the packaged local networks do the work, named `local`."
    )
    gemini_base_url: str | None = Field(None, description="Another address for Gemini, such as its simulator.")
    gemini_image_model: str = Field("gemini-3.1-flash-image", description="Gemini model that makes pictures.")
    gemini_strong_model: str = Field(
        "gemini-3-pro-image", description="Stronger Gemini model, for where the usual one is not good enough; or empty."
    )
    gemini_vision_model: str = Field("gemini-3.5-flash-lite", description="Gemini model that looks and scores.")
    gemini_timeout_seconds: float = Field(120, description="How long one Gemini call may take.", gt=0, le=180)
    ark_api_key: SecretStr | None = Field(None, description="Key for Seedream on Volcengine Ark, the other provider.")
    ark_base_url: str = Field("https://ark.cn-beijing.volces.com/api/v3", description="Address of Ark's API.")
    ark_image_model: str = Field(
        "doubao-seedream-4-0-250828", description="Seedream model that makes pictures, or an endpoint of yours."
    )
    ark_timeout_seconds: float = Field(120, description="How long one Seedream call may take.", gt=0, le=180)
    ark_pictures: int = Field(
        1, description="Pictures that one Seedream call may make, up to 4; each costs, the best is kept.", ge=1, le=4
    )
    image_providers: str = Field(
        "gemini,seedream",
        description="Providers of pictures, comma-separated, in the order they are asked: gemini, seedream, local. "
        "One without a key is left out; where none is left the packaged networks, `local`, do the work.",
    )
    picture_cost_limit: Decimal = Field(
        Decimal(10),
        description="What the attempts at one picture may cost before people decide, in the shop's currency.",
        gt=0,
    )
    model_prices: dict[str, ModelPrices] = Field(
        {},
        description='Prices of models as JSON, such as {"gemini-3-pro-image": {"currency": "USD", "input": 2, '
        '"text": 12, "image": 120}} by a million tokens, or {"picture": 0.2} by picture; the usual models have some.',
    )
    exchange_rates: dict[str, Annotated[Decimal, Field(gt=0)]] = Field(
        {"USD": Decimal("7.2")},
        description="What a unit of other currencies costs in the shop's, as JSON, for the costs of models.",
    )
    image_steps_per_minute: int = Field(
        600, description="Steps of the `images` queue, of all workers together, that may begin a minute.", gt=0
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
            raise ValueError(f"IMAGE_PROVIDERS: {', '.join(sorted(unknown))} is none of {', '.join(PROVIDERS)}")
        return names
