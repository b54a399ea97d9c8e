"""The dispatch system's adapter, over the wire."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters.tuhui import TuhuiDispatch, Undocumented
from domain.designers import DispatchTask
from domain.errors import DarkroomError, OutsideRefused, OutsideUnavailable
from tests.integration.adapters.conftest import Answer, Serve, pouring, reply
from tests.integration.simulators_fixtures import free_port

KEY = "tuhui-secret"
KNOWN = Undocumented("completed", "accepted, 已接单", "result.url", "/tasks/{id}/cancel")
Call = Callable[[TuhuiDispatch], Awaitable[Any]]


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as http:
        yield http


def tuhui(port: int, client: httpx.AsyncClient, known: Undocumented = KNOWN) -> TuhuiDispatch:
    return TuhuiDispatch(f"http://127.0.0.1:{port}/api/", KEY, client, known)


def answer(value: Any) -> bytes:
    return reply("200 OK", json.dumps(value).encode())


def queue(*descriptions: str, count: int | None = None) -> bytes:
    tasks = [{"task_id": f"T{number}", "description": words} for number, words in enumerate(descriptions, 1)]
    pending = {"count": len(tasks) if count is None else count, "tasks": tasks}
    return answer({"pending_tasks": pending, "online_designers": {}, "suggestion": "橘子"})


class Overheard:
    """A server that answers one thing and keeps what it was asked."""

    def __init__(self, said: bytes) -> None:
        self.said, self.head, self.body = said, "", b""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lengths = [line.partition(":")[2] for line in self.head.lower().splitlines() if "content-length" in line]
        self.body = await reader.readexactly(int(lengths[0])) if lengths else b""
        writer.write(self.said)


@pytest.mark.parametrize(
    ("call", "line", "body"),
    [
        (
            lambda t: t.create("图片处理-4711", "订单 TASK_1"),
            "POST /api/tasks ",
            {"task_name": "图片处理-4711", "description": "订单 TASK_1", "task_type": "image_process", "priority": 2},
        ),
        (
            lambda t: t.assign("ea/8", "橘子", "请及时处理"),
            "POST /api/tasks/ea%2F8/assign ",
            {"designer_name": "橘子", "notes": "请及时处理"},
        ),
        (lambda t: t.complete("T1", "客户已确认"), "POST /api/tasks/T1/complete ", {"notes": "客户已确认"}),
        (lambda t: t.cancel("T1", "订单已取消"), "POST /api/tasks/T1/cancel ", {"notes": "订单已取消"}),
    ],
)
async def test_what_is_done_is_said_as_their_api_wants_it(
    serve: Serve, client: httpx.AsyncClient, call: Call, line: str, body: dict[str, Any]
) -> None:
    heard = Overheard(answer({"task_id": "ea853bd9", "status": "ok"}))
    assert await call(tuhui(await serve(heard), client)) in {None, "ea853bd9"}
    assert heard.head.startswith(line)
    assert f"x-api-key: {KEY}" in heard.head.lower()
    assert json.loads(heard.body) == body


async def test_without_a_way_to_cancel_a_task_is_completed_with_the_note(
    serve: Serve, client: httpx.AsyncClient
) -> None:
    heard = Overheard(answer({}))
    await tuhui(await serve(heard), client, Undocumented()).cancel("T1", "订单已取消")
    assert heard.head.startswith("POST /api/tasks/T1/complete ")


async def test_designers_and_the_suggestion_are_read(serve: Serve, client: httpx.AsyncClient) -> None:
    assert await tuhui(await serve(answer(["橘子", "婷婷"])), client).online() == ["橘子", "婷婷"]
    assert await tuhui(await serve(queue()), client).suggestion() == "橘子"


async def test_a_task_is_found_by_the_whole_first_line_alone(serve: Serve, client: httpx.AsyncClient) -> None:
    waiting = queue("订单 TASK_10\n原因: x", "原因: x\n订单 TASK_1", " 订单 TASK_1 \n原因: x")
    dispatch = tuhui(await serve(waiting), client)
    assert (await dispatch.pending("订单 TASK_1"), await dispatch.pending("订单 TASK_2")) == ("T3", None)


@pytest.mark.parametrize(
    ("said", "known", "task"),
    [
        ({"status": "assigned", "assigned_to": "橘子"}, KNOWN, DispatchTask("assigned", "橘子")),
        ({"status": " Accepted "}, KNOWN, DispatchTask("Accepted", is_accepted=True)),
        ({"status": "已接单"}, KNOWN, DispatchTask("已接单", is_accepted=True)),
        ({"status": "accepted"}, Undocumented(), DispatchTask("accepted")),
        (
            {"status": "completed", "result": {"url": "https://x.example/1.png"}},
            KNOWN,
            DispatchTask("completed", is_finished=True, result_url="https://x.example/1.png"),
        ),
        ({"status": "completed", "result": {"url": "done"}}, KNOWN, DispatchTask("completed", is_finished=True)),
        ({"status": "completed", "result": None}, KNOWN, DispatchTask("completed", is_finished=True)),
    ],
)
async def test_a_task_is_read_by_what_the_shop_knows_of_it(
    serve: Serve, client: httpx.AsyncClient, said: Any, known: Undocumented, task: DispatchTask
) -> None:
    assert await tuhui(await serve(answer(said)), client, known).task("T1") == task


@pytest.mark.parametrize("status", ["404 Not Found", "409 Conflict"])
async def test_a_task_that_is_done_or_gone_needs_no_closing(
    serve: Serve, client: httpx.AsyncClient, status: str
) -> None:
    await tuhui(await serve(reply(status, b"{}")), client).complete("T1", "客户已确认")


async def trouble(port: int, client: httpx.AsyncClient, call: Call) -> DarkroomError:
    with pytest.raises(DarkroomError) as raised:
        await call(tuhui(port, client))
    assert KEY not in str(raised.value)
    return raised.value


GARBAGE = [
    reply("200 OK", b"<html>busy</html>"),
    reply("200 OK", b""),
    answer("a word"),
    answer({"pending_tasks": []}),
    queue("订单 TASK_9", count=2),
    reply("302 Found", location="http://127.0.0.1:1/"),
    pouring(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 100_000),
    b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{",
]


@pytest.mark.parametrize("said", GARBAGE, ids=map(str, range(len(GARBAGE))))
async def test_that_a_task_is_not_there_is_never_read_from_an_answer_that_was_not_understood(
    serve: Serve, client: httpx.AsyncClient, said: Answer | bytes
) -> None:
    error = await trouble(await serve(said), client, lambda t: t.pending("订单 TASK_1"))
    assert not error.permanent


@pytest.mark.parametrize(
    "said", [answer({}), answer([]), reply("500 Oops"), b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"]
)
async def test_a_task_whose_creation_was_not_answered_is_looked_for_a_moment_later(
    serve: Serve, client: httpx.AsyncClient, said: bytes
) -> None:
    error = await trouble(await serve(said), client, lambda t: t.create("n", "d"))
    assert (type(error), error.retry_after) == (OutsideUnavailable, timedelta(seconds=5))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("401 Unauthorized", OutsideRefused),
        ("422 Unprocessable", OutsideRefused),
        ("429 Too Many", OutsideUnavailable),
        ("503 Busy", OutsideUnavailable),
    ],
)
async def test_each_status_has_its_outcome(
    serve: Serve, client: httpx.AsyncClient, status: str, kind: type[DarkroomError]
) -> None:
    port = await serve(reply(status, f"your key {KEY} is wrong".encode(), retry_after="7"))
    error = await trouble(port, client, lambda t: t.assign("T1", "橘子", "n"))
    assert type(error) is kind
    if kind is OutsideUnavailable:
        assert error.retry_after == timedelta(seconds=7)


async def test_an_answer_that_drips_is_none(
    serve: Serve, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.tuhui.TIMEOUT_SECONDS", 0.3)
    port = await serve(pouring(b"HTTP/1.1 200 OK\r\n\r\n", b" ", pause=0.05))
    assert isinstance(await trouble(port, client, lambda t: t.online()), OutsideUnavailable)


async def test_nobody_listens(client: httpx.AsyncClient) -> None:
    assert isinstance(await trouble(free_port(), client, lambda t: t.online()), OutsideUnavailable)
