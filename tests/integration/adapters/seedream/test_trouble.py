"""The Seedream adapter in trouble: what Ark refuses, and what goes wrong on the way there and back."""

import asyncio
import base64
import hashlib
import json
import logging
import random
import socket
import traceback
from datetime import timedelta

import httpx
import pytest

from adapters.seedream.client import Seedream
from adapters.web import PublicWeb
from domain.ports import EncodedImage
from domain.vocabulary.errors import ModelAnswerUnusable, ModelError, ModelNotSetUp, ModelRefused, ModelUnavailable
from domain.vocabulary.outcomes import Outcome
from tests.integration.adapters.conftest import Answer, Serve, pouring, read_request, reply
from tests.integration.adapters.seedream.fixtures import (
    MODEL,
    WISH,
    adapter,
    answer_with,
    ark,
    calls,
    client,
    failure,
    generated,
    hanging,
    listening,
    no_pause,
    of_ark,
    trouble,
    want,
)
from tests.integration.simulators_fixtures import ARK_KEY, NO_TLS, Simulators, free_port

__all__ = ["ark", "client", "no_pause"]

# Ark says no.


@pytest.mark.parametrize(
    ("fault", "kind", "outcome"),
    [
        ({"fault": "rate"}, ModelUnavailable, Outcome.BUSY),
        ({"fault": "overloaded"}, ModelUnavailable, Outcome.BUSY),
        ({"fault": "internal"}, ModelUnavailable, Outcome.BROKEN),
        ({"fault": "unavailable"}, ModelUnavailable, Outcome.BROKEN),
        ({"fault": "sensitive"}, ModelRefused, Outcome.REFUSED),
        ({"fault": "sensitive", "code": "InputTextSensitiveContentDetected"}, ModelRefused, Outcome.REFUSED),
        ({"fault": "sensitive", "code": "OutputImageSensitiveContentDetected"}, ModelRefused, Outcome.REFUSED),
        ({"fault": "sensitive", "code": "SensitiveContentDetected"}, ModelRefused, Outcome.REFUSED),
        ({"fault": "invalid"}, ModelRefused, Outcome.BAD_INPUT),
        ({"fault": "overdue"}, ModelNotSetUp, Outcome.NOT_SET_UP),
        ({"fault": "not_open"}, ModelNotSetUp, Outcome.NOT_SET_UP),
        ({"fault": "forbidden"}, ModelNotSetUp, Outcome.NOT_SET_UP),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else None,
)
async def test_each_refusal_has_its_outcome_and_costs_nothing(
    ark: Simulators, client: httpx.AsyncClient, fault: dict[str, str], kind: type[ModelError], outcome: Outcome
) -> None:
    want(ark, **fault)
    error = await failure(of_ark(ark, client))
    assert (type(error), error.outcome, error.possibly_billed, error.call) == (kind, outcome, False, None)
    assert error.retry_after == kind.retry_after
    assert not calls(ark)[-1]["billed"]


async def test_who_is_too_fast_waits_as_long_as_ark_says(ark: Simulators, client: httpx.AsyncClient) -> None:
    want(ark, "rate", seconds=17)
    error = await failure(of_ark(ark, client))
    assert (error.outcome, error.retry_after) == (Outcome.BUSY, timedelta(seconds=17))


async def test_a_wrong_key_is_for_staff_to_mend(ark: Simulators, client: httpx.AsyncClient) -> None:
    error = await failure(of_ark(ark, client, api_key="wrong"))
    assert (type(error), error.outcome) == (ModelNotSetUp, Outcome.NOT_SET_UP)


async def test_a_model_that_is_not_there_is_for_staff_to_mend(ark: Simulators, client: httpx.AsyncClient) -> None:
    assert (await failure(of_ark(ark, client, model="ep-none"))).outcome is Outcome.NOT_SET_UP


@pytest.mark.parametrize("key", ["sesame\n", "sesame\r\nx: y", "sesame\0", "sesame 芝麻"])
async def test_a_key_that_is_none_is_for_staff_to_mend_and_told_to_nobody(
    serve: Serve, client: httpx.AsyncClient, key: str
) -> None:
    port = await serve(reply("500 Internal"))
    error = await trouble(client, port, api_key=key)
    assert (type(error), error.outcome, error.possibly_billed) == (ModelNotSetUp, Outcome.NOT_SET_UP, False)
    assert "sesame" not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("address", ["ark.example/api/v3", "ftp://ark.example", "http://ark.example:port"])
async def test_an_address_that_is_none_is_for_staff_to_mend(client: httpx.AsyncClient, address: str) -> None:
    web = PublicWeb(max_bytes=1, tls=NO_TLS)
    error = await failure(Seedream(ARK_KEY, client, web, model=MODEL, base_url=address))
    assert (type(error), error.possibly_billed) == (ModelNotSetUp, False)


async def test_bytes_that_are_no_picture_are_refused_for_good(ark: Simulators, client: httpx.AsyncClient) -> None:
    with pytest.raises(ModelRefused) as raised:
        await of_ark(ark, client).generate(EncodedImage(b"no picture", "image/png"), WISH, "1:1")
    assert raised.value.outcome is Outcome.BAD_INPUT


async def test_a_picture_that_is_too_large_is_not_sent(ark: Simulators, client: httpx.AsyncClient) -> None:
    before = len(calls(ark))
    with pytest.raises(ModelRefused, match="up to 10 MB") as raised:
        await of_ark(ark, client).generate(EncodedImage(bytes(10_000_001), "image/png"), WISH, "1:1")
    assert (raised.value.outcome, raised.value.possibly_billed) == (Outcome.BAD_INPUT, False)
    assert len(calls(ark)) == before


async def test_the_largest_picture_is_sent_whole(serve: Serve, client: httpx.AsyncClient) -> None:
    largest = EncodedImage(random.Random(7).randbytes(10_000_000), "image/png")
    heard: list[str] = []
    port = await serve(listening(heard, reply("400 Bad")))
    with pytest.raises(ModelRefused):
        await adapter(client, f"http://127.0.0.1:{port}").generate(largest, WISH, "1:1")
    _, _, sent = json.loads(heard[1])["image"].partition(",")
    assert hashlib.sha256(base64.b64decode(sent)).digest() == hashlib.sha256(largest.data).digest()


# The way there and back.


async def test_a_server_that_is_not_there_was_never_billed(client: httpx.AsyncClient) -> None:
    error = await trouble(client, free_port())
    assert (type(error), error.outcome) == (ModelUnavailable, Outcome.UNREACHABLE)
    assert (error.possibly_billed, error.call) == (False, None)


async def test_a_server_that_lets_nobody_in_was_never_billed(client: httpx.AsyncClient) -> None:
    """Its queue is full, so that it answers no more knocking: as behind a firewall."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for knocking in (first, second):
            knocking.setblocking(False)
            knocking.connect_ex(full.getsockname())
        error = await trouble(client, full.getsockname()[1], timeout=timedelta(seconds=0.8))
    assert (error.outcome, error.possibly_billed) == (Outcome.UNREACHABLE, False)


@pytest.mark.parametrize(
    ("fault", "kind", "outcome"),
    [
        ("hang", ModelUnavailable, Outcome.TIMED_OUT),
        ("drip", ModelUnavailable, Outcome.TIMED_OUT),
        ("cut", ModelUnavailable, Outcome.CUT_OFF),
        ("garbage", ModelAnswerUnusable, Outcome.GARBLED),
        ("html", ModelAnswerUnusable, Outcome.GARBLED),
    ],
)
async def test_an_answer_that_does_not_come_whole_is_perhaps_billed(
    ark: Simulators, client: httpx.AsyncClient, fault: str, kind: type[ModelError], outcome: Outcome
) -> None:
    want(ark, fault)
    earlier = len(calls(ark))
    patience = 2 if outcome is Outcome.TIMED_OUT else 20
    error = await failure(of_ark(ark, client, timeout=timedelta(seconds=patience)))
    assert (type(error), error.outcome, error.possibly_billed, error.call) == (kind, outcome, True, None)
    assert ark.next_entry("ark", earlier, kind="image")["billed"]
    assert "/files/" not in str(error), "who has the address of a picture has the picture"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        pytest.param(b"", Outcome.CUT_OFF, id="closed at once"),
        pytest.param(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{", Outcome.CUT_OFF, id="closed in the answer"),
        pytest.param(b"\0" * 100_000, Outcome.CUT_OFF, id="no HTTP"),
        pytest.param(pouring(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 50_000), Outcome.GARBLED, id="an answer without end"),
        pytest.param(pouring(b"HTTP/1.1 200 OK\r\n", b"a: b\r\n" * 9_000), Outcome.CUT_OFF, id="headers without end"),
        pytest.param(reply("200 OK", b" " * 1_000_001), Outcome.GARBLED, id="an answer over the cap"),
        pytest.param(reply("200 OK", b"[" * 100_000), Outcome.GARBLED, id="brackets without end"),
        pytest.param(reply("204 No Content"), Outcome.GARBLED, id="a success without an answer"),
        pytest.param(reply("504 Gateway"), Outcome.TIMED_OUT, id="a gateway that gave up"),
    ],
)
async def test_raw_trouble_is_perhaps_billed(
    serve: Serve, client: httpx.AsyncClient, answer: Answer | bytes, outcome: Outcome
) -> None:
    error = await trouble(client, await serve(answer), timeout=timedelta(seconds=5))
    assert (error.outcome, error.possibly_billed) == (outcome, True)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_not_followed_since_the_key_would_go_along(
    serve: Serve, client: httpx.AsyncClient, status: str
) -> None:
    visitors: list[str] = []

    async def elsewhere(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        visitors.append(await read_request(reader))

    target = await serve(elsewhere)
    error = await trouble(client, await serve(reply(status, location=f"http://127.0.0.1:{target}/")))
    assert (type(error), error.outcome) == (ModelNotSetUp, Outcome.NOT_SET_UP)
    assert (error.possibly_billed, visitors) == (False, [])


@pytest.mark.parametrize("is_made", [False, True], ids=["while it is made", "while it is fetched"])
async def test_a_call_that_is_called_off_leaves_no_connection(
    serve: Serve, client: httpx.AsyncClient, is_made: bool
) -> None:
    asked, left = asyncio.Event(), asyncio.Event()
    slow = await serve(hanging(asked, left))
    port = await serve(answer_with(f"http://127.0.0.1:{slow}/1.jpg")) if is_made else slow
    task = asyncio.create_task(generated(adapter(client, f"http://127.0.0.1:{port}", slow)))
    await asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(left.wait(), 60)


async def test_no_line_of_a_log_holds_the_key(
    ark: Simulators, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await generated(of_ark(ark, client))
    await failure(of_ark(ark, client, api_key="wrong"))
    assert "httpcore" in {record.name.partition(".")[0] for record in caplog.records}
    assert ARK_KEY not in caplog.text
