"""The server behind the chat page: it plays the shop's bot, and loses nothing that the customer sent."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from runtime.paths import ROOT
from simulators.shopbot.gateway import Gateway, NotTaken
from tests.conftest import WholeShop
from tests.integration.simulators_fixtures import free_port

PHOTO = (ROOT / "demo" / "photos" / "coffee.jpg").read_bytes()


@pytest.fixture
async def chat(whole_shop: WholeShop) -> AsyncIterator[httpx.AsyncClient]:
    """The chat of a new customer."""
    base = f"{whole_shop.settings.simulators_url}/chat/guest-{uuid.uuid4().hex[:6]}"
    async with httpx.AsyncClient(base_url=base, timeout=60) as client:
        yield client


async def ledger(chat: httpx.AsyncClient, kind: str) -> list[dict[str, Any]]:
    customer = chat.base_url.path.strip("/").rpartition("/")[2]
    found: list[dict[str, Any]] = (
        await chat.get(chat.base_url.join("../ledger"), params={"customer": customer, "kind": kind})
    ).json()
    return found


async def test_a_line_that_is_sent_again_is_one_line_and_one_order(chat: httpx.AsyncClient) -> None:
    line = {"line": uuid.uuid4().hex, "text": "变清晰一点"}
    for _ in range(2):
        answer = await chat.post("say", data=line, files={"picture": PHOTO})
        assert answer.json() == {"ok": True}
    assert len(await ledger(chat, "said")) == 1
    assert len(await ledger(chat, "order")) == 1


@pytest.mark.parametrize("body", [{"line": "x"}, {"text": "在吗"}, {"line": "a" * 20, "text": "  "}])
async def test_a_line_without_an_id_or_words_is_refused(chat: httpx.AsyncClient, body: dict[str, str]) -> None:
    assert (await chat.post("say", data=body)).status_code == 400


@pytest.mark.parametrize("amount", ["", "-1", "1e9", "12.345", "abc"])
async def test_an_amount_that_is_none_is_refused(chat: httpx.AsyncClient, amount: str) -> None:
    assert (await chat.post("pay", data={"line": uuid.uuid4().hex, "amount": amount})).status_code == 400


async def test_what_the_gateway_refuses_is_told(chat: httpx.AsyncClient) -> None:
    answer = await chat.post("say", data={"line": uuid.uuid4().hex}, files={"picture": b"no picture"})
    assert answer.status_code == 502
    assert answer.json()["is_final"]
    assert "JPEG 或 PNG" in answer.json()["error"]


@pytest.mark.parametrize("path", ["../pictures/nothing", "../samples/nothing.jpg", "../static/nothing.js"])
async def test_what_is_not_there_is_not_found(chat: httpx.AsyncClient, path: str) -> None:
    assert (await chat.get(chat.base_url.join(path))).status_code == 404


async def test_a_gateway_that_is_away_is_tried_again_and_then_told_of() -> None:
    gateway = Gateway(f"http://127.0.0.1:{free_port()}", "dk_x", "whsec_eHl6")
    with pytest.raises(NotTaken, match="网关连不上"):
        await gateway.upload(PHOTO)
    await gateway.close()


async def test_the_bots_page_shows_both_sides_of_a_conversation(chat: httpx.AsyncClient) -> None:
    await chat.post("say", data={"line": uuid.uuid4().hex, "text": "在吗 <b>"})
    customer = chat.base_url.path.strip("/").rpartition("/")[2]
    page = (await chat.get(chat.base_url.join(f"../../bot/conversations/{customer}"))).text
    assert "在吗 &lt;b&gt;" in page
    assert "把要修的图片发给我看看吧" in page
