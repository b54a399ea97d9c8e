"""A shop is not opened with settings that are for development, and is told of all of them at once."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from runtime import production
from runtime.paths import DEVELOPMENT_SECRET
from runtime.settings import Settings, read_settings, refusal

TOKENS_OF_DEVELOPMENT = Settings.model_fields["token_secret"].default
SHOP: dict[str, Any] = {
    "environment": "production",
    "link_secret": "6d1f0c9e2b7a4d5880f1",
    "payload_keys": "1:" + "5a" * 32,
    "token_secret": "0f6e2f0f4a469d5f0e6a4c1d2b3a5c8f",
    "aws_secret_access_key": "b07c5ad1e92f46f3a1c84e50",
    "bot_secret": "whsec_YSBzZWNyZXQgb2YgdGhlIHNob3A=",
    "database_url": "postgresql+asyncpg://darkroom:pw@postgres:5432/darkroom",
    "s3_endpoint_url": "https://s3.shop.example",
    "gateway_url": "https://darkroom.shop.example",
    "bot_url": "http://bot:8080",
    "smtp_host": "mail",
    "mail_from": "Shop <orders@shop.example>",
}


def refused(**said: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Settings(_env_file=None, **SHOP | said)
    return refusal(caught.value)


def test_a_shop_on_one_machine_with_services_of_compose_opens() -> None:
    assert Settings(_env_file=None, **SHOP).environment == "production"


def test_development_refuses_none_of_it() -> None:
    assert Settings(_env_file=None).environment == "development"


def test_everything_that_is_of_development_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(_env_file=None, environment="production", shop_opens_at=9, shop_closes_at=8)
    told = refusal(caught.value)
    for field in (
        "LINK_SECRET", "TOKEN_SECRET", "PAYLOAD_KEYS", "AWS_SECRET_ACCESS_KEY", "BOT_SECRET", "DATABASE_URL", "BOT_URL",
        "SMTP_HOST", "MAIL_FROM", "S3_ENDPOINT_URL", "GATEWAY_URL", "SHOP_OPENS_AT",
    ):  # fmt: skip
        assert field in told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"link_secret": ""}, "LINK_SECRET is empty"),
        ({"payload_keys": None}, "PAYLOAD_KEYS is missing: Temporal would store names"),
        ({"payload_keys": ""}, "PAYLOAD_KEYS is missing: Temporal would store names"),
        ({"link_secret": DEVELOPMENT_SECRET}, "LINK_SECRET is the public development secret"),
        ({"token_secret": TOKENS_OF_DEVELOPMENT}, "TOKEN_SECRET is the public development secret"),
        (
            {"token_jwks_url": "http://id.example/keys", "token_algorithm": "RS256"},
            "TOKEN_JWKS_URL uses the network without TLS",
        ),
        ({"gateway_url": "http://darkroom.shop.example"}, "GATEWAY_URL does not begin with https://"),
        ({"gateway_url": "https://localhost:6060"}, "GATEWAY_URL points to localhost"),
        ({"bot_url": "http://127.0.0.1:9000"}, "BOT_URL points to localhost"),
        ({"tuhui_url": "http://[::1]:9000", "tuhui_api_key": "k"}, "TUHUI_URL points to localhost"),
        ({"wechat_webhook": "http://localhost/send?key=k"}, "WECHAT_WEBHOOK points to localhost"),
        ({"gemini_base_url": "http://0.0.0.0:6070/gemini"}, "GEMINI_BASE_URL points to localhost"),
        ({"s3_endpoint_url": "http://localhost:8333"}, "S3_ENDPOINT_URL points to localhost"),
        ({"s3_public_url": "http://127.0.0.1:8333"}, "S3_PUBLIC_URL points to localhost"),
        ({"s3_endpoint_url": "http://storage:8333"}, "S3_PUBLIC_URL is missing"),
        ({"s3_public_url": "http://files.shop.example"}, "S3_PUBLIC_URL does not begin with https://"),
        ({"trusted_proxies": "10.0.0.1,*"}, "TRUSTED_PROXIES trusts everybody"),
        ({"trusted_proxies": "10.0.0.1, 0.0.0.0/0"}, "TRUSTED_PROXIES trusts everybody"),
        ({"trusted_proxies": "::/0"}, "TRUSTED_PROXIES trusts everybody"),
        ({"simulators_url": "http://simulators:6070"}, "SIMULATORS_URL is set"),
        ({"darkroom_fail_at": "mail.send"}, "DARKROOM_FAIL_AT is set"),
        ({"private_picture_hosts": "simulators:6070"}, "PRIVATE_PICTURE_HOSTS is set"),
        ({"database_url": "postgresql+asyncpg://d:p@db.shop.example/d"}, "DATABASE_URL uses the network without"),
        ({"database_url": "postgresql+asyncpg://d:p@8.8.8.8/d?sslmode=prefer"}, "DATABASE_URL uses the network"),
        ({"database_url": "postgresql+asyncpg://d:p@8.8.8.8/d?ssl=prefer"}, "DATABASE_URL uses the network"),
        ({"smtp_host": "smtp.shop.example", "smtp_password": "p"}, "SMTP_SECURITY is none"),
    ],
)
def test_each_fault_is_a_sentence_that_names_its_field(said: dict[str, Any], told: str) -> None:
    assert f"in production: {told}" in refused(**said)


@pytest.mark.parametrize(
    "said",
    [
        {"database_url": "postgresql+asyncpg://d:p@db.shop.example/d?ssl=verify-full"},
        {"database_url": "postgresql+asyncpg://d:p@10.0.0.5/d"},
        {"smtp_host": "localhost"},  # a mail server of this machine is as good as any
        {"s3_endpoint_url": ""},  # AWS itself
        {"s3_endpoint_url": "http://storage:8333", "s3_public_url": "https://pictures.shop.example"},
        {"smtp_host": "smtp.shop.example", "smtp_password": "p", "smtp_security": "starttls"},
    ],
)
def test_what_a_shop_may_well_want_is_not_refused(said: dict[str, Any]) -> None:
    assert production.faults(Settings(_env_file=None, **SHOP | said)) == []


def test_a_refusal_tells_no_secret() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(_env_file=None, **SHOP | {"gateway_url": "http://shop.example", "max_attempts": "many"})
    assert not any(SHOP["link_secret"] in text for text in (str(caught.value), refusal(caught.value)))


@pytest.mark.parametrize("keys", ["clear", "clear,1:" + "5a" * 32])
def test_the_doctor_is_told_that_nothing_is_encrypted(keys: str) -> None:
    told = "; ".join(production.cautions(Settings(_env_file=None, **SHOP | {"payload_keys": keys})))
    assert "PAYLOAD_KEYS begins with `clear`" in told


@pytest.mark.parametrize(
    ("said", "is_told"),
    [
        ({"token_rsa_bits": 2048, "token_algorithm": "RS256"}, True),
        ({"token_rsa_bits": 3072, "token_algorithm": "RS256"}, False),
        ({"token_rsa_bits": 2048, "token_algorithm": "ES256"}, False),
    ],
)
def test_the_doctor_is_told_of_short_keys(said: dict[str, Any], is_told: bool) -> None:
    settings = Settings(_env_file=None, **SHOP | {"token_jwks_url": "https://id.example/keys"} | said)
    assert ("TOKEN_RSA_BITS is 2048" in "; ".join(production.cautions(settings))) is is_told


def test_the_doctor_is_told_what_stops_no_start() -> None:
    told = "; ".join(production.cautions(Settings(_env_file=None, **SHOP | {"bot_url": "http://bot.example/bot"})))
    for caution in (
        "LINK_SECRET is short",
        "BOT_URL uses the network",
        "WECHAT_WEBHOOK is missing",
        "CLAMD_ADDRESS is missing",
    ):
        assert caution in told
    assert "TEMPORAL_UI_URL" in told


@pytest.mark.parametrize("host", ["localhost", "bot.localhost", "127.0.0.2", "::1", "0.0.0.0", "", None])
def test_a_host_that_is_this_machine(host: str | None) -> None:
    assert production.is_loopback(host)


@pytest.mark.parametrize(
    ("host", "is_near"),
    [("postgres", True), ("db.internal", True), ("192.168.1.4", True), ("db.shop.example", False), ("1.1.1.1", False)],
)
def test_a_host_of_our_own_network(host: str, is_near: bool) -> None:
    assert production.is_near(host) is is_near
    assert not production.is_loopback(host)


def test_secrets_are_read_from_files_and_the_environment_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link_secret").write_text("of the file\n")
    (tmp_path / "smtp_password").write_text("of the file")
    monkeypatch.setenv("SMTP_PASSWORD", "of the environment")
    settings = Settings(_env_file=None, _secrets_dir=tmp_path)
    assert settings.link_secret.get_secret_value() == "of the file"
    assert settings.smtp_password.get_secret_value() == "of the environment"


def test_a_start_that_is_refused_ends_with_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ENVIRONMENT", "production")
    with pytest.raises(
        SystemExit, match=r"^darkroom: invalid settings: in production: LINK_SECRET is the public development secret"
    ):
        read_settings()
