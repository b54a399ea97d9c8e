"""The adapter of Tuhui in trouble: what it refuses, and what goes wrong on the way there and back."""

import asyncio
import gc
import json
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

import httpx
import pytest

from adapters.tuhui.client import Tuhui
from domain.vocabulary.errors import DarkroomError, OutsideRefused, OutsideUnavailable
from tests.integration.adapters.conftest import Answer, Serve, pouring, read_request, reply
from tests.integration.adapters.tuhui.fixtures import KEY, Heard, client, said, tuhui
from tests.integration.simulators_fixtures import free_port

__all__ = ["client"]

PERHAPS = "may be there all the same"
CALLS: dict[str, Callable[[Tuhui], Awaitable[object]]] = {
    "online": lambda system: system.online(),
    "suggestion": lambda system: system.suggestion(),
    "pending": lambda system: system.pending("订单 T_1"),
    "create": lambda system: system.create("修图", "订单 T_1"),
    "assign": lambda system: system.assign("t1", "橘子", "notes"),
    "task": lambda system: system.task("t1"),
    "complete": lambda system: system.complete("t1", "notes"),
    "cancel": lambda system: system.cancel("t1", "notes"),
}
each_call = pytest.mark.parametrize("call", CALLS)


async def failure(system: Tuhui, call: str) -> DarkroomError:
    with pytest.raises(DarkroomError) as raised:
        await CALLS[call](system)
    return raised.value


async def hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


SLOWLY = pouring(b"HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n", b" ", pause=0.05)


@each_call
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("400 Bad", OutsideRefused),
        ("401 Who", OutsideRefused),
        ("403 Closed", OutsideRefused),
        ("422 Odd", OutsideRefused),
        ("307 Moved", OutsideRefused),
        ("408 Slow", OutsideUnavailable),
        ("425 Early", OutsideUnavailable),
        ("429 Many", OutsideUnavailable),
        ("500 Broken", OutsideUnavailable),
        ("503 Away", OutsideUnavailable),
    ],
)
async def test_each_status_has_its_outcome(
    serve: Serve, client: httpx.AsyncClient, call: str, status: str, kind: type[DarkroomError]
) -> None:
    error = await failure(tuhui(await serve(reply(status, b"why")), client), call)
    assert type(error) is kind
    assert str(error).startswith(f"Tuhui answered {status[:3]}: why")


@pytest.mark.parametrize("status", ["429 Many", "503 Away"])
@pytest.mark.parametrize("call", ["online", "create"])
async def test_a_busy_tuhui_says_when_to_come_back(
    serve: Serve, client: httpx.AsyncClient, status: str, call: str
) -> None:
    error = await failure(tuhui(await serve(reply(status, retry_after="17")), client), call)
    assert error.retry_after == timedelta(seconds=17)


@each_call
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="closed at once"),
        pytest.param(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n[", id="closed in the answer"),
        pytest.param(b"no http\r\n\r\n", id="no HTTP"),
        pytest.param(pouring(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 50_000), id="an answer without end"),
        pytest.param(pouring(b"HTTP/1.1 404 No\r\n\r\n", b" " * 50_000), id="a refusal without end"),
        pytest.param(pouring(b"HTTP/1.1 200 OK\r\n", b"a: b\r\n" * 9_000), id="headers without end"),
        pytest.param(reply("200 OK", b" " * 1_000_001), id="an answer over the cap"),
        pytest.param(reply("200 OK", b"[" * 100_000), id="brackets without end"),
        pytest.param(reply("200 OK", b"<html>"), id="a page"),
        pytest.param(reply("200 OK", b"\xff\xfe"), id="no text"),
        pytest.param(reply("200 OK", b"[]", content_encoding="gzip")[:-2] + b"\x1f\x8b", id="packed all the same"),
    ],
)
async def test_an_answer_that_is_none_is_asked_for_again_and_a_creation_may_have_been_heard(
    serve: Serve, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, call: str, answer: Answer | bytes
) -> None:
    monkeypatch.setattr("adapters.tuhui.wire.TIMEOUT_SECONDS", 60)  # it is seen without one
    async with asyncio.timeout(60):
        error = await failure(tuhui(await serve(answer), client), call)
    expect_may_have_been_heard(call, error)


