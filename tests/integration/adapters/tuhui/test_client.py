"""The adapter of the dispatch system Tuhui: what it asks, and what it takes from the answers."""

from typing import Any

import httpx
import pytest

from adapters.tuhui.client import Tuhui, TuhuiOptions
from domain.designers.ports import DispatchTask
from domain.vocabulary.errors import OutsideRefused, OutsideUnavailable
from tests.integration.adapters.conftest import Serve, reply
from tests.integration.adapters.tuhui.fixtures import KEY, Heard, client, queue, said, tuhui

__all__ = ["client"]

MARKER = "订单 TASK_20261122_7K3F9Q_1"
DONE = said({"status": "completed"})
OPEN = said({"status": "assigned", "assigned_to": "橘子"})


# Who is there.


@pytest.mark.parametrize(
    "answer",
    [
        ["橘子", "婷婷"],
        [{"name": "橘子", "since": 9}, {"name": "婷婷"}],
        {"count": 2, "designers": ["橘子", "婷婷"]},
        {"designers": [{"name": "橘子"}, "婷婷", "橘子"]},
    ],
)
async def test_those_who_are_there_are_known_by_name(serve: Serve, client: httpx.AsyncClient, answer: Any) -> None:
    heard = Heard(said(answer))
    assert await tuhui(await serve(heard.answer), client).online() == ["橘子", "婷婷"]
    assert heard.lines == ["GET /api/online/designers"]
    assert f"x-api-key: {KEY}\r\n" in heard.heads[0]


async def test_nobody_may_be_there(serve: Serve, client: httpx.AsyncClient) -> None:
    assert await tuhui(await serve(said([])), client).online() == []


@pytest.mark.parametrize(
    ("suggestion", "name"), [("橘子", "橘子"), (None, None), ("", None), ({"name": "橘子"}, None), (7, None)]
)
async def test_an_opinion_that_is_no_name_is_none(
    serve: Serve, client: httpx.AsyncClient, suggestion: Any, name: str | None
) -> None:
    heard = Heard(queue(suggestion=suggestion))
    assert await tuhui(await serve(heard.answer), client).suggestion() == name
    assert heard.lines == ["GET /api/dispatch/queue"]


async def test_a_queue_without_a_suggestion_has_no_opinion(serve: Serve, client: httpx.AsyncClient) -> None:
    assert await tuhui(await serve(queue()), client).suggestion() is None


# What waits in the queue.


@pytest.mark.parametrize(
    ("descriptions", "found"),
    [
        ([f"{MARKER}\n换背景"], "t1"),
        ([f"  {MARKER} \r\n换背景"], "t1"),
        (["别的", None, MARKER], "t3"),
        ([], None),
        ([f"{MARKER}0\n换背景"], None),
        ([f"{MARKER} 第2次\n换背景"], None),
        ([f"请看\n{MARKER}"], None),
    ],
)
async def test_a_task_is_known_by_the_whole_first_line_of_its_description(
    serve: Serve, client: httpx.AsyncClient, descriptions: list[Any], found: str | None
) -> None:
    assert await tuhui(await serve(queue(*descriptions)), client).pending(MARKER) == found


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(queue(MARKER, count=2), id="a list that was cut"),
        pytest.param(queue(count=1), id="a count without its task"),
        pytest.param(said({}), id="no tasks"),
        pytest.param(said({"pending_tasks": []}), id="no count"),
        pytest.param(said({"pending_tasks": {"count": 0}}), id="no list"),
        pytest.param(said({"pending_tasks": {"count": 0, "tasks": None}}), id="null in the place of a list"),
        pytest.param(said({"pending_tasks": {"count": 1, "tasks": [{"task_id": "t1"}]}}), id="no description"),
        pytest.param(said({"pending_tasks": {"count": 1, "tasks": [{"description": MARKER}]}}), id="no id"),
        pytest.param(said({"pending_tasks": {"count": 1, "tasks": ["t1"]}}), id="no task"),
        pytest.param(said([]), id="a list"),
        pytest.param(reply("204 No Content"), id="nothing"),
    ],
)
async def test_a_queue_that_is_not_understood_never_means_that_a_task_is_not_there(
    serve: Serve, client: httpx.AsyncClient, answer: bytes
) -> None:
    with pytest.raises(OutsideUnavailable, match="not understood"):
        await tuhui(await serve(answer), client).pending(MARKER)


