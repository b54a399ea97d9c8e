"""The gateway over real Postgres, storage and Temporal, and over none of them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import httpx2
import pytest
from fastapi.testclient import TestClient

from adapters.storage.links import DownloadLinks
from gateway.headers import SECURITY_HEADERS
from tests.integration.conftest import Storage, open_files
from tests.integration.gateway.serving import NOWHERE, app_with

KEY = "task-history/tb_001/TASK_20261122_7K3F9Q_1/generated.png"


def link(key: str, filename: str, secret: str = "of the tests") -> str:
    return DownloadLinks(secret, "").url(key, filename)


@pytest.fixture
def alone() -> Iterator[TestClient]:
    """A gateway with nothing behind it."""
    with TestClient(app_with(**NOWHERE), raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


@pytest.fixture
async def picture(storage: Storage) -> str:
    """The key of a file in storage."""
    await open_files(storage).put(KEY, b"a picture", "image/png", "attempt-1.png")
    return KEY


@pytest.fixture
def whole(settings: dict[str, Any], picture: str) -> Iterator[TestClient]:
    """A gateway with everything it needs."""
    with TestClient(app_with(**settings), follow_redirects=False) as client:
        yield client


def is_problem(answer: httpx2.Response, status: int) -> bool:
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "detail"} <= set(body)
    return (answer.status_code, body["status"]) == (status, status)


def test_the_openapi_can_be_read_with_no_server_up() -> None:
    paths = app_with(**NOWHERE).openapi()["paths"]
    assert {"/api/orders", "/api/orders/{order_id}/events/payment_received", "/d/{token}/{filename}"} <= set(paths)


def test_the_gateway_lives_with_nothing_behind_it(alone: TestClient) -> None:
    assert alone.get("/healthz").json() == {"status": "ok"}


def test_it_says_which_of_its_dependencies_are_missing(alone: TestClient) -> None:
    answer = alone.get("/readyz")
    assert is_problem(answer, 503)
    checks = answer.json()["checks"]
    assert set(checks) == {"postgres", "storage", "temporal", "disk"}
    assert [name for name, state in checks.items() if state == "ok"] == ["disk"]


def test_it_is_ready_with_everything_there(whole: TestClient) -> None:
    answer = whole.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]) == (
        200, {"postgres": "ok", "storage": "ok", "temporal": "ok", "disk": "ok"},
    )  # fmt: skip


def test_one_missing_dependency_does_not_hide_the_others(settings: dict[str, Any], picture: str) -> None:
    with TestClient(app_with(**settings | {"temporal_address": "127.0.0.1:1"})) as client:
        answer = client.get("/readyz")
    assert is_problem(answer, 503)
    assert answer.json()["detail"] == "missing: temporal"
    assert answer.json()["checks"] | {"temporal": ""} == {
        "postgres": "ok",
        "storage": "ok",
        "temporal": "",
        "disk": "ok",
    }


def test_storage_that_refuses_our_key_is_missing(settings: dict[str, Any], picture: str) -> None:
    with TestClient(app_with(**settings | {"aws_secret_access_key": "wrong"})) as client:
        assert client.get("/readyz").json()["checks"]["storage"] == "OutsideRefused"


async def test_a_download_link_leads_to_the_file_under_its_name(whole: TestClient) -> None:
    answer = whole.get(link(KEY, "王芳 1.png"))
    assert answer.status_code == 307
    async with httpx.AsyncClient() as web:
        file = await web.get(answer.headers["location"])
    assert file.content == b"a picture"
    assert file.headers["content-disposition"] == "attachment; filename*=UTF-8''%E7%8E%8B%E8%8A%B3%201.png"


async def test_a_download_link_answers_head(whole: TestClient) -> None:
    answer = whole.head(link(KEY, "1.png"))
    assert (answer.status_code, answer.content) == (307, b"")
    async with httpx.AsyncClient() as web:
        assert (await web.head(answer.headers["location"])).headers["content-length"] == "9"


def test_each_click_is_signed_afresh_and_for_a_short_while(whole: TestClient) -> None:
    location = httpx.URL(whole.get(link(KEY, "1.png")).headers["location"])
    assert timedelta(seconds=int(location.params["X-Amz-Expires"])) <= timedelta(minutes=10)
    assert location.params["X-Amz-Date"]


def test_the_name_at_the_end_of_a_link_is_only_for_reading(alone: TestClient) -> None:
    answer = alone.get(link(KEY, "1.png").replace("1.png", "other.exe"))
    assert answer.status_code == 307
    assert "other.exe" not in answer.headers["location"]


def test_unknown_paths_and_methods_are_problems_too(alone: TestClient) -> None:
    assert is_problem(alone.get("/nothing"), 404)
    answer = alone.post("/healthz")
    assert is_problem(answer, 405)
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/nothing", link(KEY, "1.png")])
def test_every_answer_carries_the_security_headers(alone: TestClient, path: str) -> None:
    headers = alone.get(path).headers
    assert {name: headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
