"""The Gemini adapter: the real SDK over a real socket, against the simulator and against trouble."""

import asyncio
import hashlib
import io
import json
import socket
import traceback
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from PIL import Image

from adapters.gemini.client import Gemini
from domain.ports import EncodedImage, Wish
from domain.vocabulary.errors import ModelAnswerUnusable, ModelError, ModelNotSetUp, ModelRefused, ModelUnavailable
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Complexity, Operation, TargetSize
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
    assert Image.open(io.BytesIO(made.images[0].data)).size == (2528, 1696)
    assert made.images[0].content_type == "image/jpeg"
    assert model.parameters(WISH, "3:2") == {"image_size": "2K", "aspect_ratio": "3:2"}
    call = made.call
    assert (call.provider, call.model, call.finish_reason) == ("gemini", "gemini-3.1-flash-image", "STOP")
    assert call.output_tokens == {"image": 1680}
    assert call.input_tokens["image"] == 1120
    assert (call.pictures, call.cost) == (1, None)  # the books price it
    assert call.latency_ms > 0
    entry = simulators.ledger("gemini", response_id=str(call.request_id))[0]
    assert entry["input_sha256"] == [hashlib.sha256(PHOTO.data).hexdigest()]


async def test_a_ratio_that_the_model_does_not_know_is_left_to_it(model: Gemini) -> None:
    made = await model.generate(PHOTO, WISH, "1.5:1")
    assert model.parameters(WISH, "1.5:1") == {"image_size": "2K"}
    assert Image.open(io.BytesIO(made.images[0].data)).size == (2528, 1696), "the picture's own"


@pytest.mark.parametrize(
    ("width", "height", "tokens"), [(295, 413, 1120), (1024, 768, 1120), (1025, 768, 1680), (2480, 3508, 2520)]
)
async def test_no_more_is_asked_for_than_is_owed(model: Gemini, width: int, height: int, tokens: int) -> None:
    wish = Wish(Operation.RESIZE, "", TargetSize(width=width, height=height, dpi=300))
    made = await model.generate(PHOTO, wish, "3:4")
    assert made.call.output_tokens == {"image": tokens}


async def test_a_first_look_tells_what_the_picture_is(model: Gemini) -> None:
    analysis, call = await model.analyse(PHOTO, "变清晰")
    assert analysis.aspect_ratio == "3:2"
    assert analysis.complexity is not Complexity.UNKNOWN
    assert analysis.prompt
    assert (call.model, call.output_tokens["text"] > 0) == ("gemini-3.5-flash-lite", True)


async def test_a_result_is_scored_against_its_original(model: Gemini) -> None:
    made = await model.generate(PHOTO, WISH, "3:2")
    good, _ = await model.score(PHOTO, made.images[0], WISH)
    untouched, call = await model.score(PHOTO, PHOTO, WISH)
    assert good.score >= 70 > untouched.score
    assert untouched.issue
    assert call.input_tokens["image"] == 2 * 1120


async def test_a_wrong_key_is_for_staff_to_mend(simulators: Simulators) -> None:
    adapter = gemini(simulators.gemini_url, key="wrong")
    with pytest.raises(ModelNotSetUp, match="API key not valid"):
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
    ("status", "outcome", "billed"),
    [
        ("400 Bad Request", Outcome.BAD_INPUT, False),
        ("401 Unauthorized", Outcome.NOT_SET_UP, False),
        ("403 Forbidden", Outcome.NOT_SET_UP, False),
        ("404 Not Found", Outcome.NOT_SET_UP, False),
        ("405 Method Not Allowed", Outcome.NOT_SET_UP, False),
        ("407 Proxy", Outcome.NOT_SET_UP, False),
        ("408 Timeout", Outcome.TIMED_OUT, True),
        ("409 Conflict", Outcome.BROKEN, False),
        ("413 Too Large", Outcome.BAD_INPUT, False),
        ("423 Locked", Outcome.BROKEN, False),
        ("429 Too Many", Outcome.BUSY, False),
        ("451 Legal", Outcome.NOT_SET_UP, False),
        ("499 Cancelled", Outcome.TIMED_OUT, True),
        ("500 Internal", Outcome.BROKEN, False),
        ("503 Unavailable", Outcome.BROKEN, False),
        ("504 Deadline", Outcome.TIMED_OUT, True),
    ],
)
async def test_each_status_has_its_outcome(serve: Serve, status: str, outcome: Outcome, billed: bool) -> None:
    for body in (error_body(int(status[:3]), "STATUS"), b"<html>proxy</html>", b""):
        error = await failure(await serve(reply(status, body)))
        assert (error.outcome, error.possibly_billed) == (outcome, billed)
        assert error.retry_after == type(error).retry_after


