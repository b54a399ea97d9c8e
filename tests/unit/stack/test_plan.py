from collections.abc import Iterator
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from pydantic import SecretStr

from runtime.settings import Settings
from stack import ports
from stack.errors import PortTaken
from stack.folder import DataFolder
from stack.plan import Plan, Provider, StackOptions, make_plan


@pytest.fixture(autouse=True)
def every_port_is_free(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("stack.ports.is_free", lambda port: True)
    reserved: dict[int, socket] = {}
    monkeypatch.setattr("stack.ports._reserved", reserved)
    yield
    ports.release(list(reserved))


def plan_for(tmp_path: Path, provider: Provider = "local", **set_by_the_user: Any) -> Plan:
    folder = DataFolder(tmp_path)
    folder.hold()
    folder.release()
    # model_construct reads neither environment nor files: exactly these are set.
    return make_plan(folder, StackOptions(provider=provider), Settings.model_construct(**set_by_the_user))


def test_everything_is_on_its_usual_port_where_that_is_free(tmp_path: Path) -> None:
    plan = plan_for(tmp_path)
    assert plan.env["TEMPORAL_ADDRESS"] == "127.0.0.1:7233"
    assert plan.env["TEMPORAL_UI_URL"] == "http://127.0.0.1:8233"
    assert plan.env["S3_ENDPOINT_URL"] == "http://127.0.0.1:8333"
    assert plan.env["GATEWAY_URL"] == "http://127.0.0.1:6060"
    assert plan.env["SMTP_PORT"] == "1025"
    assert not plan.notes


def test_a_busy_port_is_told_with_the_one_used_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stack.ports.is_free", lambda port: port != 6060)
    plan = plan_for(tmp_path)
    assert plan.notes == [f"port 6060 is in use: gateway uses {plan.env['GATEWAY_PORT']} instead"]


def test_ports_stay_the_same_from_start_to_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stack.ports.is_free", lambda port: port != 6060)
    first = plan_for(tmp_path)
    monkeypatch.setattr("stack.ports.is_free", lambda port: True)
    again = plan_for(tmp_path)
    assert again.env == first.env
    assert not again.notes


def test_a_port_that_links_lead_to_is_not_changed_in_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan_for(tmp_path)
    monkeypatch.setattr("stack.ports.is_free", lambda port: port != 6070)
    with pytest.raises(PortTaken, match="port 6070, previously used by simulators"):
        plan_for(tmp_path)


def test_the_gateway_takes_the_port_that_the_user_has_set(tmp_path: Path) -> None:
    assert plan_for(tmp_path).env["GATEWAY_PORT"] == "6060"
    assert plan_for(tmp_path, gateway_port=9000).env["GATEWAY_PORT"] == "9000"


def test_every_setting_that_is_handed_out_is_one_that_darkroom_reads(tmp_path: Path) -> None:
    assert {name.lower() for name in plan_for(tmp_path, "gemini-simulator").env} <= set(Settings.model_fields)


def test_a_real_mail_server_set_by_the_user_is_left_alone(tmp_path: Path) -> None:
    plan = plan_for(tmp_path, smtp_host="smtp.example.com", smtp_port=587)
    assert not {"SMTP_HOST", "SMTP_PORT"} & set(plan.env)


def test_a_real_group_of_staff_set_by_the_user_is_told_not_the_simulated_one(tmp_path: Path) -> None:
    assert "/wecom/send?key=" in plan_for(tmp_path).env["WECHAT_WEBHOOK"]
    plan = plan_for(tmp_path, wechat_webhook=SecretStr("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k"))
    assert "WECHAT_WEBHOOK" not in plan.env
    assert not plan.notes


def test_a_real_key_for_gemini_is_left_alone_unless_the_simulator_is_wanted(tmp_path: Path) -> None:
    key = SecretStr("real")
    assert "GEMINI_API_KEY" not in plan_for(tmp_path, gemini_api_key=key).env
    simulated = plan_for(tmp_path, "gemini-simulator", gemini_api_key=key).env
    assert simulated["GEMINI_API_KEY"] == "simulated"
    assert simulated["GEMINI_BASE_URL"] == f"{simulated['SIMULATORS_URL']}/gemini"


def test_a_real_dispatch_system_set_by_the_user_is_left_alone_as_a_whole(tmp_path: Path) -> None:
    simulated = plan_for(tmp_path).env
    assert simulated["TUHUI_URL"] == f"{simulated['SIMULATORS_URL']}/tuhui"
    own = plan_for(tmp_path, tuhui_url="https://tuhui.example", tuhui_api_key=SecretStr("real"))
    assert not [name for name in own.env if name.startswith("TUHUI_")]
    assert not own.notes
    assert "TUHUI_URL" not in plan_for(tmp_path, tuhui_url="").env, "somebody who wants none"


def test_half_a_dispatch_system_of_the_user_is_not_mixed_with_the_simulated_one(tmp_path: Path) -> None:
    plan = plan_for(tmp_path, tuhui_api_key=SecretStr("real"), tuhui_cancel_path="/stop/{id}")
    assert (plan.env["TUHUI_API_KEY"], plan.env["TUHUI_CANCEL_PATH"]) == ("simulated", "/tasks/{id}/cancel")
    assert [note.split()[0] for note in plan.notes] == ["TUHUI_API_KEY", "TUHUI_CANCEL_PATH"]


def test_storage_takes_the_key_that_the_user_has_set(tmp_path: Path) -> None:
    plan = plan_for(tmp_path, aws_access_key_id="mine", aws_secret_access_key=SecretStr("own"))
    assert (plan.env["AWS_ACCESS_KEY_ID"], plan.env["AWS_SECRET_ACCESS_KEY"]) == ("mine", "own")
    assert not plan.notes


def test_passwords_stay_the_same_from_start_to_start(tmp_path: Path) -> None:
    assert plan_for(tmp_path).env == plan_for(tmp_path).env


def test_an_address_set_by_the_user_that_leads_elsewhere_is_told(tmp_path: Path) -> None:
    plan = plan_for(tmp_path, temporal_address="shop.tmprl.cloud:7233")
    assert plan.env["TEMPORAL_ADDRESS"] == "127.0.0.1:7233"
    assert [note.split()[0] for note in plan.notes] == ["TEMPORAL_ADDRESS"]


def test_worker_and_gateway_log_in_to_postgres_as_roles_that_own_nothing(tmp_path: Path) -> None:
    plan = plan_for(tmp_path)
    urls = {server.name: (server.child(plan.env).env or {}).get("DATABASE_URL", "") for server in plan.servers}
    assert urls["migrations"] == plan.env["DATABASE_URL"]  # as the owner of the tables, like `darkroom` and `make psql`
    passwords = {name: DataFolder(tmp_path).secret(f"darkroom_{name}").read_text() for name in ("worker", "gateway")}
    for name, password in passwords.items():
        assert urls[name] == f"postgresql+asyncpg://darkroom_{name}:{password}@127.0.0.1:5433/darkroom"
    assert len({*passwords.values(), DataFolder(tmp_path).secret("postgres").read_text()}) == 3


def test_a_gateway_without_a_postgres_beside_it_logs_in_as_it_is_told(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.hold()
    folder.release()
    (gateway,) = make_plan(folder, StackOptions(servers=["gateway"]), Settings.model_construct()).servers
    assert (gateway.child({"DATABASE_URL": "elsewhere"}).env or {})["DATABASE_URL"] == "elsewhere"
