"""Nothing in docker-compose.yml names what is not there: variables, commands, options, mounted files."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import typer

from cli import app as command_line
from runtime.settings import Settings
from tests.unit.compose.described import (
    BESIDES_SETTINGS,
    OF_OTHERS,
    OURS,
    PASSWORDS,
    ROOT,
    SHOP,
    THIRD,
    services,
    write_env,
)


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
    options = next((n for n, word in enumerate(words) if word.startswith("--")), len(words))
    for word in words[:options]:
        commands: Mapping[str, Any] = getattr(found, "commands", {})
        assert word in commands, f"there is no `darkroom {' '.join(words)}`"
        found = commands[word]
    assert not hasattr(found, "commands"), f"`darkroom {' '.join(words)}` wants another word"
    assert not [parameter for parameter in found.params if parameter.required]
    assert {word for word in words[options:] if word.startswith("--")} <= {
        option for parameter in found.params for option in parameter.opts
    }


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