@pytest.mark.parametrize(
    "more",
    [
        {"status": "FAILED_PRECONDITION"},
        {"status": "INVALID_ARGUMENT", "message": "API key expired. Please renew the API key."},
        {"status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]},
    ],
    ids=["billing or region", "expired key", "bad key"],
)
async def test_a_400_that_is_about_our_account_is_for_staff_to_mend(serve: Serve, more: dict[str, object]) -> None:
    body = json.dumps({"error": {"code": 400, "message": "told so"} | more}).encode()
    assert (await failure(await serve(reply("400 Bad", body)))).outcome is Outcome.NOT_SET_UP


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Unable to process input image. Please retry or report in the help forum.", ModelUnavailable),
        ("Something went wrong, try again later.", ModelUnavailable),
        ("Please try this again.", ModelUnavailable),
        ("Internal error, try your request again.", ModelUnavailable),
        ("Image too large; don't try again.", ModelRefused),
        ("Please do not retry, or try again and see it fail.", ModelRefused),
        ("Provided image is not valid.", ModelRefused),
        ("Do not retry: the picture is broken.", ModelRefused),
        ("The region is not served, try again elsewhere. API key expired.", ModelNotSetUp),
    ],
)
async def test_a_400_that_says_to_try_again_is_tried_again(serve: Serve, message: str, kind: type[ModelError]) -> None:
    body = json.dumps({"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": message}}).encode()
    assert type(await failure(await serve(reply("400 Bad", body)))) is kind


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b"<html>welcome</html>", Outcome.GARBLED),
        (b'{"candidates": [{"cont', Outcome.GARBLED),
        (b"", Outcome.NO_PICTURE),  # the SDK takes nothing for an answer without candidates
    ],
)
async def test_an_answer_that_is_no_json_is_unusable_and_perhaps_billed(
    serve: Serve, body: bytes, outcome: Outcome
) -> None:
    error = await failure(await serve(reply("200 OK", body)))
    assert (error.outcome, error.possibly_billed) == (outcome, True)


async def test_a_connection_cut_in_the_answer_is_perhaps_billed(serve: Serve) -> None:
    error = await failure(await serve(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{"))
    assert (error.outcome, error.possibly_billed) == (Outcome.CUT_OFF, True)


async def test_a_server_that_is_not_there_was_never_billed() -> None:
    error = await failure(free_port())
    assert (error.outcome, error.possibly_billed) == (Outcome.UNREACHABLE, False)


async def test_an_answer_that_never_comes_ends_in_time_and_is_perhaps_billed(serve: Serve) -> None:
    async def hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await reader.read()  # until the client gives up

    error = await failure(await serve(hang), patience=1)
    assert (error.outcome, error.possibly_billed) == (Outcome.TIMED_OUT, True)


async def test_a_slow_drip_ends_in_time(serve: Serve) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await asyncio.sleep(0.05)

    error = await failure(await serve(drip), patience=1)
    assert (error.outcome, error.possibly_billed) == (Outcome.TIMED_OUT, True)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [("IMAGE_SAFETY", ModelRefused), ("PROHIBITED_CONTENT", ModelRefused), ("NO_IMAGE", ModelAnswerUnusable)],
)
async def test_an_answer_without_a_picture_keeps_its_reason(serve: Serve, reason: str, kind: type[ModelError]) -> None:
    body = {"candidates": [{"finishReason": reason}], "usageMetadata": {"totalTokenCount": 1200}}
    error = await failure(await serve(reply("200 OK", json.dumps(body).encode())))
    assert (type(error), error.call.finish_reason, error.possibly_billed) == (kind, reason, False)


async def test_a_blocked_prompt_is_refused(serve: Serve) -> None:
    body = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"totalTokenCount": 0}}
    error = await failure(await serve(reply("200 OK", json.dumps(body).encode())))
    assert (type(error), error.call.finish_reason, error.possibly_billed) == (ModelRefused, "SAFETY", False)


@pytest.mark.parametrize("key", ["a\nkey", "a\0key", "kéy"])
async def test_a_key_that_cannot_be_sent_is_for_staff_to_mend_and_is_not_told(serve: Serve, key: str) -> None:
    port = await serve(reply("200 OK", b"{}"))
    adapter = gemini(f"http://127.0.0.1:{port}", key=key)
    with pytest.raises(ModelNotSetUp) as raised:
        await adapter.generate(PHOTO, WISH, "3:2")
    await adapter.aclose()
    told = "".join(traceback.format_exception(raised.value))
    assert key not in told
    assert repr(key)[1:-1] not in told
    assert not raised.value.possibly_billed


@pytest.mark.parametrize(
    "body", [b"5", b"[]", b'{"candidates": 5}', b'{"candidates": [{"finishReason": 5}]}', b'{"usageMetadata": []}']
)
async def test_json_of_another_shape_is_unusable(serve: Serve, body: bytes) -> None:
    error = await failure(await serve(reply("200 OK", body)))
    assert (error.outcome in {Outcome.GARBLED, Outcome.NO_PICTURE}, error.possibly_billed) == (True, True)


async def test_a_server_that_lets_nobody_in_was_never_billed() -> None:
    """Its queue is full, so that it answers no more knocking: as behind a firewall."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for knocking in (first, second):
            knocking.setblocking(False)
            knocking.connect_ex(full.getsockname())
        error = await failure(full.getsockname()[1], patience=0.8)
    assert (error.outcome, error.possibly_billed) == (Outcome.UNREACHABLE, False)
