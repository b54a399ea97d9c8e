"""The Gemini adapter: the real SDK over a real socket, against the simulator and against trouble."""

import asyncio
import hashlib
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest
from PIL import Image

from adapters.gemini import Gemini
from domain.errors import ModelAnswerUnusable, ModelError, ModelRefused, ModelUnavailable
from domain.pictures import Complexity, Operation, TargetSize
from domain.ports import EncodedImage, Wish
from tests.integration.adapters.conftest import Serve, read_request, reply
from tests.integration.simulators_fixtures import GEMINI_KEY, Simulators, encoded, free_port, photograph

PHOTO = EncodedImage(encoded(photograph()), "image/png")
WISH = Wish(Operation.ENHANCE, "变清晰")


def gemini(base_url: str, key: str = GEMINI_KEY, timeout: float = 20) -> Gemini:
    return Gemini(
        key,
        model="gemini-3.1-flash-image",
        vision_model="gemini-3.5-flash-lite",
        base_url=base_url,
        timeout=timedelta(seconds=timeout),
    )


@pytest.fixture
async def model(simulators: Simulators) -> AsyncIterator[Gemini]:
    adapter = gemini(simulators.gemini_url)
    yield adapter
    await adapter.aclose()


async def failure(port: int, patience: float = 20) -> ModelError:
    """Ask a server in trouble for a picture and return what came of it."""
    adapter = gemini(f"http://127.0.0.1:{port}", timeout=patience)
    with pytest.raises(ModelError) as raised:
        await adapter.generate(PHOTO, WISH, "3:2")
    await adapter.aclose()
    return raised.value


def error_body(code: int, status: str, **more: object) -> bytes:
    return json.dumps({"error": {"code": code, "status": status, "message": "told so"} | more}).encode()


async def test_a_picture_is_made_and_its_call_accounted_for(model: Gemini, simulators: Simulators) -> None:
    made = await model.generate(PHOTO, WISH, "3:2")
    assert Image.open(io.BytesIO(made.image.data)).size == (2528, 1696)
    assert made.image.content_type == "image/jpeg"
    assert made.parameters == {"image_size": "2K", "aspect_ratio": "3:2"}
    call = made.call
    assert (call.provider, call.model, call.finish_reason) == ("gemini", "gemini-3.1-flash-image", "STOP")
    assert call.output_tokens == {"image": 1680}
    assert call.input_tokens["image"] == 1120
    assert call.cost == Decimal(60 * 1680) / 10**6 + Decimal("0.5") * sum(call.input_tokens.values()) / 10**6
    assert call.latency_ms > 0
    entry = simulators.ledger("gemini", response_id=str(call.request_id))[0]
    assert entry["input_sha256"] == [hashlib.sha256(PHOTO.data).hexdigest()]


async def test_a_ratio_that_the_model_does_not_know_is_left_to_it(model: Gemini) -> None:
    made = await model.generate(PHOTO, WISH, "1.5:1")
    assert made.parameters == {"image_size": "2K"}


async def test_a_size_over_2k_is_asked_for_as_4k(model: Gemini) -> None:
    wish = Wish(Operation.RESIZE, "A4", TargetSize(width=2480, height=3508, dpi=300))
    made = await model.generate(PHOTO, wish, "3:4")
    assert made.call.output_tokens == {"image": 2520}


async def test_a_first_look_tells_what_the_picture_is(model: Gemini) -> None:
    analysis, call = await model.analyse(PHOTO, "变清晰")
    assert analysis.aspect_ratio == "3:2"
    assert analysis.complexity is not Complexity.UNKNOWN
    assert analysis.prompt
    assert (call.model, call.cost is not None) == ("gemini-3.5-flash-lite", True)


async def test_a_result_is_scored_against_its_original(model: Gemini) -> None:
    made = await model.generate(PHOTO, WISH, "3:2")
    good, _ = await model.score(PHOTO, made.image, WISH)
    untouched, call = await model.score(PHOTO, PHOTO, WISH)
    assert good.score >= 70 > untouched.score
    assert untouched.issue
    assert call.input_tokens["image"] == 2 * 1120


