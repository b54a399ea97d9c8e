"""Which door to Temporal comes of which variables."""

from pathlib import Path
from typing import Any

import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.service import TLSConfig

import cli
from domain.vocabulary.errors import NotYet
from runtime import wiring
from runtime.settings import Settings
from starter.client import CONVERTER, InvalidConnection, TemporalConnection, connection_from

PROFILE = """
[profile.cloud]
address = "shop.a1b2c.tmprl.cloud:7233"
namespace = "shop.a1b2c"
api_key = "of the file"
"""


def opened(**said: Any) -> TemporalConnection:
    return wiring.temporal(Settings(_env_file=None, **said))


def test_the_commands_connect_as_worker_and_gateway_do() -> None:
    settings = Settings(_env_file=None, temporal_address="temporal:7233", payload_keys="1:" + "5a" * 32)
    assert cli._connection(settings) == wiring.temporal(settings)
    assert cli._connection(settings).payload_keys


@pytest.fixture
def profiles(tmp_path: Path) -> str:
    file = tmp_path / "temporal.toml"
    file.write_text(PROFILE)
    return str(file)


def test_nothing_is_needed_on_this_machine() -> None:
    assert opened() == TemporalConnection("127.0.0.1:7233", "default")
    assert not opened().is_encrypted


def test_address_and_namespace_are_settings_as_ever() -> None:
    assert opened(temporal_address="temporal:7233", temporal_namespace="shop") == TemporalConnection(
        "temporal:7233", "shop"
    )


def test_empty_settings_are_none() -> None:
    said = {"temporal_profile": "", "temporal_config_file": "", "temporal_api_key": "", "temporal_tls": "false"}
    assert not opened(**said).is_encrypted
    assert "api_key" not in opened(**said).credentials


def test_a_key_brings_tls() -> None:
    found = opened(temporal_address="shop.tmprl.cloud:7233", temporal_api_key="k")
    assert found.credentials == {"api_key": "k", "tls": True}
    assert "k'" not in repr(found)


def test_certificates_are_read_from_their_files(tmp_path: Path) -> None:
    for name in ("cert", "key", "ca"):
        (tmp_path / name).write_text(name)
    found = opened(
        temporal_tls_client_cert_path=str(tmp_path / "cert"),
        temporal_tls_client_key_path=str(tmp_path / "key"),
        temporal_tls_server_ca_cert_path=str(tmp_path / "ca"),
        temporal_tls_server_name="temporal.shop.example",
    )
    tls = found.credentials["tls"]
    assert isinstance(tls, TLSConfig)
    assert (tls.client_cert, tls.client_private_key, tls.server_root_ca_cert) == (b"cert", b"key", b"ca")
    assert tls.domain == "temporal.shop.example"


def test_a_profile_says_it_all_and_settings_win_over_it(profiles: str) -> None:
    found = opened(temporal_profile="cloud", temporal_config_file=profiles)
    assert (found.address, found.namespace) == ("shop.a1b2c.tmprl.cloud:7233", "shop.a1b2c")
    assert found.credentials["api_key"] == "of the file"
    own = {"temporal_namespace": "other.a1b2c", "temporal_api_key": "of the settings"}
    found = opened(temporal_profile="cloud", temporal_config_file=profiles, **own)
    assert (found.namespace, found.credentials["api_key"]) == ("other.a1b2c", "of the settings")


def test_profiles_that_a_person_keeps_for_other_work_are_not_read(
    profiles: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "temporalio"
    folder.mkdir()
    (folder / "temporal.toml").write_text(PROFILE.replace("cloud]", "default]"))
    assert opened() == TemporalConnection("127.0.0.1:7233", "default")


def test_what_else_envconfig_knows_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_GRPC_META_TENANT", "shop")
    assert opened().credentials == {"rpc_metadata": {"tenant": "shop"}}


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"TEMPORAL_CONFIG_FILE": "/nowhere/temporal.toml"}, "TEMPORAL_CONFIG_FILE: not found: "),
        (
            {"TEMPORAL_TLS_SERVER_CA_CERT_PATH": "/nowhere/ca.pem"},
            "a certificate",
        ),
    ],
)
def test_what_does_not_hold_together_is_a_sentence(env: dict[str, str], told: str) -> None:
    with pytest.raises(InvalidConnection, match=told):
        connection_from(env, "a:1", "default", {})


def test_a_profile_that_is_not_there_is_a_sentence(profiles: str) -> None:
    with pytest.raises(InvalidConnection, match=r"TEMPORAL_PROFILE.*Profile 'shop' not found"):
        connection_from({"TEMPORAL_CONFIG_FILE": profiles, "TEMPORAL_PROFILE": "shop"}, "a:1", "default", {})


async def failure_of(category: ApplicationErrorCategory) -> Failure:
    """How an activity's error reaches the server, from which the Web UI shows it."""
    failure = Failure()

    async def look() -> None:
        raise ApplicationError("the task is at a designer", category=category) from NotYet("assigned")

    try:
        await look()
    except ApplicationError as error:
        await CONVERTER.encode_failure(error, failure)
    return failure


async def test_a_look_that_comes_too_early_shows_no_stack() -> None:
    failure = await failure_of(ApplicationErrorCategory.BENIGN)
    assert (failure.message, failure.stack_trace) == ("the task is at a designer", "")
    assert not failure.HasField("cause")


async def test_a_failure_shows_its_stack_and_its_cause() -> None:
    failure = await failure_of(ApplicationErrorCategory.UNSPECIFIED)
    assert "in look" in failure.stack_trace
    assert failure.cause.message == "assigned"
