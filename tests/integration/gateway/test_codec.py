"""The codec endpoint: staff read what Temporal stores encrypted, and nobody else does."""

import base64
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payload

from runtime import wiring
from starter.codec import EncryptionCodec, keys_from
from tests.integration.gateway.conftest import Gate
from tests.integration.gateway.serving import app_with, served, signed_in

KEYS, UI = "1:" + "5a" * 32, "http://127.0.0.1:8233"
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data='"卡娜丽"'.encode())


@pytest.fixture(scope="module")
async def codec(gate: Gate) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway that has keys."""
    values = {name: getattr(gate.settings, name) for name in gate.settings.model_fields_set}
    with served(app_with(**values, payload_keys=KEYS, codec_origins="http://localhost:8233")) as url:
        async with httpx.AsyncClient(base_url=url, timeout=30) as client:
            yield client


def bearer(gate: Gate, role: Any = "staff") -> dict[str, str]:
    return {"Authorization": f"Bearer {wiring.tokens(gate.settings).issue(uuid.uuid4(), '', 1, role)}"}


async def sealed(keys: str = KEYS) -> dict[str, Any]:
    (one,) = await EncryptionCodec(keys_from(keys)).encode([PLAIN])
    return MessageToDict(one)


async def test_staff_read_and_write_payloads(gate: Gate, codec: httpx.AsyncClient) -> None:
    asked = {"payloads": [await sealed(), MessageToDict(PLAIN)]}
    read = await codec.post("/codec/decode", json=asked, headers=bearer(gate) | {"X-Namespace": "default"})
    assert read.json() == {"payloads": [MessageToDict(PLAIN)] * 2}
    written = (await codec.post("/codec/encode", json=read.json(), headers=bearer(gate))).json()
    assert "卡娜丽".encode() not in base64.b64decode(written["payloads"][0]["data"])
    again = await codec.post("/codec/decode", json=written, headers=bearer(gate))
    assert again.json() == read.json()


async def test_a_payload_of_an_unknown_key_comes_back_as_it_is(gate: Gate, codec: httpx.AsyncClient) -> None:
    asked = {"payloads": [await sealed("2:" + "6b" * 32), await sealed()]}
    read = (await codec.post("/codec/decode", json=asked, headers=bearer(gate))).json()
    assert read == {"payloads": [asked["payloads"][0], MessageToDict(PLAIN)]}


@pytest.mark.parametrize("path", ["/codec/decode", "/codec/encode"])
async def test_nobody_but_staff_may(gate: Gate, codec: httpx.AsyncClient, path: str) -> None:
    asked = {"payloads": [await sealed()]}
    for headers in ({}, bearer(gate, "user"), {"Authorization": gate.bot.headers["Authorization"]}):
        assert (await codec.post(path, json=asked, headers=headers)).status_code == 401


@pytest.mark.parametrize("body", [[], {"payloads": 7}, {"payloads": [{"data": 7}]}, {"payloads": ["x"]}])
async def test_what_is_no_payload_is_refused_in_a_sentence(gate: Gate, codec: httpx.AsyncClient, body: Any) -> None:
    refused = await codec.post("/codec/decode", json=body, headers=bearer(gate))
    assert refused.status_code == 422, refused.text


@pytest.mark.parametrize("origin", [UI, "http://localhost:8233"])
async def test_the_web_ui_may_ask_with_its_cookie(gate: Gate, codec: httpx.AsyncClient, origin: str) -> None:
    names = "content-type,x-namespace,authorization,authorization-extras"
    preflight = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": names}
    allowed = await codec.options("/codec/decode", headers=preflight)
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (204, origin)
    assert set(names.split(",")) <= set(allowed.headers["access-control-allow-headers"].lower().split(", "))
    token = bearer(gate)["Authorization"].removeprefix("Bearer ")
    headers = {"Origin": origin, "Cookie": await signed_in(str(codec.base_url), token)}
    read = await codec.post("/codec/decode", json={"payloads": [await sealed()]}, headers=headers)
    assert read.json() == {"payloads": [MessageToDict(PLAIN)]}
    assert read.headers["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "http://127.0.0.1:9999", "null"])
async def test_no_other_site_may(gate: Gate, codec: httpx.AsyncClient, origin: str) -> None:
    headers = bearer(gate) | {"Origin": origin}
    for answer in (
        await codec.options("/codec/decode", headers=headers),
        await codec.post("/codec/decode", json={"payloads": [await sealed()]}, headers=headers),
    ):
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers
