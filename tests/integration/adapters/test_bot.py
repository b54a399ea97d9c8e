"""The chat bot's adapter, over the wire."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from adapters.bot import BotChat
from domain.errors import DarkroomError, OutsideRefused, OutsideUnavailable
from domain.ports import Recipient
from tests.integration.adapters.conftest import Serve, reply
from tests.integration.simulators_fixtures import BOT_SECRET, Simulators, free_port


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
        ("400 Bad", OutsideRefused),
        ("404 Missing", OutsideRefused),
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


async def test_a_bot_that_is_away_is_tried_again(
    serve: Serve, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    monkeypatch.setattr("adapters.bot.TIMEOUT_SECONDS", 0.2)
    for port in (free_port(), await serve(b""), await serve(hang)):
        assert type(await failure(port, client)) is OutsideUnavailable
