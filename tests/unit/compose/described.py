"""What `docker compose` makes of docker-compose.yml, and what containers are there."""

import json
import os
import subprocess
import sysconfig
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from runtime.settings import Settings

ROOT = Path(__file__).parents[3]
COMPOSE = Path(sysconfig.get_path("scripts")) / "docker-compose"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
OURS = {"migrations", "temporal-setup", "storage-setup", "worker", "promotion", "gateway", "chat-key", "simulators"}
JOBS = {"migrations", "temporal-setup", "storage-setup", "promotion", "chat-key", "temporal-schema"}
THIRD = {"postgres", "temporal-schema", "temporal", "temporal-ui", "storage"}
DEMO = {"chat-key", "simulators"}
# What .env says for other containers than ours, and what the simulators read (simulators/__main__.py).
PASSWORDS = {
    "POSTGRES_PASSWORD",
    "DARKROOM_OWNER_DB_PASSWORD",
    "DARKROOM_WORKER_DB_PASSWORD",
    "DARKROOM_GATEWAY_DB_PASSWORD",
    "TEMPORAL_DB_PASSWORD",
}
BESIDES_SETTINGS = {"DEMO", "WECOM_KEY", "OWNER_DATABASE_URL", "GATEWAY_DATABASE_URL", *PASSWORDS}
# What an image reads, by its documentation or its source.
OF_OTHERS = {
    "postgres": {"POSTGRES_INITDB_ARGS", *PASSWORDS},
    "temporal-schema": {"SQL_PLUGIN", "SQL_HOST", "SQL_PORT", "SQL_USER", "SQL_PASSWORD"},
    "temporal": {
        "DB", "DB_PORT", "POSTGRES_SEEDS", "POSTGRES_USER", "POSTGRES_PWD", "NUM_HISTORY_SHARDS", "BIND_ON_IP",
        "LOG_LEVEL", "DYNAMIC_CONFIG_FILE_PATH", "SQL_MAX_CONNS", "SQL_MAX_IDLE_CONNS", "SQL_VIS_MAX_CONNS",
        "SQL_VIS_MAX_IDLE_CONNS",
    },
    "temporal-ui": {
        "TEMPORAL_ADDRESS", "TEMPORAL_DEFAULT_NAMESPACE", "TEMPORAL_UI_PORT", "TEMPORAL_CORS_ORIGINS",
        "TEMPORAL_CSRF_COOKIE_INSECURE", "TEMPORAL_DISABLE_NEWS_FETCH", "TEMPORAL_DISABLE_WRITE_ACTIONS",
        "TEMPORAL_CODEC_ENDPOINT", "TEMPORAL_CODEC_INCLUDE_CREDENTIALS",
    },
    "storage": {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"},
}  # fmt: skip
# What a shop of its own says at the least (docs/deployment.md).
SHOP = {
    "POSTGRES_PASSWORD": "p1", "DARKROOM_OWNER_DB_PASSWORD": "p2", "DARKROOM_WORKER_DB_PASSWORD": "p3",
    "DARKROOM_GATEWAY_DB_PASSWORD": "p5", "TEMPORAL_DB_PASSWORD": "p4",
    "AWS_SECRET_ACCESS_KEY": "s1", "PAYLOAD_KEYS": "1:" + "5a" * 32, "LINK_SECRET": "s2",
    "BOT_SECRET": "whsec_c2hvcA==", "PAYMENT_SECRETS": "whsec_c2hvcA==",
    "GATEWAY_URL": "https://shop.example", "BOT_URL": "https://bot.example",
    "SMTP_HOST": "mail.example", "MAIL_FROM": "Shop <orders@shop.example>", "S3_PUBLIC_URL": "https://files.shop.example",
}  # fmt: skip

Service = Mapping[str, Any]


def read(folder: Path, *profiles: str) -> subprocess.CompletedProcess[str]:
    """Let `docker compose` read the file, with nothing of this machine's environment."""
    options = [part for profile in profiles for part in ("--profile", profile)]
    return subprocess.run(
        [COMPOSE, *options, "config", "--format", "json"],
        cwd=folder, env={"PATH": os.defpath, "HOME": str(folder)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def services(folder: Path, *profiles: str) -> dict[str, Any]:
    answer = read(folder, *profiles)
    assert answer.returncode == 0, answer.stderr
    found: dict[str, Any] = json.loads(answer.stdout)["services"]
    return found


def write_env(folder: Path, settings: Mapping[str, str]) -> None:
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))


def settings_of(service: Service, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return what a container of ours makes of its environment."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in service["environment"].items():
        monkeypatch.setenv(name, value)
    return Settings(_env_file=None)


def published(service: Service) -> int:
    (port,) = service["ports"]
    assert int(port["published"]) == port["target"], "signed links bear the port: outside it is what it is inside"
    return int(port["target"])