# A task begins, and has a designer.


async def test_a_task_is_created_for_pictures_with_the_usual_priority(serve: Serve, client: httpx.AsyncClient) -> None:
    heard = Heard(said({"task_id": "ea853bd9"}, "201 Created"))
    created = await tuhui(await serve(heard.answer), client).create("修图-3F9Q", f"{MARKER}\n换背景")
    assert created == "ea853bd9"
    assert heard.lines == ["POST /api/tasks"]
    assert f"x-api-key: {KEY}\r\n" in heard.heads[0]
    assert "content-type: application/json\r\n" in heard.heads[0]
    assert heard.bodies == [
        {"task_name": "修图-3F9Q", "description": f"{MARKER}\n换背景", "task_type": "image_process", "priority": 2}
    ]


async def test_an_id_may_be_a_number(serve: Serve, client: httpx.AsyncClient) -> None:
    assert await tuhui(await serve(said({"task_id": 17})), client).create("n", MARKER) == "17"


@pytest.mark.parametrize("answer", [said({"ok": True}), reply("200 OK"), reply("204 No Content"), said(None)])
async def test_a_task_is_given_to_a_designer_with_notes(serve: Serve, client: httpx.AsyncClient, answer: bytes) -> None:
    heard = Heard(answer)
    await tuhui(await serve(heard.answer), client).assign("ea853bd9", "橘子", "三次没过")
    assert heard.lines == ["POST /api/tasks/ea853bd9/assign"]
    assert heard.bodies == [{"designer_name": "橘子", "notes": "三次没过"}]


@pytest.mark.parametrize(("task_id", "quoted"), [("../a?b#c", "..%2Fa%3Fb%23c"), ("任务 %41", None)])
async def test_an_odd_id_stays_one_part_of_the_path(
    serve: Serve, client: httpx.AsyncClient, task_id: str, quoted: str | None
) -> None:
    heard = Heard(OPEN)
    await tuhui(await serve(heard.answer), client).task(task_id)
    assert heard.lines == [f"GET /api/tasks/{quoted or '%E4%BB%BB%E5%8A%A1%20%2541'}"]


async def test_the_query_of_the_address_goes_with_each_path(serve: Serve, client: httpx.AsyncClient) -> None:
    heard = Heard(OPEN, said({}))
    options = TuhuiOptions(cancel_path="/cancel?id={id}")
    system = Tuhui(f"http://127.0.0.1:{await serve(heard.answer)}/?shop=7", KEY, client, options)
    await system.task("t1")
    await system.cancel("t1", "客户取消")
    assert heard.lines == ["GET /tasks/t1?shop=7", "POST /cancel?id=t1&shop=7"]


# How it stands.


async def test_a_task_is_as_it_stands(serve: Serve, client: httpx.AsyncClient) -> None:
    heard = Heard(OPEN)
    assert await tuhui(await serve(heard.answer), client).task("t1") == DispatchTask("assigned", "橘子")
    assert heard.lines == ["GET /api/tasks/t1"]


@pytest.mark.parametrize(
    ("status", "is_finished"), [("completed", True), (" COMPLETED ", True), ("cancelled", False), ("complete", False)]
)
async def test_finished_is_what_the_shop_says_it_is(
    serve: Serve, client: httpx.AsyncClient, status: str, is_finished: bool
) -> None:
    task = await tuhui(await serve(said({"status": status, "assigned_to": None})), client).task("t1")
    assert (task.status, task.designer, task.is_finished) == (status, "", is_finished)


@pytest.mark.parametrize(("status", "is_accepted"), [(" Working", True), ("assigned", False), ("completed", False)])
async def test_accepted_is_what_the_shop_says_it_is(
    serve: Serve, client: httpx.AsyncClient, status: str, is_accepted: bool
) -> None:
    adapter = tuhui(await serve(said({"status": status})), client, accepted_statuses=frozenset({"working"}))
    assert (await adapter.task("t1")).is_accepted is is_accepted


@pytest.mark.parametrize("status", ["accepted", "completed"])
async def test_nothing_is_accepted_where_the_shop_has_not_said_how(
    serve: Serve, client: httpx.AsyncClient, status: str
) -> None:
    adapter = tuhui(await serve(said({"status": status})), client)
    assert not (await adapter.task("t1")).is_accepted