@pytest.mark.parametrize("answer", [pytest.param(hang, id="no answer"), pytest.param(SLOWLY, id="a drip")])
async def test_an_answer_that_does_not_come_is_waited_for_so_long_and_not_longer(
    serve: Serve, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    monkeypatch.setattr("adapters.tuhui.wire.TIMEOUT_SECONDS", 4)  # half of it to connect, on a busy machine
    system = tuhui(await serve(answer), client)
    async with asyncio.timeout(60):
        errors = await asyncio.gather(*(failure(system, call) for call in CALLS))
    for call, error in zip(CALLS, errors, strict=True):
        expect_may_have_been_heard(call, error)


def expect_may_have_been_heard(call: str, error: DarkroomError) -> None:
    assert type(error) is OutsideUnavailable
    is_creation = call == "create"
    assert (PERHAPS in str(error), error.retry_after) == (is_creation, timedelta(seconds=5) if is_creation else None)


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("online", {}),
        ("online", "橘子"),
        ("online", ["橘子", 7.5, None]),
        ("online", [{"id": 1}]),
        ("online", ["橘" * 201]),
        ("suggestion", []),
        ("task", []),
        ("task", {}),
        ("task", {"status": None}),
        ("task", {"status": ""}),
        ("task", {"status": "assigned", "assigned_to": ["橘子"]}),
        ("task", {"status": "s" * 201}),
    ],
)
async def test_json_of_another_shape_is_not_understood(
    serve: Serve, client: httpx.AsyncClient, call: str, answer: object
) -> None:
    error = await failure(tuhui(await serve(said(answer)), client), call)
    assert type(error) is OutsideUnavailable
    assert str(error).startswith("Tuhui's answer is not understood")
    assert "橘" not in str(error)


@pytest.mark.parametrize("answer", [{}, [], None, {"task_id": None}, {"task_id": ""}, {"id": "ea853bd9"}])
async def test_a_creation_without_an_id_may_have_been_one(
    serve: Serve, client: httpx.AsyncClient, answer: object
) -> None:
    error = await failure(tuhui(await serve(said(answer)), client), "create")
    assert (type(error), error.retry_after) == (OutsideUnavailable, timedelta(seconds=5))
    assert PERHAPS in str(error)


@pytest.mark.parametrize(("status", "told", "pause"), [("500 Broken", "", 5), ("503 Away", "1", 5), ("503 A", "9", 9)])
async def test_a_creation_that_broke_inside_may_have_been_one(
    serve: Serve, client: httpx.AsyncClient, status: str, told: str, pause: int
) -> None:
    error = await failure(tuhui(await serve(reply(status, retry_after=told)), client), "create")
    assert PERHAPS in str(error)
    assert error.retry_after == timedelta(seconds=pause)


@each_call
async def test_a_tuhui_that_is_not_there_has_heard_nothing(client: httpx.AsyncClient, call: str) -> None:
    error = await failure(tuhui(free_port(), client), call)
    assert (type(error), error.retry_after) == (OutsideUnavailable, None)
    assert str(error).startswith("Tuhui cannot be reached")
    assert PERHAPS not in str(error)


@pytest.mark.parametrize("kind", [httpx.ConnectTimeout, httpx.PoolTimeout])
async def test_a_connection_never_made_has_created_nothing(kind: type[httpx.TransportError]) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise kind("", request=request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(fail)) as client:
        error = await failure(tuhui(1, client), "create")
    assert (type(error), error.retry_after) == (OutsideUnavailable, None)
    assert PERHAPS not in str(error)


