"""Settings that are wrong stop the start with a sentence that names the field."""

import subprocess
import sys
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from runtime.paths import ROOT
from runtime.setting_groups.process import QUEUES
from runtime.settings import Settings, read_settings, refusal
from workflows import options


@pytest.mark.parametrize("secrets", ["whsec_", "whsec_eHl6,", "whsec_eHl6,whsec_x"])
def test_a_payment_secret_that_no_payment_could_fit_stops_the_start(secrets: str) -> None:
    with pytest.raises(ValidationError, match="PAYMENT_SECRETS: expected comma-separated"):
        Settings(_env_file=None, payment_secrets=secrets)


@pytest.mark.parametrize("secret", ["short", "whsec_", "whsec_***"])
def test_a_secret_of_the_bot_that_signs_nothing_stops_the_start(secret: str) -> None:
    with pytest.raises(ValidationError, match="BOT_SECRET: expected"):
        Settings(_env_file=None, bot_secret=secret)


@pytest.mark.parametrize("keys", ["1:5a5a", "5a" * 32, f"1:{'5a' * 32}, 1:{'6b' * 32}", f"1:{'5a' * 32},clear"])
def test_keys_of_payloads_that_are_not_understood_whole_stop_the_start(keys: str) -> None:
    with pytest.raises(ValidationError, match=r"PAYLOAD_KEYS: entry \d") as refused:
        Settings(_env_file=None, payload_keys=keys)
    assert "5a5a" not in refusal(refused.value)


@pytest.mark.parametrize("name", ["C2PA_CERTIFICATE", "C2PA_KEY"])
def test_half_of_a_certificate_stops_the_start(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, str(ROOT / "LICENSE"))
    with pytest.raises(ValidationError, match="C2PA_CERTIFICATE and C2PA_KEY belong together"):
        Settings(_env_file=None)


@pytest.mark.parametrize("sender", ["The shop", "", "订单@shop.example", "a b@shop.example"])
def test_a_sender_without_a_sound_address_stops_the_start(sender: str) -> None:
    with pytest.raises(ValidationError, match="MAIL_FROM: "):
        Settings(_env_file=None, mail_from=sender)


ADDRESSES = [name for name in Settings.model_fields if name.endswith(("_url", "_webhook")) and name != "database_url"]
NO_ADDRESSES = (
    "bot", "bot.example/bot", "127.0.0.1:6070/bot", "localhost:6070", "https//bot.example", "http：//bot.example",
    "ftp://bot.example", "//bot.example", "http://", "http:///bot", "http://:80", "http://a b/", "http:// bot.example",
    "http://bot.example:port", "http://bot.example:70000", "http://bot.example:0", "http://[::1", "http://.",
    "http://xn--", "http://bot.example\nhttp://other.example", "http://bot.example/\x00", "http://999.1.1.1",
)  # fmt: skip


def made(name: str, value: str) -> Settings:
    others = {"token_algorithm": "RS256"} if name == "token_jwks_url" else {}
    return Settings.model_validate({"_env_file": None, "tuhui_api_key": "k", name: value} | others)


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_an_address_to_which_nothing_could_be_sent_stops_the_start(name: str, address: str) -> None:
    with pytest.raises(ValidationError) as refused:
        made(name, address)
    assert refusal(refused.value).startswith(f"{name.upper()}: invalid URL (expected e.g. https://")


@pytest.mark.parametrize("name", sorted({*ADDRESSES} - {"wechat_webhook"}))
@pytest.mark.parametrize("address", ["https://bot.example?key=1", "https://bot.example/bot#messages"])
def test_an_address_behind_which_no_path_can_be_put_stops_the_start(name: str, address: str) -> None:
    with pytest.raises(ValidationError, match=r"must not contain \? or #"):
        made(name, address)


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:6070/bot", "https://bot.example/", "http://[::1]:80", "https://机器人.中国/消息"]
)
def test_an_address_is_taken_without_the_blanks_around_it(name: str, address: str) -> None:
    taken = getattr(made(name, f" {address}\n"), name)
    assert address == (taken.get_secret_value() if isinstance(taken, SecretStr) else taken)


@pytest.mark.parametrize(
    "address", ["", "temporal", "http://temporal:7233", "temporal:", ":7233", "temporal:70000", "a b:1"]
)
def test_a_temporal_that_is_no_host_and_port_stops_the_start(address: str) -> None:
    with pytest.raises(ValidationError, match="expected host:port without http://"):
        Settings(_env_file=None, temporal_address=address)


@pytest.mark.parametrize("name", ["", "smtp://mail.example", "mail.example:25", "shop@mail.example", "mail example"])
def test_a_mail_server_that_is_no_host_stops_the_start(name: str) -> None:
    with pytest.raises(ValidationError, match="expected a host name without port"):
        Settings(_env_file=None, smtp_host=name)


def test_a_robot_whose_address_is_wrong_tells_no_key() -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(_env_file=None, wechat_webhook="qyapi.example/send?key=s3cret")
    assert "s3cret" not in refusal(refused.value)
    assert "s3cret" not in str(refused.value)


def test_an_empty_payment_secret_is_none() -> None:
    assert Settings(_env_file=None, payment_secrets="  ").payment_secrets is None


def test_a_dispatch_system_without_a_key_stops_the_start() -> None:
    with pytest.raises(ValidationError, match="TUHUI_URL is set without TUHUI_API_KEY"):
        Settings(_env_file=None, tuhui_url="https://tuhui.example", tuhui_api_key=None)
    with pytest.raises(ValidationError, match="TUHUI_URL is set without TUHUI_API_KEY"):
        Settings(_env_file=None, tuhui_url="https://tuhui.example", tuhui_api_key="")


