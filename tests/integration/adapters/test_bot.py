"""The chat bot's adapter, over the wire."""

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta, tzinfo

import httpx
import pytest

from adapters.bot import BotChat
from domain.vocabulary.errors import DarkroomError, MessageRefused, OutsideRefused, OutsideUnavailable
from domain.vocabulary.recipient import Recipient
from tests.bot import running_bot
from tests.integration.adapters.conftest import Answer, Serve, pouring, reply
from tests.integration.simulators_fixtures import BOT_SECRET, Simulators, free_port

ZEROS = gzip.compress(b"\0" * 20_000_000)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as http:
        yield http


async def failure(port: int, client: httpx.AsyncClient) -> DarkroomError:
    chat = BotChat(f"http://127.0.0.1:{port}", BOT_SECRET, client)
    with pytest.raises(DarkroomError) as raised:
        await chat.send_text("M-1", Recipient("li", "shop", "AliWorkbench"), "好")
    return raised.value


async def test_words_pictures_and_hints_reach_the_customer(simulators: Simulators, client: httpx.AsyncClient) -> None:
    chat, to = BotChat(simulators.bot_url + "/", BOT_SECRET, client), Recipient("王小姐", "shop-7", "AliWorkbench")
    await chat.send_text("O-M1", to, "好的,重新给你做")
    await chat.send_image("O-M2", to, "http://pictures.example/1.jpg")
    await chat.hint("O-M3", to, "请用自然口吻", "好了,你看一下")
    text, image, hint = simulators.ledger("bot", customer="王小姐")
    assert (text["content"], text["msg_type"], text["message_id"]) == ("好的,重新给你做", 0, "O-M1")
    assert (image["content"], image["msg_type"], image["acc_id"]) == ("http://pictures.example/1.jpg", 1, "shop-7")
    assert (hint["system_hint"], hint["fallback_text"]) == ("请用自然口吻", "好了,你看一下")


async def test_a_retry_bears_the_same_id_and_is_shown_once(simulators: Simulators, client: httpx.AsyncClient) -> None:
    chat, to = BotChat(simulators.bot_url, BOT_SECRET, client), Recipient("retried", "shop", "AliWorkbench")
    for _ in range(2):
        await chat.send_text("O-M9", to, "您好")
    assert [entry["repeat"] for entry in simulators.ledger("bot", message_id="O-M9")] == [False, True]


async def test_a_wrong_secret_is_refused_for_good(simulators: Simulators, client: httpx.AsyncClient) -> None:
    chat = BotChat(simulators.bot_url, "whsec_d3Jvbmc=", client)
    with pytest.raises(OutsideRefused, match="401"):
        await chat.send_text("O-M1", Recipient("li", "shop", "AliWorkbench"), "好")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, MessageRefused) for status in ("400 Bad", "409 Conflict", "410 Gone", "413 Large", "422 Odd")),
        *((status, OutsideRefused) for status in ("401 Who", "403 No", "404 Missing", "405 Not so")),
        ("301 Moved", OutsideRefused),
        ("408 Slow", OutsideUnavailable),
        ("429 Many", OutsideUnavailable),
        ("500 Broken", OutsideUnavailable),
        ("503 Away", OutsideUnavailable),
    ],
)
async def test_each_status_has_its_outcome(
    serve: Serve, client: httpx.AsyncClient, status: str, kind: type[DarkroomError]
) -> None:
    assert type(await failure(await serve(reply(status, b"why")), client)) is kind


async def test_a_busy_bot_says_when_to_come_back(serve: Serve, client: httpx.AsyncClient) -> None:
    error = await failure(await serve(reply("503 Away", retry_after="7")), client)
    assert error.retry_after == timedelta(seconds=7)


async def hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


SLOWLY = pouring(b"HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n", b" ", pause=0.05)


@pytest.mark.parametrize("answer", [None, b"", b"no http\r\n\r\n", hang, SLOWLY])
async def test_a_bot_that_is_away_is_tried_again(
    serve: Serve, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, answer: Answer | bytes | None
) -> None:
    monkeypatch.setattr("adapters.bot.TIMEOUT_SECONDS", 0.3)
    port = free_port() if answer is None else await serve(answer)
    assert type(await failure(port, client)) is OutsideUnavailable


async def test_the_signature_is_that_of_the_bytes_which_arrive(client: httpx.AsyncClient) -> None:
    async with running_bot() as bot:
        chat, to = BotChat(bot.url, BOT_SECRET, client), Recipient("王小姐", "shop", "AliWorkbench")
        await chat.send_text("ORDER_1-M2", to, '好的 😀 "\n\u2028')
        await chat.hint("ORDER_1-M3", to, "请用自然口吻", "好了")
        first, second = bot.heard
    assert (first.message_id, first.said["content"]) == ("ORDER_1-M2", '好的 😀 "\n\u2028')
    assert (second.path, second.message_id, second.said["fallback_text"]) == ("/hints", "ORDER_1-M3", "好了")


async def test_each_try_is_signed_anew_so_that_a_late_one_is_not_stale(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    class AnHourAgo(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "AnHourAgo":
            return cls.fromtimestamp(datetime.now(tz).timestamp() - 3600, tz)

    async with running_bot() as bot:
        chat, to = BotChat(bot.url, BOT_SECRET, client), Recipient("li", "shop", "AliWorkbench")
        with monkeypatch.context() as patch:
            patch.setattr("adapters.bot.datetime", AnHourAgo)
            with pytest.raises(OutsideRefused, match="401"):
                await chat.send_text("ORDER_1-M2", to, "好")
        await chat.send_text("ORDER_1-M2", to, "好")
    assert [heard.message_id for heard in bot.heard] == ["ORDER_1-M2"]


@pytest.mark.parametrize("status", ["301", "302", "303", "307", "308"])
async def test_a_redirect_gets_neither_the_words_nor_their_signature(serve: Serve, status: str) -> None:
    async with running_bot() as other, httpx.AsyncClient(follow_redirects=True) as eager:
        port = await serve(reply(f"{status} Elsewhere", location=f"{other.url}/messages"))
        assert type(await failure(port, eager)) is OutsideRefused
    assert other.heard == []


@pytest.mark.parametrize("packed", [b"", b"content-encoding: gzip\r\n"])
@pytest.mark.parametrize("status", [b"200 OK", b"400 Bad", b"503 Away"])
async def test_an_answer_without_end_fills_no_memory(
    serve: Serve, client: httpx.AsyncClient, status: bytes, packed: bytes
) -> None:
    port = await serve(
        pouring(b"HTTP/1.1 " + status + b"\r\n" + packed + b"\r\n", ZEROS if packed else b"why? " * 10_000)
    )
    tracemalloc.start()
    try:
        chat = BotChat(f"http://127.0.0.1:{port}", BOT_SECRET, client)
        with suppress(DarkroomError) if status != b"200 OK" else nullcontext():
            await chat.send_text("M-1", Recipient("li", "shop", "AliWorkbench"), "好")
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


async def test_of_a_long_answer_the_beginning_is_told(serve: Serve, client: httpx.AsyncClient) -> None:
    error = await failure(await serve(reply("400 Bad", "没有这个客户".encode() * 100_000)), client)
    assert str(error).startswith("The chat bot answered 400: 没有这个客户")
    assert len(str(error)) < 300
