"""Pictures that are sent as files."""

import asyncio
import io
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from PIL import Image
from temporalio.testing import TimeSkipper

from domain.texts.catalogue import Language
from gateway import errors
from gateway.app import LARGEST_BODY
from gateway.body_limits import BodyLimits
from runtime.paths import CATALOGUES, ROOT
from tests.integration.conftest import Storage, open_files
from tests.integration.gateway.conftest import Gate
from tests.integration.gateway.serving import app_with, served
from tests.integration.gateway.test_orders import request
from tests.unit.adapters.imaging.odd_files import png, with_scans


def picture(kind: str = "JPEG", size: tuple[int, int] = (320, 240), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 50).convert("RGB").save(out, kind, **options)
    return out.getvalue()


async def upload(gate: Gate, data: bytes, name: str = "cat.jpg", content_type: str = "image/jpeg") -> httpx.Response:
    return await gate.bot.post("/api/uploads", files={"file": (name, data, content_type)})


@pytest.mark.parametrize(
    ("kind", "content_type", "extension"),
    [
        ("JPEG", "image/jpeg", "jpg"),
        ("PNG", "image/png", "png"),
        ("WEBP", "image/webp", "webp"),
        ("AVIF", "image/avif", "avif"),
        ("TIFF", "image/tiff", "tiff"),
        ("GIF", "image/gif", "gif"),
        ("BMP", "image/bmp", "bmp"),
    ],
)
async def test_a_picture_is_stored_by_what_it_holds_not_by_what_it_is_called(
    gate: Gate, storage: Storage, kind: str, content_type: str, extension: str
) -> None:
    data = picture(kind)
    answer = await upload(gate, data, "x.exe", "application/octet-stream")
    assert answer.status_code == 201, answer.text
    stored = answer.json()
    assert stored | {"image_key": ""} == {
        "image_key": "", "content_type": content_type, "width": 320, "height": 240, "file_size": len(data),
    }  # fmt: skip
    assert stored["image_key"].endswith(f".{extension}")
    assert (await open_files(storage).get(stored["image_key"])).data == data


async def test_an_order_starts_with_what_was_uploaded(gate: Gate, temporal_env: TimeSkipper) -> None:
    key = (await upload(gate, picture())).json()["image_key"]
    answer = await gate.bot.post("/api/orders", json=request(pictures=[{"image_key": key}]))
    assert answer.status_code == 201
    shown = await gate.bot.post(
        f"/api/orders/{answer.json()['order_id']}/events/image_received", json={"image_key": key}
    )
    assert shown.json()["outcome"] == "heard"


@pytest.mark.parametrize(
    "change", [("jpg", "png"), ("jpg", "jpeg"), ("uploads/", "uploads//"), ("uploads/", "UPLOADS/")]
)
async def test_a_key_that_names_no_upload_is_refused_at_the_door(gate: Gate, change: tuple[str, str]) -> None:
    key = (await upload(gate, picture())).json()["image_key"].replace(*change)
    begun = (await gate.bot.post("/api/orders", json=request())).json()["order_id"]
    bodies = {
        "/api/orders": request(pictures=[{"image_key": key}]),
        f"/api/orders/{begun}/events/image_received": {"image_key": key},
    }
    for path, body in bodies.items():
        answer = await gate.bot.post(path, json=body)
        assert (answer.status_code, answer.json()["errors"][0]["field"].split(".")[-1]) == (422, "image_key"), path


BAD: dict[str, Callable[[], bytes]] = {
    "nothing": bytes,
    "a page": lambda: b"<html>cat</html>",
    "cut off": lambda: picture()[:4000],
    "one pixel": lambda: picture(size=(1, 1)),
    "a PDF": lambda: b"%PDF-1.7 cat",
    "a bomb": lambda: png(9000, 9000),
    "five thousand scans": lambda: with_scans(5000, side=4000),
    "a strip": lambda: png(16, 3_000_000, rows=9),
    "fewer rows than promised": lambda: png(64, 48, rows=24),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_is_no_picture_of_ours_is_refused_with_what_to_do(gate: Gate, name: str) -> None:
    answer = await upload(gate, BAD[name]())
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:darkroom:picture-unreadable")
    assert "please" in answer.json()["detail"].lower()


@pytest.mark.parametrize(("language", "words"), [("zh", "图片损坏或没有传完整"), ("en", "the image is damaged")])
async def test_customers_hear_in_the_shops_language_why_a_file_is_not_taken(
    gate: Gate, language: Language, words: str
) -> None:
    chosen = {"shop_language": language, "phrases_path": ROOT / CATALOGUES[language]}
    with served(app_with(**gate.settings.model_dump(exclude_unset=True) | chosen)) as url:
        file = {"file": ("cat.jpg", BAD["cut off"](), "image/jpeg")}
        answer = await gate.bot.post(f"{url}/api/uploads", files=file)
    assert answer.json()["words"].startswith(words)


async def test_a_file_that_is_too_large_is_refused_unread(gate: Gate) -> None:
    answer = await upload(gate, bytes(gate.settings.max_upload_mb * 1_000_000 + 70_000))
    assert (answer.status_code, answer.json()["title"]) == (413, "Request Entity Too Large")


async def test_a_form_without_the_file_says_so(gate: Gate) -> None:
    bodies: list[dict[str, Any]] = [{"data": {"file": "cat.jpg"}}, {"json": {}}, {"files": {"other": picture()}}]
    for body in bodies:
        answer = await gate.bot.post("/api/uploads", **body)
        assert answer.status_code in {400, 422}
        assert answer.headers["content-type"] == "application/problem+json"


async def test_nobody_uploads_without_a_key(gate: Gate) -> None:
    answer = await gate.nobody.post("/api/uploads", files={"file": picture()})
    assert answer.status_code == 401


async def test_a_body_that_trickles_in_is_ended() -> None:
    app = FastAPI()
    errors.install(app)

    @app.post("/")
    async def read(request: Request) -> int:
        return len(await request.body())

    app.add_middleware(BodyLimits, most=LARGEST_BODY, larger={}, grace=0.3, rate=1_000_000)
    with served(app) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as slow:
            slow.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc")
            answer = await asyncio.to_thread(slow.recv, 4096)
        assert answer.startswith(b"HTTP/1.1 408")
        async with httpx.AsyncClient() as quick:
            assert (await quick.post(url, content=b"x" * 5000)).text == "5000"


@pytest.mark.parametrize(
    ("data", "content_type", "extension"),
    [
        (b"8BPS\0\1", "image/vnd.adobe.photoshop", "psd"), (b"<?xml version='1.0'?><svg/>", "image/svg+xml", "svg"),
        (b"II*\0", "image/tiff", "tiff"),
    ],
)  # fmt: skip
async def test_a_finished_file_of_any_kind_that_is_owed_is_stored(
    gate: Gate, storage: Storage, data: bytes, content_type: str, extension: str
) -> None:
    answer = await gate.bot.post("/api/uploads/finished", files={"file": ("x", data, "image/png")})
    assert answer.status_code == 201, answer.text
    stored = answer.json()
    assert (stored["content_type"], stored["file_size"]) == (content_type, len(data))
    assert stored["image_key"].endswith(f".{extension}")
    assert (await open_files(storage).get(stored["image_key"])).data == data


async def test_a_finished_file_of_another_kind_is_refused(gate: Gate) -> None:
    answer = await gate.bot.post("/api/uploads/finished", files={"file": ("x.psd", b"PK\3\4", "image/png")})
    assert (answer.status_code, "PSD" in answer.text) == (422, True)