@pytest.mark.parametrize(
    ("field", "value", "address"),
    [
        ("result_url", {"result_url": "https://t.example/1.jpg"}, "https://t.example/1.jpg"),
        ("result.url", {"result": {"url": "http://t.example/1.jpg"}}, "http://t.example/1.jpg"),
        ("result.url", {"result": "https://t.example/1.jpg"}, None),
        ("result.url", {"result": [{"url": "https://t.example/1.jpg"}]}, None),
        ("result_url", {}, None),
        ("result_url", {"result_url": None}, None),
        ("result_url", {"result_url": ["https://t.example/1.jpg"]}, None),
        ("result_url", {"result_url": "/files/1.jpg"}, None),
        ("result_url", {"result_url": "ftp://t.example/1.jpg"}, None),
        ("result_url", {"result_url": "http://[t/1.jpg"}, None),
        ("result_url", {"result_url": "https://"}, None),
        (None, {"result_url": "https://t.example/1.jpg"}, None),
    ],
)
async def test_the_result_is_a_web_address_in_the_field_that_the_shop_names(
    serve: Serve, client: httpx.AsyncClient, field: str | None, value: dict[str, Any], address: str | None
) -> None:
    port = await serve(said({"status": "completed", **value}))
    assert (await tuhui(port, client, result_field=field).task("t1")).result_url == address


# It ends.


async def test_a_task_is_completed_with_notes(serve: Serve, client: httpx.AsyncClient) -> None:
    heard = Heard(said({"status": "completed"}))
    await tuhui(await serve(heard.answer), client).complete("t1", "已完成")
    assert (heard.lines, heard.bodies) == (["POST /api/tasks/t1/complete"], [{"notes": "已完成"}])


async def test_a_task_is_cancelled_by_the_path_that_the_shop_names(serve: Serve, client: httpx.AsyncClient) -> None:
    heard = Heard(said({}))
    adapter = tuhui(await serve(heard.answer), client, cancel_path="/tasks/{id}/cancel?soft=1")
    await adapter.cancel("t/1", "客户取消")
    assert (heard.lines, heard.bodies) == (["POST /api/tasks/t%2F1/cancel?soft=1"], [{"notes": "客户取消"}])


async def test_a_task_is_completed_instead_where_no_cancelling_is_known(
    serve: Serve, client: httpx.AsyncClient
) -> None:
    heard = Heard(said({}))
    await tuhui(await serve(heard.answer), client).cancel("t1", "客户取消")
    assert (heard.lines, heard.bodies) == (["POST /api/tasks/t1/complete"], [{"notes": "客户取消"}])


@pytest.mark.parametrize("refusal", ["404 Missing", "409 Conflict", "400 Bad"])
@pytest.mark.parametrize(
    "look", [DONE, said({"status": "Cancelled"}), reply("404 Missing"), reply("410 Gone")],
    ids=["finished", "cancelled", "missing", "gone"],
)  # fmt: skip
@pytest.mark.parametrize("how", ["complete", "cancel"])
async def test_what_is_over_already_needs_no_ending(
    serve: Serve, client: httpx.AsyncClient, refusal: str, look: bytes, how: str
) -> None:
    heard = Heard(reply(refusal), look)
    await getattr(tuhui(await serve(heard.answer), client), how)("t1", "已完成")
    assert heard.lines == ["POST /api/tasks/t1/complete", "GET /api/tasks/t1"]


@pytest.mark.parametrize("refusal", ["404", "409"])
async def test_a_refusal_to_end_what_is_not_over_is_one(serve: Serve, client: httpx.AsyncClient, refusal: str) -> None:
    heard = Heard(reply(f"{refusal} No"), OPEN)
    with pytest.raises(OutsideRefused, match=refusal):
        await tuhui(await serve(heard.answer), client, cancel_path="/t/{id}").cancel("t1", "客户取消")


async def test_whether_it_is_over_may_not_be_known_for_now(serve: Serve, client: httpx.AsyncClient) -> None:
    heard = Heard(reply("409 Conflict"), reply("503 Away"))
    with pytest.raises(OutsideUnavailable):
        await tuhui(await serve(heard.answer), client).complete("t1", "已完成")
