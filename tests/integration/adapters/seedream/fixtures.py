"""The Seedream adapter plugged together for tests, and servers to point it at."""

import asyncio
import io
import json
import traceback
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from PIL import Image

from adapters.seedream import client as seedream
from adapters.seedream.client import Seedream
from adapters.web import PublicWeb
from domain.ports import EncodedImage, Generation, Wish
from domain.vocabulary.errors import ModelError
from domain.vocabulary.pictures import Operation
from tests.integration.adapters.conftest import Answer, read_request, reply
from tests.integration.simulators_fixtures import ARK_KEY, NO_TLS, Simulators, encoded, photograph

PHOTO = EncodedImage(encoded(photograph()), "image/png")
WISH = Wish(Operation.ENHANCE, "变清晰")
MODEL = "doubao-seedream-4-0-250828"
MADE = b"the bytes of a picture"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seedream, "PAUSE", 0.01)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client that would follow anything, as others' use of it may need."""
    async with httpx.AsyncClient(verify=NO_TLS, follow_redirects=True) as http:
        yield http


@pytest.fixture
def ark(simulators: Simulators) -> Iterator[Simulators]:
    simulators.call("DELETE", "ark/faults")
    yield simulators
    assert simulators.call("DELETE", "ark/faults").json()["waiting"] == []


def adapter(client: httpx.AsyncClient, base_url: str, *open_ports: int, **more: Any) -> Seedream:
    """The adapter, and a Web that may fetch from Ark's own host, and from these ports of this machine."""
    hosts = [httpx.URL(base_url).netloc.decode(), *(f"127.0.0.1:{port}" for port in open_ports)]
    web = PublicWeb(max_bytes=50_000_000, timeout=timedelta(seconds=5), private_hosts=hosts, tls=NO_TLS)
    settings = {"api_key": ARK_KEY, "model": MODEL, "timeout": timedelta(seconds=20), **more}
    return Seedream(client=client, web=web, base_url=base_url, **settings)


def of_ark(ark: Simulators, client: httpx.AsyncClient, **more: Any) -> Seedream:
    return adapter(client, f"{ark.ark_url}/api/v3/", **more)


def want(ark: Simulators, fault: str, **parameters: Any) -> None:
    assert ark.call("POST", "ark/faults", json={"fault": fault, **parameters}).is_success


def calls(ark: Simulators) -> list[dict[str, Any]]:
    return ark.ledger("ark", kind="image")


async def generated(model: Seedream, wish: Wish = WISH, ratio: str = "3:2") -> Generation:
    return await model.generate(PHOTO, wish, ratio)


async def failure(model: Seedream) -> ModelError:
    """What came of a call: an error that says little, and never the key."""
    with pytest.raises(ModelError) as raised:
        await generated(model)
    told = "".join(traceback.format_exception(raised.value))
    assert ARK_KEY not in told
    assert len(str(raised.value)) < 600, "goes into the history of an order"
    return raised.value


async def trouble(client: httpx.AsyncClient, port: int, *open_ports: int, **more: Any) -> ModelError:
    return await failure(adapter(client, f"http://127.0.0.1:{port}", *open_ports, **more))


def size_of(picture: EncodedImage) -> tuple[int, int]:
    return Image.open(io.BytesIO(picture.data)).size


def answer_with(*urls: str, **more: object) -> bytes:
    """Ark's answer with pictures behind these addresses."""
    usage = {"generated_images": len(urls), "output_tokens": 16_384 * len(urls)}
    return reply("200 OK", json.dumps({"data": [{"url": url} for url in urls], "usage": usage} | more).encode())


def listening(heard: list[str], answer: bytes) -> Answer:
    """A server that notes the head of a request, in small letters, and its body."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        heard.extend([head, (await reader.readexactly(length)).decode()])
        writer.write(answer)

    return listen


def hanging(asked: asyncio.Event, left: asyncio.Event) -> Answer:
    """A server that never answers, and notes when it is asked, and when it is left."""

    async def hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        asked.set()
        await reader.read()
        left.set()

    return hang
