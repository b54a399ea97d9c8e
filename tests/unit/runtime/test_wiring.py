"""What the settings of designers and of signatures become."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from adapters.imaging.labels.credentials import Credentials
from domain.vocabulary.rules import DesignerRules
from runtime import wiring
from runtime.settings import Settings


def settings(**said: Any) -> Settings:
    return Settings(_env_file=None, **said)


async def test_without_an_address_there_is_no_dispatch_system() -> None:
    async with httpx.AsyncClient() as client:
        assert wiring.dispatch(settings(tuhui_url=None), client) is None
        assert wiring.dispatch(settings(tuhui_url=""), client) is None


@pytest.mark.parametrize(
    ("statuses", "is_told"), [("Working, 已接单", True), (" , ", False), ("", False), (None, False)]
)
def test_acceptance_is_told_where_a_status_means_it(statuses: str | None, is_told: bool) -> None:
    said = settings(tuhui_url="https://tuhui.example", tuhui_api_key="k", tuhui_accepted_status=statuses)
    assert wiring.designer_rules(said).is_acceptance_told is is_told


@pytest.mark.parametrize(("status", "finished"), [("Completed", True), ("已完成", True), ("cancelled", False)])
async def test_statuses_are_said_with_commas_between_them(status: str, finished: bool) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=httpx.ByteStream(json.dumps({"status": status}).encode()))

    said = settings(tuhui_url="https://t.example", tuhui_api_key="k", tuhui_finished_status="COMPLETED, 已完成")
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        dispatch = wiring.dispatch(said, client)
        assert dispatch
        assert (await dispatch.task("t1")).is_finished is finished


def test_designers_have_as_long_as_the_settings_say() -> None:
    said = settings(
        shop_timezone="Asia/Tokyo", shop_opens_at=8, shop_closes_at=20, designer_lease_minutes=5,
        designer_deadline_hours=2, designer_give_up_hours=3, tuhui_accepted_status=None,
    )  # fmt: skip
    assert wiring.designer_rules(said) == DesignerRules(
        timezone="Asia/Tokyo", opens_at=8, closes_at=20, lease_minutes=5, deadline_hours=2, give_up_hours=3
    )


def test_the_settings_say_what_the_rules_say_by_themselves() -> None:
    names = [name for name in Settings.model_fields if name.startswith(("designer_", "shop_opens", "shop_closes"))]
    usual = Settings.model_construct(**{name: Settings.model_fields[name].default for name in names})
    assert wiring.designer_rules(usual) == DesignerRules()


def test_files_are_signed_with_the_certificate_and_the_key_that_are_set(tmp_path: Path) -> None:
    certificate, key = tmp_path / "shop.pem", tmp_path / "key.pem"
    certificate.write_text("certificate")
    key.write_text("key")
    assert wiring.credentials(settings()) is None
    both = settings(c2pa_certificate=certificate, c2pa_key=key)
    assert wiring.credentials(both) == Credentials("certificate", "key")
    with pytest.raises(ValidationError, match="c2pa_key"):
        settings(c2pa_certificate=certificate, c2pa_key=tmp_path / "none.pem")


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("ORDER_20261122_7K3F9Q", "https://shop.example/staff/orders/ORDER_20261122_7K3F9Q"),
        (
            "dispatch-TASK_20261122_7K3F9Q_1",
            "https://ui.example/namespaces/shop/workflows/dispatch-TASK_20261122_7K3F9Q_1",
        ),
        ("FIND_20261122_7K3F9Q", ""),
        ("", ""),
        ("../evil", ""),
    ],
)
def test_staff_are_led_to_the_board_and_of_a_dispatch_to_the_web_ui(name: str, page: str) -> None:
    said = settings(gateway_url="https://shop.example", temporal_ui_url="https://ui.example", temporal_namespace="shop")
    assert wiring.page_of(said, name) == page
