"""Ports, addresses and networks of the containers."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from runtime.settings import Settings
from stack.servers import gateway, simulators, storage, temporal
from stack.servers import worker as worker_server
from tests.unit.compose.described import SHOP, published, read, services, settings_of, write_env


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