def test_an_empty_address_is_no_dispatch_system() -> None:
    assert not Settings(_env_file=None, tuhui_url="", tuhui_api_key="").tuhui_url


@pytest.mark.parametrize("path", ["/tasks/cancel", "/tasks/{task_id}/cancel", "tasks/{id}/cancel"])
def test_a_path_of_cancelling_that_names_no_task_stops_the_start(path: str) -> None:
    with pytest.raises(ValidationError, match=r"TUHUI_CANCEL_PATH: must start with / and contain \{id\}"):
        Settings(_env_file=None, tuhui_cancel_path=path)


@pytest.mark.parametrize("path", ["/tasks/{id}/cancel", "", None])
def test_cancelling_may_have_a_path(path: str | None) -> None:
    assert Settings(_env_file=None, tuhui_cancel_path=path).tuhui_cancel_path == path


@pytest.mark.parametrize("statuses", ["", " , "])
def test_no_status_that_means_finished_stops_the_start(statuses: str) -> None:
    with pytest.raises(ValidationError, match="TUHUI_FINISHED_STATUS: must not be empty"):
        Settings(_env_file=None, tuhui_finished_status=statuses)


@pytest.mark.parametrize(("deadline", "give_up"), [(4, 4), (24, 8.5)])
def test_designers_given_up_before_they_are_late_stop_the_start(deadline: float, give_up: float) -> None:
    message = rf"DESIGNER_GIVE_UP_HOURS \({give_up:g}\) must be more than DESIGNER_DEADLINE_HOURS \({deadline:g}\)"
    with pytest.raises(ValidationError, match=message):
        Settings(_env_file=None, designer_deadline_hours=deadline, designer_give_up_hours=give_up)


@pytest.mark.parametrize("name", ["order_pictures_kept_days", "order_words_kept_days"])
@pytest.mark.parametrize(("days", "history", "aftercare"), [(29, 30, 15), (30, 30, 30), (10, 1, 15)])
def test_what_an_open_order_needs_or_its_history_would_write_again_is_not_deleted(
    name: str, days: int, history: int, aftercare: float
) -> None:
    values: dict[str, Any] = {name: days, "temporal_retention_days": history, "aftercare_days": aftercare}
    with pytest.raises(ValidationError, match=rf"{name.upper()} \({days}\) must be at least TEMPORAL_RETENTION_DAYS"):
        Settings(_env_file=None, **values)
    assert Settings(_env_file=None, **values | {name: 0})
    assert Settings(_env_file=None, **values | {name: 184})


def test_consents_are_kept_as_long_as_the_law_asks() -> None:
    with pytest.raises(ValidationError, match=r"ORDER_WORDS_KEPT_DAYS \(183\) must be at least 184, or 0: the law"):
        Settings(_env_file=None, order_words_kept_days=183)
    assert Settings(_env_file=None, order_pictures_kept_days=183)


@pytest.mark.parametrize("queues", ["orders,pictures", "", " , "])
def test_a_worker_without_a_queue_that_there_is_stops_the_start(queues: str) -> None:
    with pytest.raises(ValidationError, match=r"WORKER_QUEUES: .* of orders, images, pixels, staff"):
        Settings(_env_file=None, worker_queues=queues)


def test_a_worker_works_on_all_queues_or_on_some_of_them() -> None:
    assert (
        Settings(_env_file=None).queues == [*QUEUES] == [options.ORDERS, options.IMAGES, options.PIXELS, options.STAFF]
    )
    assert Settings(_env_file=None, worker_queues="staff, images,staff").queues == ["staff", "images"]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PRICES", "{", "PRICES: invalid JSON"),
        ("MODEL_PRICES", "free", "MODEL_PRICES: invalid JSON"),
        ("EXCHANGE_RATES", "{'USD': 7}", "EXCHANGE_RATES: invalid JSON"),
        ("PAYMENT_REMINDER_HOURS", "2,24", "PAYMENT_REMINDER_HOURS: invalid JSON"),
        ("SHOP_TIMEZONE", "Nowhere/X", "SHOP_TIMEZONE: invalid time zone"),
        ("SHOP_TIMEZONE", "../etc", "SHOP_TIMEZONE: invalid time zone"),
        ("SHOP_TIMEZONE", "", "SHOP_TIMEZONE: invalid time zone"),
        ("PHRASES_PATH", "/nowhere/phrases.toml", "PHRASES_PATH: cannot read /nowhere/phrases.toml"),
        ("PHRASES_PATH", __file__, f"PHRASES_PATH: cannot read {__file__}"),
        ("BOT_URL", "bot", "BOT_URL: invalid URL"),
        ("SMTP_PORT", "", "SMTP_PORT: "),
        ("HTTPS_PROXY", "::bad::", "HTTPS_PROXY is invalid"),
        ("ALL_PROXY", "foo://127.0.0.1:1", "ALL_PROXY is invalid"),
        ("SSL_CERT_FILE", "/nowhere", "SSL_CERT_FILE is not a certificate file"),
    ],
)
def test_a_start_that_cannot_do_ends_with_a_sentence(
    name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        read_settings()
    assert str(ended.value).startswith(f"darkroom: invalid settings: {told}")
    assert "\n" not in str(ended.value)


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:8080", "127.0.0.1:8080", "socks5://127.0.0.1:1", "socks5h://p:1"])
def test_a_proxy_that_is_one_is_taken(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("ALL_PROXY", proxy)
    assert read_settings()


@pytest.mark.parametrize("place", ["~nobody-of-that-name/data", "~/data", "data"])
def test_a_data_folder_may_be_written_in_any_way(place: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "from runtime import paths; print(paths.DATA)"],
        env={"DARKROOM_DATA": place, "HOME": "/home/li"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == place.replace("~/", "/home/li/")
