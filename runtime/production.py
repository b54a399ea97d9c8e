"""What keeps a shop from being opened: the settings that are for development only, all told at once.

Faults stop the start where ENVIRONMENT is `production`. Cautions are a shop's to weigh: `darkroom doctor` names them.
"""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr

from runtime.setting_groups.fields import SettingFields

SECRETS = ("link_secret", "aws_secret_access_key", "bot_secret")
OUTSIDE = ("bot_url", "tuhui_url", "gemini_base_url", "ark_base_url", "wechat_webhook")
OF_THE_STACK = ("database_url", "bot_url", "smtp_host", "mail_from", "s3_endpoint_url")  # whose defaults lead to it
SHORTEST_SECRET = 24  # characters
NARROWEST_CROWD = 8  # bits of the network of whoever runs the proxies; fewer are strangers
PRIVATE_ENDINGS = (".internal", ".local", ".lan", ".svc", ".localhost")
NAMES_OF_TLS = {"require", "verify-ca", "verify-full"}


def faults(settings: SettingFields) -> list[str]:
    """Return what must be mended before a shop may be opened with these settings: a sentence each."""
    return [*_public_secrets(settings), *_of_the_stack(settings), *_unreachable(settings), *_in_the_clear(settings)]


def cautions(settings: SettingFields) -> list[str]:
    """Return what a shop can be run with, and seldom should."""
    return [*_short_secrets(settings), *_plain_connections(settings), *_left_out(settings)]


def _public_secrets(settings: SettingFields) -> Iterator[str]:
    for name in SECRETS:
        secret = _plain(settings, name)
        if not secret:
            yield f"{name.upper()} is empty"
        elif secret == _default(settings, name):
            yield f"{name.upper()} is the public one of development"


def _of_the_stack(settings: SettingFields) -> Iterator[str]:
    for name in OF_THE_STACK:
        if _plain(settings, name) == _default(settings, name):
            yield f"{name.upper()} is still the one of the local stack"
    if settings.simulators_url:
        yield "SIMULATORS_URL is set: simulators do no work for customers"
    if any(map(_is_everybody, settings.trusted_proxies.split(","))):
        yield "TRUSTED_PROXIES believes everybody: any caller could say that it is another"
    if settings.private_picture_hosts:
        yield "PRIVATE_PICTURE_HOSTS is set: strangers could have pictures fetched from inside"


def _unreachable(settings: SettingFields) -> Iterator[str]:
    gateway = urlsplit(settings.gateway_url)
    if gateway.scheme != "https":
        yield "GATEWAY_URL does not begin with https://"
    if is_loopback(gateway.hostname):
        yield "GATEWAY_URL leads customers to their own machine"
    yield from _unreachable_pictures(settings)
    for name in OUTSIDE:
        url = _plain(settings, name)
        if url and is_loopback(urlsplit(url).hostname) and url != _default(settings, name):
            yield f"{name.upper()} leads to this very machine"


def _unreachable_pictures(settings: SettingFields) -> Iterator[str]:
    """Whoever opens a download link is sent on to storage, so that their browser must reach it."""
    name = "s3_public_url" if settings.s3_public_url else "s3_endpoint_url"
    storage = _plain(settings, name)
    host = urlsplit(storage).hostname
    if not storage or storage == _default(settings, name):
        return
    if is_loopback(host):
        yield f"{name.upper()} leads customers to their own machine"
    elif is_near(host):
        yield f"S3_PUBLIC_URL is missing: customers' browsers cannot reach {host}"
    elif urlsplit(storage).scheme != "https":
        yield f"{name.upper()} does not begin with https://: customers fetch their pictures there"


def _in_the_clear(settings: SettingFields) -> Iterator[str]:
    database = urlsplit(settings.database_url)
    modes = set(parse_qs(database.query).get("ssl", []))  # asyncpg knows no sslmode
    if not is_near(database.hostname) and not modes & NAMES_OF_TLS:
        yield "DATABASE_URL goes over the network without TLS: add ?ssl=verify-full"
    if not is_near(settings.temporal_address.rpartition(":")[0]) and not _opens_temporal(settings):
        yield "TEMPORAL_ADDRESS goes over the network without TLS: set TEMPORAL_TLS, a certificate or a key"
    if settings.smtp_password and settings.smtp_security == "none" and not is_near(settings.smtp_host):
        yield "SMTP_SECURITY is none: SMTP_PASSWORD would go over the network as it is"


def _opens_temporal(settings: SettingFields) -> bool:
    files = settings.temporal_profile or settings.temporal_config_file  # which may say anything
    ours = settings.temporal_api_key or settings.temporal_tls_client_cert_path
    return settings.temporal_tls if settings.temporal_tls is not None else bool(files or ours)


def _short_secrets(settings: SettingFields) -> Iterator[str]:
    for name in SECRETS:
        if 0 < len(_plain(settings, name)) < SHORTEST_SECRET:
            yield f"{name.upper()} is short: `openssl rand -hex 32` makes a good one"


def _plain_connections(settings: SettingFields) -> Iterator[str]:
    for name in (*OUTSIDE, "s3_endpoint_url"):
        url = urlsplit(_plain(settings, name))
        if url.scheme == "http" and not is_near(url.hostname):
            yield f"{name.upper()} goes over the network without TLS"
    if settings.smtp_security == "none" and not settings.smtp_password and not is_near(settings.smtp_host):
        yield "SMTP_SECURITY is none: letters go over the network as they are"


def _left_out(settings: SettingFields) -> Iterator[str]:
    if not settings.wechat_webhook:
        yield "WECHAT_WEBHOOK is missing: staff's notices are only logged"
    if not settings.payment_secrets:
        yield "PAYMENT_SECRETS is missing: the payment webhook takes nothing"
    if is_loopback(urlsplit(settings.temporal_ui_url).hostname):
        yield "TEMPORAL_UI_URL leads staff to their own machine"


def _is_everybody(network: str) -> bool:
    try:
        return ip_network(network.strip(), strict=False).prefixlen < NARROWEST_CROWD
    except ValueError:  # a name, or one address that uvicorn knows how to read
        return "*" in network


def is_loopback(host: str | None) -> bool:
    """Whether a host is the very machine that looks it up."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return (host or "").lower().rstrip(".") in {"", "localhost"} or (host or "").endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def is_near(host: str | None) -> bool:
    """Whether the way to a host leaves neither this machine nor its own network, as with a service of compose."""
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
