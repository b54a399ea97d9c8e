"""How the words of a setting are read."""

from pydantic import SecretStr
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook


def listed(setting: str | None) -> list[str]:
    """Return the words of a setting that has commas between them."""
    return [word.strip() for word in (setting or "").split(",") if word.strip()]


def plain(value: SecretStr | str | bool | float | None) -> str:
    """Return a setting as an environment variable would hold it."""
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    return "" if plain is None else str(plain).lower() if isinstance(plain, bool) else str(plain)


def is_webhook_secret(secret: str) -> bool:
    """Whether it can sign: `whsec_` and base64."""
    try:
        Webhook(secret.strip())
    except (ValueError, EmptyWebhookSecretError):
        return False
    return True
