"""Settings of the task history: who may sign in, plans, and prices in credits."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr, field_validator

from domain.task_history.plans import Plan
from runtime.paths import DEVELOPMENT_SECRET

Algorithm = Literal["HS256", "RS256", "ES256"]
SYMMETRIC: Algorithm = "HS256"
SHORTEST_SECRET = 32  # bytes: RFC 7518 asks for as many as the hash has
Price = Annotated[int, Field(ge=0, le=1_000_000)]
PRICES = {"image_generation": 1, "image_edit": 1, "template_generation": 2, "order": 0}
PLANS = {
    "free": Plan(records_per_month=100, upload_mb=10, storage_mb=500, credits_per_month=100, may_export=False),
    "pro": Plan(records_per_month=5000, upload_mb=30, storage_mb=50_000, credits_per_month=5000, may_export=True),
}


class TaskHistorySettings(BaseModel):
    """The task history of signed-in end users: their tokens (JWT), plans and credits."""

    token_secret: SecretStr = Field(
        SecretStr(f"{DEVELOPMENT_SECRET}-tokens-public"),
        description="Key that signs the tokens of end users (HS256), at least 32 characters. Empty: nobody can "
        "sign in, unless TOKEN_JWKS_URL is set.",
    )
    token_jwks_url: str | None = Field(
        None,
        description="URL of the public keys (JWKS) of your identity provider, instead of TOKEN_SECRET. Set "
        "TOKEN_ALGORITHM too.",
    )
    token_algorithm: Algorithm = Field(
        "HS256",
        description="The only algorithm that is accepted: HS256 with TOKEN_SECRET, RS256 or ES256 with TOKEN_JWKS_URL.",
    )
    token_rsa_bits: int = Field(
        3072,
        description="Bits that an RSA key of the identity provider must have for RS256. With 2048, as hosted providers "
        "often have, tokens are less hard to forge than the rest of the shop is to break; ES256 has no such choice.",
        ge=2048,
        le=16_384,
    )
    token_issuer: str = Field("darkroom", description="Required issuer of a token (`iss`).", min_length=1)
    token_audience: str = Field("darkroom-history", description="Required audience of a token (`aud`).", min_length=1)
    session_hours: float = Field(
        12,
        description="Hours until users and staff must sign in again on a page, whatever they do; earlier if their "
        "token expires.",
        gt=0,
        le=720,
    )
    session_idle_minutes: float = Field(
        60, description="Minutes without any action after which they must sign in again.", ge=5, le=43_200
    )
    plans: dict[str, Plan] = Field(
        PLANS, description="Plans as JSON, by the name that a token gives as `plan`.", min_length=1
    )
    default_plan: str = Field("free", description="Plan of a token without a known `plan`.")
    credits: dict[str, Price] = Field(
        PRICES,
        description="Price list in credits as JSON: what a record of each type costs, and an image call of an order. "
        "Types that are left out keep their default.",
    )
    history_kept_days: int = Field(
        0, description="Days after which a record and its files are deleted; 0 keeps them forever.", ge=0
    )

    @field_validator("token_secret")
    @classmethod
    def _secret_is_long_enough(cls, secret: SecretStr) -> SecretStr:
        if 0 < len(secret.get_secret_value().encode()) < SHORTEST_SECRET:
            raise ValueError("TOKEN_SECRET is too short: generate a longer one with `openssl rand -hex 32`")
        return secret

    @field_validator("credits")
    @classmethod
    def _prices_are_complete(cls, prices: dict[str, int]) -> dict[str, int]:
        if unknown := set(prices) - set(PRICES):
            raise ValueError(f"CREDITS: {', '.join(sorted(unknown))} is not one of {', '.join(PRICES)}")
        return PRICES | prices
