"""Checks of production settings.

Faults refuse the start if ENVIRONMENT is `production`. Cautions are warnings, shown by `darkroom doctor`.
"""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr

from runtime.setting_groups.fields import SettingFields
from starter.codec import IN_CLEAR

SECRETS = ("link_secret", "aws_secret_access_key", "bot_secret")
OUTSIDE = ("bot_url", "tuhui_url", "gemini_base_url", "ark_base_url", "wechat_webhook")
OF_THE_STACK = (
    "database_url",
    "bot_url",
    "smtp_host",
    "mail_from",
    "s3_endpoint_url",
)  # their defaults point to the local stack
SHORTEST_SECRET = 24  # characters
SOUND_RSA = 3072  # bits
SHORTEST_PREFIX = 8  # bits of a trusted network; a shorter prefix trusts half the internet
PRIVATE_ENDINGS = (".internal", ".local", ".lan", ".svc", ".localhost")
NAMES_OF_TLS = {"require", "verify-ca", "verify-full"}


def faults(settings: SettingFields) -> list[str]:
    """Return what forbids production use of these settings, one sentence each."""
    return [*_public_secrets(settings), *_of_the_stack(settings), *_unreachable(settings), *_in_the_clear(settings)]


def cautions(settings: SettingFields) -> list[str]:
    """Return what is allowed in production but not recommended, one sentence each."""
    return [*_short_secrets(settings), *_plain_connections(settings), *_left_out(settings)]


def _public_secrets(settings: SettingFields) -> Iterator[str]:
    for name in SECRETS:
        secret = _plain(settings, name)
        if not secret:
            yield f"{name.upper()} is empty"
        elif secret == _default(settings, name):
            yield f"{name.upper()} is the public development secret"
    if not settings.token_jwks_url and _plain(settings, "token_secret") == _default(settings, "token_secret"):
        yield "TOKEN_SECRET is the public development secret (leave it empty if no end user signs in)"


def _of_the_stack(settings: SettingFields) -> Iterator[str]:
    for name in OF_THE_STACK:
        if _plain(settings, name) == _default(settings, name):
            yield f"{name.upper()} still points to the local stack"
    if settings.simulators_url:
        yield "SIMULATORS_URL is set: simulators do no real work for customers"
    if settings.darkroom_fail_at:
        yield "DARKROOM_FAIL_AT is set: the worker would end itself"
    if any(map(_is_everybody, settings.trusted_proxies.split(","))):
        yield "TRUSTED_PROXIES trusts everybody: any caller could forge its address"
    if settings.private_picture_hosts:
        yield "PRIVATE_PICTURE_HOSTS is set: callers could make us fetch from the internal network"


def _unreachable(settings: SettingFields) -> Iterator[str]:
    gateway = urlsplit(settings.gateway_url)
    if gateway.scheme != "https":
        yield "GATEWAY_URL does not begin with https://"
    if is_loopback(gateway.hostname):
        yield "GATEWAY_URL points to localhost, which customers cannot reach"
    yield from _unreachable_pictures(settings)
    for name in OUTSIDE:
        url = _plain(settings, name)
        if url and is_loopback(urlsplit(url).hostname) and url != _default(settings, name):
            yield f"{name.upper()} points to localhost"


def _unreachable_pictures(settings: SettingFields) -> Iterator[str]:
    """Download links redirect to storage, so customers' browsers must be able to reach it."""
    name = "s3_public_url" if settings.s3_public_url else "s3_endpoint_url"
    storage = _plain(settings, name)
    host = urlsplit(storage).hostname
    if not storage or storage == _default(settings, name):
        return
    if is_loopback(host):
        yield f"{name.upper()} points to localhost, which customers cannot reach"
    elif is_near(host):
        yield f"S3_PUBLIC_URL is missing: customers' browsers cannot reach {host}"
    elif urlsplit(storage).scheme != "https":
        yield f"{name.upper()} does not begin with https://: customers fetch their pictures there"