@each_call
@pytest.mark.parametrize("key", ["sesame\n", "sesame\r\nx: y", "sesame\0", "sesame 芝麻"])
async def test_a_key_that_is_none_is_for_staff_to_mend_and_told_to_nobody(
    client: httpx.AsyncClient, serve: Serve, call: str, key: str
) -> None:
    error = await failure(tuhui(await serve(said([])), client, key), call)
    assert type(error) is OutsideRefused
    assert "TUHUI_API_KEY" in str(error)
    assert "sesame" not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("address", ["tuhui.example", "ftp://tuhui.example", "http://tuhui.example:port"])
async def test_an_address_that_is_none_is_for_staff_to_mend(client: httpx.AsyncClient, address: str) -> None:
    error = await failure(Tuhui(address, KEY, client), "create")
    assert type(error) is OutsideRefused
    assert "TUHUI_URL" in str(error)


@each_call
@pytest.mark.parametrize("status", ["400 Bad", "401 Who", "500 Broken"])
async def test_an_error_quotes_neither_the_key_nor_the_query_of_the_address(
    serve: Serve, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, call: str, status: str
) -> None:
    caplog.set_level(logging.INFO)
    words = f"{'.' * 190} wrong key {KEY} at /?token=open-says-me".encode()
    port = await serve(reply(status, words))
    error = await failure(Tuhui(f"http://127.0.0.1:{port}/?token=open-says-me", KEY, client), call)
    shown = "".join(traceback.format_exception(error))
    assert not [secret for secret in (KEY, KEY[:4], "open-says") if secret in shown]
    assert len(str(error)) < 300


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_not_followed_since_the_key_would_go_along(serve: Serve, status: str) -> None:
    visitors: list[str] = []

    async def elsewhere(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        visitors.append(await read_request(reader))

    target = await serve(elsewhere)
    port = await serve(reply(status, location=f"http://127.0.0.1:{target}/"))
    async with httpx.AsyncClient(follow_redirects=True) as eager:
        assert type(await failure(tuhui(port, eager), "create")) is OutsideRefused
    assert visitors == []


@pytest.fixture
def no_garbage_collection() -> Iterator[None]:
    """What is measured is not the clearing away of what other tests left in this process."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_garbage_collection")
async def test_the_largest_queue_holds_the_loop_for_a_moment_only(serve: Serve, client: httpx.AsyncClient) -> None:
    tasks = [{"task_id": f"t{n}", "description": f"订单 T_{n}"} for n in range(18_000)]
    answer = said({"pending_tasks": {"count": len(tasks), "tasks": tasks}})
    started = time.thread_time()
    json.loads(answer.partition(b"\r\n\r\n")[2])
    reading_once = time.thread_time() - started
    port = await serve(answer)
    asking = asyncio.create_task(tuhui(port, client).pending("订单 T_17999"))
    longest = 0.0
    while not asking.done():
        started = time.thread_time()  # of this loop alone, however busy the machine is
        await asyncio.sleep(0)
        longest = max(longest, time.thread_time() - started)
    assert await asking == "t17999"
    assert longest < 20 * reading_once  # usually 3


@pytest.mark.parametrize("number", [b"9" * 900_000, b"1e999999999"])
async def test_a_number_without_end_costs_no_time(serve: Serve, client: httpx.AsyncClient, number: bytes) -> None:
    port = await serve(reply("200 OK", b'{"pending_tasks": {"count": ' + number + b', "tasks": []}}'))
    started = time.thread_time()
    assert type(await failure(tuhui(port, client), "pending")) is OutsideUnavailable
    assert time.thread_time() - started < 2


async def test_a_call_that_is_called_off_stays_called_off(serve: Serve, client: httpx.AsyncClient) -> None:
    task = asyncio.create_task(tuhui(await serve(hang), client).create("修图", "订单 T_1"))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("call", ["pending", "create", "assign", "task"])
async def test_what_is_not_there_is_refused_and_asked_for_once(
    serve: Serve, client: httpx.AsyncClient, call: str
) -> None:
    heard = Heard(reply("404 Missing"))
    assert type(await failure(tuhui(await serve(heard.answer), client), call)) is OutsideRefused
    assert len(heard.lines) == 1