async def test_a_wrong_key_is_refused_for_good(simulators: Simulators) -> None:
    adapter = gemini(simulators.gemini_url, key="wrong")
    with pytest.raises(ModelRefused, match="API key not valid"):
        await adapter.analyse(PHOTO, "")
    await adapter.aclose()


async def test_bytes_that_are_no_picture_are_refused_for_good(model: Gemini) -> None:
    with pytest.raises(ModelRefused):
        await model.generate(EncodedImage(b"no picture", "image/png"), WISH, "1:1")


async def test_too_many_requests_wait_as_long_as_the_details_say(serve: Serve) -> None:
    retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "17.5s"}
    port = await serve(reply("429 Too Many", error_body(429, "RESOURCE_EXHAUSTED", details=[retry]), retry_after="3"))
    error = await failure(port)
    assert isinstance(error, ModelUnavailable)
    assert (error.retry_after, error.possibly_billed) == (timedelta(seconds=17.5), False)


async def test_too_many_requests_wait_as_long_as_the_header_says(serve: Serve) -> None:
    error = await failure(await serve(reply("429 Too Many", error_body(429, "RESOURCE_EXHAUSTED"), retry_after="3")))
    assert error.retry_after == timedelta(seconds=3)


@pytest.mark.parametrize(
    ("status", "kind", "billed"),
    [
        ("400 Bad Request", ModelRefused, False),
        ("403 Forbidden", ModelRefused, False),
        ("404 Not Found", ModelRefused, False),
        ("500 Internal", ModelUnavailable, False),
        ("503 Unavailable", ModelUnavailable, False),
        ("504 Deadline", ModelUnavailable, True),
    ],
)
async def test_each_status_has_its_outcome(serve: Serve, status: str, kind: type[ModelError], billed: bool) -> None:
    for body in (error_body(int(status[:3]), "STATUS"), b"<html>proxy</html>", b""):
        error = await failure(await serve(reply(status, body)))
        assert (type(error), error.possibly_billed, error.retry_after) == (kind, billed, None)


@pytest.mark.parametrize("body", [b"<html>welcome</html>", b'{"candidates": [{"cont', b""])
async def test_an_answer_that_is_no_json_is_unusable_and_perhaps_billed(serve: Serve, body: bytes) -> None:
    error = await failure(await serve(reply("200 OK", body)))
    assert (type(error), error.possibly_billed) == (ModelAnswerUnusable, True)


async def test_a_connection_cut_in_the_answer_is_perhaps_billed(serve: Serve) -> None:
    error = await failure(await serve(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{"))
    assert (type(error), error.possibly_billed) == (ModelUnavailable, True)


async def test_a_server_that_is_not_there_was_never_billed() -> None:
    error = await failure(free_port())
    assert (type(error), error.possibly_billed) == (ModelUnavailable, False)


async def test_an_answer_that_never_comes_ends_in_time_and_is_perhaps_billed(serve: Serve) -> None:
    async def hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await reader.read()  # until the client gives up

    error = await failure(await serve(hang), patience=0.3)
    assert (type(error), error.possibly_billed) == (ModelUnavailable, True)


async def test_a_slow_drip_ends_in_time(serve: Serve) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await asyncio.sleep(0.05)

    error = await failure(await serve(drip), patience=0.3)
    assert (type(error), error.possibly_billed) == (ModelUnavailable, True)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [("IMAGE_SAFETY", ModelRefused), ("PROHIBITED_CONTENT", ModelRefused), ("NO_IMAGE", ModelAnswerUnusable)],
)
async def test_an_answer_without_a_picture_keeps_its_reason(serve: Serve, reason: str, kind: type[ModelError]) -> None:
    body = {"candidates": [{"finishReason": reason}], "usageMetadata": {"totalTokenCount": 1200}}
    error = await failure(await serve(reply("200 OK", json.dumps(body).encode())))
    assert (type(error), error.finish_reason, error.possibly_billed) == (kind, reason, True)


async def test_a_blocked_prompt_is_refused(serve: Serve) -> None:
    body = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"totalTokenCount": 0}}
    error = await failure(await serve(reply("200 OK", json.dumps(body).encode())))
    assert (type(error), error.finish_reason, error.possibly_billed) == (ModelRefused, "SAFETY", False)