def _in_the_clear(settings: SettingFields) -> Iterator[str]:
    database = urlsplit(settings.database_url)
    modes = set(parse_qs(database.query).get("ssl", []))  # asyncpg knows no sslmode
    if not is_near(database.hostname) and not modes & NAMES_OF_TLS:
        yield "DATABASE_URL uses the network without TLS: add ?ssl=verify-full"
    if not is_near(settings.temporal_address.rpartition(":")[0]) and not _opens_temporal(settings):
        yield "TEMPORAL_ADDRESS uses the network without TLS: set TEMPORAL_TLS, a certificate or an API key"
    if not settings.keys_of_payloads:
        yield "PAYLOAD_KEYS is missing: Temporal would store names, addresses and messages unencrypted"
    keys = urlsplit(settings.token_jwks_url or "")
    if keys.scheme == "http" and not is_near(keys.hostname):
        yield "TOKEN_JWKS_URL uses the network without TLS: forged keys could sign in as any user"
    if settings.smtp_password and settings.smtp_security == "none" and not is_near(settings.smtp_host):
        yield "SMTP_SECURITY is none: SMTP_PASSWORD would be sent unencrypted"


def _opens_temporal(settings: SettingFields) -> bool:
    files = settings.temporal_profile or settings.temporal_config_file  # which may configure TLS
    ours = settings.temporal_api_key or settings.temporal_tls_client_cert_path
    return settings.temporal_tls if settings.temporal_tls is not None else bool(files or ours)


def _short_secrets(settings: SettingFields) -> Iterator[str]:
    for name in SECRETS:
        if 0 < len(_plain(settings, name)) < SHORTEST_SECRET:
            yield f"{name.upper()} is short: generate a longer one with `openssl rand -hex 32`"


def _plain_connections(settings: SettingFields) -> Iterator[str]:
    for name in (*OUTSIDE, "s3_endpoint_url"):
        url = urlsplit(_plain(settings, name))
        if url.scheme == "http" and not is_near(url.hostname):
            yield f"{name.upper()} uses the network without TLS"
    if settings.smtp_security == "none" and not settings.smtp_password and not is_near(settings.smtp_host):
        yield "SMTP_SECURITY is none: e-mails are sent unencrypted"


def _left_out(settings: SettingFields) -> Iterator[str]:
    if next(iter(settings.keys_of_payloads), IN_CLEAR) == IN_CLEAR:
        yield "PAYLOAD_KEYS begins with `clear`: Temporal stores names, addresses and messages unencrypted"
    if not settings.wechat_webhook:
        yield "WECHAT_WEBHOOK is missing: notices to staff are only logged"
    if not settings.clamd_address:
        yield "CLAMD_ADDRESS is missing: files of customers and designers are not scanned for malware"
    if not settings.payment_secrets:
        yield "PAYMENT_SECRETS is missing: the payment webhook rejects everything"
    if not settings.token_jwks_url and not _plain(settings, "token_secret"):
        yield "TOKEN_SECRET and TOKEN_JWKS_URL are missing: no end user can sign in to the task history"
    is_rsa = settings.token_algorithm == "RS256"  # noqa: S105 - the name of an algorithm
    if settings.token_jwks_url and is_rsa and (bits := settings.token_rsa_bits) < SOUND_RSA:
        yield f"TOKEN_RSA_BITS is {bits}: use ES256, or keys of {SOUND_RSA} bits, if your provider can"
    if is_loopback(urlsplit(settings.temporal_ui_url).hostname):
        yield "TEMPORAL_UI_URL points to localhost, which staff cannot reach"


def _is_everybody(network: str) -> bool:
    try:
        return ip_network(network.strip(), strict=False).prefixlen < SHORTEST_PREFIX
    except ValueError:  # a name, or an address in a form that uvicorn accepts
        return "*" in network


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address means the local machine."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return (host or "").lower().rstrip(".") in {"", "localhost"} or (host or "").endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def is_near(host: str | None) -> bool:
    """Whether a host is local: loopback, a private address, or a single-label or private name, as in compose."""
    if is_loopback(host):
        return True
    try:
        return ip_address(host or "").is_private
    except ValueError:
        name = (host or "").lower().rstrip(".")
        return "." not in name or name.endswith(PRIVATE_ENDINGS)


def _plain(settings: SettingFields, name: str) -> str:
    return _text(getattr(settings, name))


def _default(settings: SettingFields, name: str) -> str:
    return _text(type(settings).model_fields[name].default)


def _text(value: str | SecretStr | None) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value or ""
