"""Settings of the HTTP gateway."""

from pydantic import BaseModel, Field, SecretStr, field_validator

from runtime.paths import DEVELOPMENT_SECRET
from runtime.setting_words import is_webhook_secret


class GatewaySettings(BaseModel):
    """The HTTP gateway: its address, its secrets and its limits."""

    gateway_port: int = Field(6060, description="Port that the gateway listens on.", ge=0, le=65535)
    gateway_host: str = Field(
        "127.0.0.1", description="Address that the gateway listens on; 0.0.0.0 for all interfaces."
    )
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Reverse proxies whose X-Forwarded-For is trusted: addresses or networks, comma-separated.",
    )
    gateway_url: str = Field("http://127.0.0.1:6060", description="Public URL of the gateway, for links.")
    codec_origins: str = Field(
        "",
        description="Other addresses of the Temporal Web UI than TEMPORAL_UI_URL, comma-separated, that may read "
        "payloads through /codec.",
    )
    link_secret: SecretStr = Field(SecretStr(DEVELOPMENT_SECRET), description="Key that signs download links.")
    retired_link_secrets: SecretStr | None = Field(
        None, description="Previous LINK_SECRETs, comma-separated; links signed with them keep working."
    )
    payment_secrets: SecretStr | None = Field(
        None,
        description="Standard Webhooks secrets of the payment webhook, comma-separated; set two while rotating them. "
        "Without one the webhook rejects everything.",
    )
    requests_per_minute: int = Field(600, description="Rate limit per API key, in requests per minute.", gt=0)
    public_requests_per_minute: int = Field(
        300,
        description="Rate limit per client address for requests without a valid API key, in requests per minute.",
        gt=0,
    )
    connections_per_address: int = Field(
        500, description="Maximum number of open connections per client address; TRUSTED_PROXIES are exempt.", gt=0
    )

    @field_validator("payment_secrets")
    @classmethod
    def _secrets_of_webhooks_are_readable(cls, secrets: SecretStr | None) -> SecretStr | None:
        """Reject invalid secrets at start-up: later each payment would fail without a visible reason."""
        if secrets is None or not secrets.get_secret_value().strip():
            return None
        if not all(map(is_webhook_secret, secrets.get_secret_value().split(","))):
            raise ValueError("PAYMENT_SECRETS: expected comma-separated secrets of the form `whsec_` plus base64")
        return secrets
