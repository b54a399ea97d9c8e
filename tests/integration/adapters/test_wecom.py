"""Staff's group robot, over the wire."""

import asyncio
import json
import traceback
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from adapters.wecom import StaffLog, WeComRobot
from domain.texts.masking import masked
from domain.vocabulary.errors import DarkroomError, MessageRefused, OutsideRefused, OutsideUnavailable
from domain.vocabulary.staff_messages import LONGEST_BYTES
from tests.integration.adapters.conftest import Serve, reply
from tests.integration.simulators_fixtures import WECOM_KEY, Simulators, free_port, running_simulators


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as http:
        yield http


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Simulators]:
    """Simulators of this test's own, whose robot takes one message a minute."""
    with running_simulators(tmp_path, wecom_per_minute=1) as running:
        yield running


async def failure(url: str, client: httpx.AsyncClient) -> DarkroomError:
    """The error of a message, in which the key is nowhere to be read."""
    with pytest.raises(DarkroomError) as raised:
        await WeComRobot(url, client).tell("好")
    assert WECOM_KEY not in "".join(traceback.format_exception(raised.value))
    return raised.value


def webhook(port: int) -> str:
    return f"http://127.0.0.1:{port}/cgi-bin/webhook/send?key={WECOM_KEY}"


async def test_staff_read_what_they_are_told(simulators: Simulators, client: httpx.AsyncClient) -> None:
    await WeComRobot(simulators.webhook_url, client).tell("**已付款** 18元\n客户:王小姐")
    (entry,) = simulators.ledger("wecom", content="**已付款** 18元\n客户:王小姐")
    assert entry["errcode"] == 0


async def test_a_message_that_is_too_long_is_shortened_and_taken(
    simulators: Simulators, client: httpx.AsyncClient
) -> None:
    await WeComRobot(simulators.webhook_url, client).tell("太长了" + "😀" * LONGEST_BYTES)
    entry = simulators.ledger("wecom")[-1]
    assert (entry["errcode"], entry["content"][:3], entry["content"][-2:]) == (0, "太长了", "😀…")


async def test_too_many_messages_wait_for_a_minute(small: Simulators, client: httpx.AsyncClient) -> None:
    await WeComRobot(small.webhook_url, client).tell("一")
    error = await failure(small.webhook_url, client)
    assert (type(error), error.retry_after) == (OutsideUnavailable, timedelta(minutes=1))


async def test_a_wrong_key_is_for_staff_to_mend(simulators: Simulators, client: httpx.AsyncClient) -> None:
    error = await failure(simulators.webhook_url + "x", client)
    assert isinstance(error, OutsideRefused)
    assert "93000" in str(error)
    assert not error.permanent


@pytest.mark.parametrize(
    ("errcode", "kind", "pause"),
    [
        (45009, OutsideUnavailable, timedelta(minutes=1)),
        (45033, OutsideUnavailable, None),
        (-1, OutsideUnavailable, None),
        (93000, OutsideRefused, None),
        (40058, MessageRefused, None),
        (40008, MessageRefused, None),
        (44004, MessageRefused, None),
        (60020, OutsideRefused, None),
    ],
)
async def test_each_errcode_has_its_outcome(
    simulators: Simulators, client: httpx.AsyncClient, errcode: int, kind: type[DarkroomError], pause: timedelta | None
) -> None:
    await client.post(f"{simulators.url}/wecom/faults", json={"errcode": errcode})
    error = await failure(simulators.webhook_url, client)
    assert (type(error), error.retry_after) == (kind, pause)
    assert str(errcode) in str(error)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("404 Missing", OutsideRefused),
        ("301 Moved", OutsideRefused),
        ("429 Many", OutsideUnavailable),
        ("500 Broken", OutsideUnavailable),
        ("503 Away", OutsideUnavailable),
    ],
)
async def test_each_status_has_its_outcome(
    serve: Serve, client: httpx.AsyncClient, status: str, kind: type[DarkroomError]
) -> None:
    assert type(await failure(webhook(await serve(reply(status, b"why"))), client)) is kind


async def test_a_busy_service_says_when_to_come_back(serve: Serve, client: httpx.AsyncClient) -> None:
    error = await failure(webhook(await serve(reply("503 Away", retry_after="7"))), client)
    assert error.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>log in to this network</html>",
        b"",
        b"[]",
        b'{"errmsg": "ok"}',
        b'{"errcode": null}',
        b"\xff\xfe",
        b"[" * 100_000,
        f"<html>no way to /cgi-bin/webhook/send?key={WECOM_KEY}</html>".encode(),
    ],
)
async def test_an_answer_that_is_none_is_asked_for_again(serve: Serve, client: httpx.AsyncClient, body: bytes) -> None:
    assert type(await failure(webhook(await serve(reply("200 OK", body))), client)) is OutsideUnavailable


async def test_an_answer_packed_as_it_is_not_is_asked_for_again(serve: Serve, client: httpx.AsyncClient) -> None:
    port = await serve(reply("200 OK", b"no gzip", content_encoding="gzip"))
    assert type(await failure(webhook(port), client)) is OutsideUnavailable


async def test_a_page_that_quotes_our_address_gives_no_key_away(serve: Serve, client: httpx.AsyncClient) -> None:
    page = json.dumps({"errcode": 93000, "errmsg": f"no robot at key={WECOM_KEY}"}).encode()
    assert "no robot at key=…" in str(await failure(webhook(await serve(reply("200 OK", page))), client))


async def test_a_robot_that_is_away_is_tried_again(
    serve: Serve, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    monkeypatch.setattr("adapters.wecom.TIMEOUT_SECONDS", 0.2)
    for port in (free_port(), await serve(b""), await serve(hang)):
        assert type(await failure(webhook(port), client)) is OutsideUnavailable


@pytest.mark.parametrize("url", ["robot", f"http://a:port/?key={WECOM_KEY}", f"ftp://a/?key={WECOM_KEY}", "https://"])
async def test_a_webhook_that_is_no_address_is_for_staff_to_mend(url: str, client: httpx.AsyncClient) -> None:
    error = await failure(url, client)
    assert isinstance(error, OutsideRefused)
    assert "WECHAT_WEBHOOK" in str(error)


async def test_without_a_robot_notices_are_logged_without_whole_addresses() -> None:
    with capture_logs() as lines:
        await StaffLog().tell("**已付款** 发到 wang.xiaojie@example.com")
    assert [(line["log_level"], line["notice"]) for line in lines] == [("warning", "**已付款** 发到 w…@example.com")]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("a@b.cn", "a…@b.cn"),
        ("邮箱:wang+1@b.cn,li@b.cn", "邮箱:w…@b.cn,l…@b.cn"),
        ("123456 @ qq.com", "1… @ qq.com"),
        ("123456@qq.com", "1…@qq.com"),
        ("没有地址 18.00", "没有地址 18.00"),
    ],
)
def test_of_an_address_the_first_letter_is_left(words: str, shown: str) -> None:
    assert masked(words) == shown
