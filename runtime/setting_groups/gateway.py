"""The HTTP gateway."""

from pydantic import BaseModel, Field, SecretStr, field_validator

from runtime.paths import DEVELOPMENT_SECRET
from runtime.setting_words import is_webhook_secret


class GatewaySettings(BaseModel):
    """The HTTP gateway: its address, its secrets and its limits."""

    gateway_port: int = Field(6060, description="Port the gateway listens on.", ge=0, le=65535)
    gateway_host: str = Field("127.0.0.1", description="Address the gateway listens on; 0.0.0.0 for all.")
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Addresses or networks of reverse proxies, comma-separated, whose X-Forwarded-For is believed.",
    )
    gateway_url: str = Field("http://127.0.0.1:6060", description="How people and bots reach the gateway from outside.")
    link_secret: SecretStr = Field(SecretStr(DEVELOPMENT_SECRET), description="Signs our download links.")
    retired_link_secrets: SecretStr | None = Field(
        None, description="Earlier LINK_SECRETs, comma-separated: links that they signed still open."
    )
    payment_secrets: SecretStr | None = Field(
        None,
        description="Standard Webhooks secrets of the payment webhook, comma-separated: several while one is being "
        "exchanged. Without one it takes nothing.",
    )
    requests_per_minute: int = Field(600, description="Requests that one API key may send a minute.", gt=0)
    public_requests_per_minute: int = Field(
        300, description="Requests without an API key that one address may send a minute, refused keys too.", gt=0
    )
    connections_per_address: int = Field(
        500, description="Connections that one address may hold open at the gateway; TRUSTED_PROXIES any number.", gt=0
    )

    @field_validator("payment_secrets")
    @classmethod
    def _secrets_of_webhooks_are_readable(cls, secrets: SecretStr | None) -> SecretStr | None:
        """An unreadable one would refuse every payment, and nobody would know why."""
        if secrets is None or not secrets.get_secret_value().strip():
            return None
        if not all(map(is_webhook_secret, secrets.get_secret_value().split(","))):
            raise ValueError("PAYMENT_SECRETS: each is `whsec_` and base64, with commas between them")
        return secrets
