"""Designers over HTTP, with a real Temporal and Postgres behind the gateway."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest
from temporalio.testing import TimeSkipper

from domain.vocabulary import ids
from starter import querying
from tests.dispatches import RESULT, DispatchInHand, given
from tests.integration.gateway.conftest import Gate
from tests.integration.gateway.test_orders import fault_of
from tests.shop import FakeShop


def question(**fields: Any) -> dict[str, Any]:
    return {"customer_id": f"wang-{uuid.uuid4().hex[:8]}", "acc_id": "shop-1", "reason": "这个能做吗"} | fields


async def ask(gate: Gate, **fields: Any) -> str:
    answer = await gate.agent.post("/api/dispatches", json=question(**fields))
    assert answer.status_code == 201, answer.text
    transfer_id: str = answer.json()["transfer_id"]
    return transfer_id


async def seen(gate: Gate, name: str) -> dict[str, Any]:
    answer = await gate.bot.get(f"/api/dispatches/{name}")
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def test_a_question_is_asked_answered_and_read(gate: Gate, temporal_env: TimeSkipper) -> None:
    async with FakeShop(temporal_env).open() as shop:
        transfer_id = await ask(gate)
        dispatch = DispatchInHand(shop, ids.dispatch_id(transfer_id))
        await dispatch.until(lambda d: d.designer)
        before = await seen(gate, transfer_id)
        assert (before["designer"], before["is_over"], before["answer"]) == ("橘子", False, None)
        assert before["waits_for"] == "设计师橘子做完"
        handed_in = {"event_id": "done-1", "result_url": RESULT, "notes": "能做,80元"}
        answer = await gate.agent.post(f"/api/dispatches/{transfer_id}/events/designer_finished", json=handed_in)
        assert (answer.status_code, answer.json()["outcome"], answer.json()["event_id"]) == (202, "heard", "done-1")
        await dispatch.handle.result()
        after = await seen(gate, transfer_id)
        assert (after["is_over"], after["answer"]["notes"]) == (True, "能做,80元")
        assert "/d/" in after["answer"]["picture_url"]
        assert "/d/" in after["answer"]["preview_url"]
        assert "answered" in [line["what"] for line in after["journal"]]


async def test_a_picture_of_an_order_is_read_and_handed_in_by_its_task(gate: Gate, temporal_env: TimeSkipper) -> None:
    async with FakeShop(temporal_env).open() as shop:
        order, dispatch = await given(shop)
        assert (await seen(gate, order.task_id))["order_id"] == order.order_id
        path = f"/api/dispatches/{order.task_id}/events/designer_finished"
        assert (await gate.bot.post(path, json={"result_url": RESULT})).status_code == 202
        await order.until(lambda o: o.status == "awaiting_confirm")
        await dispatch.until(lambda d: d.is_shown)


async def test_without_a_worker_whoever_reads_a_dispatch_is_told_to_come_again(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(querying, "ANSWER_TIMEOUT", timedelta(seconds=0.5))
    answer = await gate.agent.get(f"/api/dispatches/{await ask(gate)}")
    assert answer.status_code == 503, answer.text
    assert "worker" in answer.json()["detail"]
    assert answer.headers["retry-after"]


async def test_what_an_order_waits_for_is_not_called_off_in_its_customers_name(
    gate: Gate, temporal_env: TimeSkipper
) -> None:
    async with FakeShop(temporal_env).open() as shop:
        order, dispatch = await given(shop)
        answer = await gate.bot.post(f"/api/dispatches/{order.task_id}/events/cancel_requested", json={})
        assert (answer.status_code, "only staff can cancel" in answer.json()["detail"]) == (403, True)
        assert (await dispatch.now()).closing == ""


async def test_the_same_key_again_asks_designers_once(gate: Gate) -> None:
    body, key = question(), {"Idempotency-Key": uuid.uuid4().hex}
    answers = await asyncio.gather(*(gate.agent.post("/api/dispatches", json=body, headers=key) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    other = await gate.agent.post("/api/dispatches", json=question(), headers=key)
    assert (other.status_code, other.json()["type"]) == (409, "urn:darkroom:idempotency-key-reused")


async def test_a_question_that_was_answered_is_not_asked_again(gate: Gate, temporal_env: TimeSkipper) -> None:
    body, key = question(), {"Idempotency-Key": uuid.uuid4().hex}
    async with FakeShop(temporal_env).open() as shop:
        first = await gate.agent.post("/api/dispatches", json=body, headers=key)
        dispatch = DispatchInHand(shop, first.json()["workflow_id"])
        await dispatch.until(lambda d: d.designer)
        await dispatch.handle.signal("designer_finished", {"notes": "做不了"})
        await dispatch.handle.result()
        again = await gate.agent.post("/api/dispatches", json=body, headers=key)
        assert (again.status_code, again.text) == (201, first.text)


async def test_a_dispatch_is_called_off_by_a_customer_and_for_staff_by_a_bot_alone(
    gate: Gate, temporal_env: TimeSkipper
) -> None:
    async with FakeShop(temporal_env).open() as shop:
        transfer_id = await ask(gate)
        path = f"/api/dispatches/{transfer_id}/events/cancel_requested"
        of_staff = {"requested_by": "staff", "reason": "客户不要了"}
        assert (await gate.agent.post(path, json=of_staff)).status_code == 403
        assert (await gate.bot.post(path, json=of_staff)).status_code == 202
        await DispatchInHand(shop, ids.dispatch_id(transfer_id)).handle.result()
        closed = await gate.agent.post(path, json={"reason": "不要了"})
        assert (closed.status_code, closed.json()["type"]) == (404, "urn:darkroom:no-such-dispatch")
        assert f"no open dispatch with the id dispatch-{transfer_id}" in closed.json()["detail"]


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"customer_id": ""}, "body.customer_id"),
        ({"reason": ""}, "body.reason"),
        ({"image_url": "file:///etc/passwd"}, "body.image_url"),
        ({"image_key": "task-history/li/TASK_1/original.jpg"}, "body.image_key"),
    ],
)
async def test_a_question_that_does_not_fit_is_refused_with_the_field_at_fault(
    gate: Gate, fields: dict[str, Any], at_fault: str
) -> None:
    assert fault_of(await gate.agent.post("/api/dispatches", json=question(**fields))) == at_fault


@pytest.mark.parametrize("name", ["TRANSFER_20261122_7K3F9Q", "TASK_20261122_7K3F9Q_1-2"])
async def test_a_dispatch_that_is_not_there_is_a_404(gate: Gate, name: str) -> None:
    assert (await gate.bot.get(f"/api/dispatches/{name}")).status_code == 404


@pytest.mark.parametrize("name", ["ORDER_20261122_7K3F9Q", "order-1", "TASK_20261122_7K3F9Q"])
async def test_a_name_of_something_else_is_refused(gate: Gate, name: str) -> None:
    answer: httpx.Response = await gate.bot.get(f"/api/dispatches/{name}")
    assert fault_of(answer) == "path.dispatch"


async def test_an_empty_answer_is_refused_with_what_to_hand_in(gate: Gate) -> None:
    path = "/api/dispatches/TRANSFER_20261122_7K3F9Q/events/designer_finished"
    answer = await gate.bot.post(path, json={})
    assert fault_of(answer) == "body.result_url"
    assert "give a picture" in answer.json()["detail"]
