"""Helpers to parse settings."""

from pydantic import SecretStr
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook


def listed(setting: str | None) -> list[str]:
    """Return the items of a comma-separated setting."""
    return [word.strip() for word in (setting or "").split(",") if word.strip()]


def plain(value: SecretStr | str | bool | float | None) -> str:
    """Return a setting as the text of an environment variable."""
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    return "" if plain is None else str(plain).lower() if isinstance(plain, bool) else str(plain)


def is_webhook_secret(secret: str) -> bool:
    """Whether a secret can sign webhooks: `whsec_` followed by base64."""
    try:
        Webhook(secret.strip())
    except (ValueError, EmptyWebhookSecretError):
        return False
    return True
