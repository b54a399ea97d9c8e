"""What .env must say: the demo makes its own, and a shop is told what is missing."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from runtime.paths import DEVELOPMENT_SECRET
from runtime.settings import Settings
from tests.unit.compose.described import DEMO, OURS, ROOT, SHOP, THIRD, read, services, settings_of, write_env


def test_the_demo_profile_adds_the_outside_world_and_nothing_else(checkout: Path, demo: Mapping[str, Any]) -> None:
    assert set(demo) == OURS | THIRD
    assert set(services(checkout)) == (OURS | THIRD) - DEMO


def test_without_an_env_file_it_says_what_is_missing_and_what_to_do(tmp_path: Path) -> None:
    shutil.copy(ROOT / "docker-compose.yml", tmp_path)
    answer = read(tmp_path)
    assert answer.returncode != 0
    for name in SHOP:
        assert f"{name} is missing in .env" in answer.stderr
    assert "docker/new-env.sh" in answer.stderr


@pytest.mark.parametrize("name", SHOP)
def test_a_shop_of_its_own_must_say_each_of_these(shop: Path, name: str) -> None:
    write_env(shop, {other: value for other, value in SHOP.items() if other != name})
    answer = read(shop)
    assert answer.returncode != 0
    assert f"{name} is missing in .env" in answer.stderr


@pytest.mark.parametrize("part", [{"postgres", "temporal-schema", "temporal", "temporal-ui"}, {"storage"}])
def test_a_part_that_lies_elsewhere_is_left_out_by_an_override(shop: Path, part: set[str]) -> None:
    override = shop / "docker-compose.override.yml"
    override.write_text(json.dumps({"services": {name: {"profiles": ["elsewhere"]} for name in part}}))
    try:
        assert set(services(shop)) == (OURS | THIRD) - DEMO - part
    finally:
        override.unlink()


def test_nothing_is_simulated_in_a_shop_of_its_own(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = services(shop)
    assert "simulat" not in json.dumps(found)
    settings = settings_of(found["worker"], monkeypatch)
    assert (settings.bot_url, settings.smtp_host) == ("https://bot.example", "mail.example")
    assert not settings.wechat_webhook
    assert not settings.tuhui_url
    assert not settings.private_picture_hosts
    assert found["worker"]["environment"]["ENVIRONMENT"] == "production"


def test_whatever_else_a_shop_sets_reaches_worker_and_gateway(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_env(shop, SHOP | {"FREE_REVISIONS": "7", "GEMINI_API_KEY": "key", "S3_ENDPOINT_URL": "", "S3_PUBLIC_URL": ""})
    for service in ("worker", "gateway"):
        settings = settings_of(services(shop)[service], monkeypatch)
        assert settings.free_revisions == 7
        assert bool(settings.gemini_api_key and settings.gemini_api_key.get_secret_value()) == (service == "worker")
        assert not settings.s3_endpoint_url, "empty means AWS itself"
        assert not settings.s3_public_url


def test_what_faces_the_world_holds_no_key_to_the_outside(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = ("SMTP_PASSWORD", "GEMINI_API_KEY", "ARK_API_KEY", "WECHAT_WEBHOOK", "TUHUI_API_KEY")
    write_env(shop, SHOP | {"TUHUI_URL": "https://tuhui.example"} | dict.fromkeys(keys, "a-secret"))
    gateway_ = services(shop)["gateway"]
    assert "a-secret" not in gateway_["environment"].values()
    assert settings_of(gateway_, monkeypatch).environment == "production", "it starts without them"


def test_the_demos_secrets_are_made_up_and_nobody_elses_to_read(tmp_path: Path, demo: Mapping[str, Any]) -> None:
    (tmp_path / "docker").mkdir()
    script = shutil.copy(ROOT / "docker" / "new-env.sh", tmp_path / "docker")
    for expected in (0, 1):  # a second run leaves the first one's file alone
        run = subprocess.run(["sh", script], capture_output=True, text=True, check=False)
        assert run.returncode == expected
    made = tmp_path / ".env"
    assert made.stat().st_mode & 0o077 == 0
    values = dict(line.split("=", 1) for line in made.read_text().splitlines() if "=" in line)
    secrets = [value for value in values.values() if re.fullmatch(r"(whsec_)?[0-9a-f]{64}", value)]
    assert len(secrets) == len(set(secrets)) == 10
    assert values["LINK_SECRET"] != demo["gateway"]["environment"]["LINK_SECRET"]


def test_the_demo_runs_on_no_development_secret(demo: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(demo["gateway"], monkeypatch)
    secrets = {settings.link_secret.get_secret_value(), settings.aws_secret_access_key.get_secret_value()}
    assert DEVELOPMENT_SECRET not in secrets
    assert settings.bot_secret != Settings.model_fields["bot_secret"].default
    assert "darkroom@" not in settings.database_url
