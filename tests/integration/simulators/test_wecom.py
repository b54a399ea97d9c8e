"""The simulator of staff's group robot: what it takes, what it refuses, and the chat it shows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.simulators_fixtures import Simulators, running_simulators


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Simulators]:
    """Simulators of this test's own, whose robot takes three messages a minute."""
    with running_simulators(tmp_path, wecom_per_minute=3) as running:
        yield running


def post(url: str, body: Any) -> int:
    response = httpx.post(url, json=body)
    assert response.status_code == 200, "errors come with HTTP 200"
    return int(response.json()["errcode"])


def say(simulators: Simulators, content: str) -> int:
    return post(simulators.webhook_url, {"msgtype": "markdown", "markdown": {"content": content}})


def test_a_message_is_shown_to_staff(simulators: Simulators) -> None:
    response = httpx.post(simulators.webhook_url, json={"msgtype": "markdown", "markdown": {"content": "新订单"}})
    assert response.json() == {"errcode": 0, "errmsg": "ok"}
    (entry,) = simulators.ledger("wecom", content="新订单")
    assert entry["errcode"] == 0
    assert "新订单" in httpx.get(f"{simulators.url}/wecom/").text


@pytest.mark.parametrize("query", ["", "?key=", "?key=another"])
def test_a_wrong_key_is_a_bad_webhook(simulators: Simulators, query: str) -> None:
    body = {"msgtype": "markdown", "markdown": {"content": "好"}}
    assert post(f"{simulators.url}/wecom/send{query}", body) == 93000


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ([], 47001),
        ({"msgtype": "markdown", "markdown": "好"}, 47001),
        ({}, 40008),
        ({"msgtype": "poem", "markdown": {"content": "好"}}, 40008),
        ({"msgtype": "markdown"}, 44004),
        ({"msgtype": "markdown", "markdown": {"content": "客" * 1366}}, 40058),
        ({"msgtype": "markdown", "markdown": {"content": "客" * 1365 + "a"}}, 0),
    ],
)
def test_each_message_has_its_answer(simulators: Simulators, body: Any, errcode: int) -> None:
    assert post(simulators.webhook_url, body) == errcode
    assert simulators.ledger("wecom")[-1]["errcode"] == errcode


def test_a_minute_holds_so_many_messages_and_failed_ones_count(small: Simulators) -> None:
    assert post(f"{small.url}/wecom/send?key=another", {}) == 93000  # of another robot: not counted
    assert [say(small, "一"), post(small.webhook_url, {}), say(small, "三"), say(small, "四")] == [0, 40008, 0, 45009]
    assert [entry["content"] for entry in small.ledger("wecom", errcode=0)] == ["一", "三"]


def test_a_minute_is_not_forgotten_over_a_restart(tmp_path: Path) -> None:
    with running_simulators(tmp_path, wecom_per_minute=1) as first:
        assert say(first, "一") == 0
    with running_simulators(tmp_path, wecom_per_minute=1) as second:
        assert say(second, "二") == 45009


def test_the_next_calls_fail_as_asked_for(small: Simulators) -> None:
    faults = f"{small.url}/wecom/faults"
    assert httpx.post(faults, json={"errcode": 45033, "times": 2}).is_success
    assert httpx.post(faults, json={"status": 503}).is_success
    assert [say(small, "好"), say(small, "好")] == [45033, 45033]
    answer = httpx.post(small.webhook_url, json={})
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert [(entry["errcode"], entry["status"]) for entry in small.ledger("wecom")] == [
        (45033, 200),
        (45033, 200),
        (None, 503),
    ]
    assert "群里还没有消息" in httpx.get(f"{small.url}/wecom/").text


@pytest.mark.parametrize("fault", [{"status": 200}, {"times": 0}, {"surprise": 1}, []])
def test_a_fault_that_is_none_is_refused(simulators: Simulators, fault: Any) -> None:
    assert httpx.post(f"{simulators.url}/wecom/faults", json=fault).status_code == 400


def test_bold_words_and_links_are_shown_as_such_and_all_else_is_escaped(simulators: Simulators) -> None:
    say(simulators, "**转人工**\n<script>alert(1)</script> [看订单](https://shop.example/1) [坏](javascript:alert(1))")
    page = httpx.get(f"{simulators.url}/wecom/").text
    assert "<strong>转人工</strong>\n" in page
    assert '<a href="https://shop.example/1">看订单</a>' in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert 'href="javascript' not in page
