"""Starting orders over HTTP, and sending them events, with a real Temporal and Postgres behind the gateway."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from temporalio.testing import TimeSkipper

from domain.vocabulary.status import Status
from starter import orders, routing
from tests.integration.gateway.conftest import Gate
from tests.shop import FakeShop, OrderInHand

PICTURE = {"image_url": "https://img.example.com/cat.jpg", "note": "变清晰一点"}


def customer() -> str:
    return f"wang-{uuid.uuid4().hex[:8]}"


def request(**fields: Any) -> dict[str, Any]:
    return {"customer_id": customer(), "acc_id": "shop-1", "pictures": [PICTURE]} | fields


async def started(gate: Gate, **fields: Any) -> str:
    answer = await gate.bot.post("/api/orders", json=request(**fields))
    assert answer.status_code == 201, answer.text
    order_id: str = answer.json()["order_id"]
    return order_id


def fault_of(answer: httpx.Response) -> str:
    assert answer.status_code == 422, answer.text
    field: str = answer.json()["errors"][0]["field"]
    return field


async def test_an_order_is_started_with_the_ids_of_its_pictures(gate: Gate) -> None:
    answer = await gate.bot.post("/api/orders", json=request(pictures=[PICTURE, PICTURE]))
    assert answer.status_code == 201
    order_id = answer.json()["order_id"]
    assert answer.headers["location"] == f"/api/orders/{order_id}"
    assert answer.json()["workflow_id"] == f"order-{order_id}"
    core = order_id.removeprefix("ORDER_")
    assert answer.json()["tasks"] == [f"TASK_{core}_1", f"TASK_{core}_2"]
    assert (await gate.temporal.get_workflow_handle(f"order-{order_id}").describe()).status is not None


async def test_the_same_key_again_is_answered_the_same_and_starts_nothing(gate: Gate) -> None:
    body, key = request(), {"Idempotency-Key": uuid.uuid4().hex}
    answers = await asyncio.gather(*(gate.bot.post("/api/orders", json=body, headers=key) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    found = [line async for line in orders.listing(gate.temporal, limit=9, CustomerId=body["customer_id"])]
    assert len(found) <= 1  # visibility may lag behind, yet never shows two


async def test_the_same_key_with_another_body_is_a_conflict(gate: Gate) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    await gate.bot.post("/api/orders", json=request(), headers=key)
    answer = await gate.bot.post("/api/orders", json=request(), headers=key)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:darkroom:idempotency-key-reused")


async def test_two_callers_may_use_the_same_key(gate: Gate) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    of_bot = await gate.bot.post("/api/orders", json=request(), headers=key)
    of_agent = await gate.agent.post("/api/orders", json=request(), headers=key)
    assert of_bot.json()["order_id"] != of_agent.json()["order_id"]


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"customer_id": ""}, "body.customer_id"),
        ({"customer_id": "x" * 256}, "body.customer_id"),
        ({"pictures": [{"operation": "paint"}]}, "body.pictures.0.operation"),
        ({"pictures": [PICTURE, {"image_url": "file:///etc/passwd"}]}, "body.pictures.1.image_url"),
        ({"pictures": [{"image_url": "http://user:secret@img.example.com/"}]}, "body.pictures.0.image_url"),
        ({"pictures": [{"image_key": "task-history/li/TASK_1/original.jpg"}]}, "body.pictures.0.image_key"),
        ({"event": {"type": "dance"}}, "body.event.type"),
        ({"event": {"type": "quote_set", "payload": {"amount": "much"}}}, "body.event.payload.amount"),
        ({"event": {"type": "customer_message", "payload": {"image_url": "ftp://x"}}}, "body.event.payload.image_url"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_refused_with_the_field_at_fault(
    gate: Gate, fields: dict[str, Any], at_fault: str
) -> None:
    assert fault_of(await gate.bot.post("/api/orders", json=request(**fields))).startswith(at_fault)


async def test_an_order_of_more_pictures_than_it_holds_is_refused_with_words_for_the_customer(gate: Gate) -> None:
    body = request(pictures=[PICTURE] * 40)
    assert (await gate.bot.post("/api/orders", json=body)).status_code == 201
    for most in (41, 1000):
        answer = await gate.bot.post("/api/orders", json=request(pictures=[PICTURE] * most))
        assert fault_of(answer) == "body.pictures"
        assert answer.json()["words"] == "一单最多40张图哈,多的麻烦您另外下一单"
        assert len(answer.text) < 1000


async def test_an_order_takes_its_first_event_along(gate: Gate, temporal_env: TimeSkipper) -> None:
    paid = {"type": "payment_received", "payload": {"payment_id": "p-1", "amount": "18.00"}}
    said = {"type": "send_message", "payload": {"text": "发到 wang@example.com"}}
    async with FakeShop(temporal_env).open() as shop:
        paid_id = await started(gate, event=paid)
        answer = await gate.bot.post("/api/orders", json=request(event=said))
        order_id = answer.json()["order_id"]
        assert answer.json()["answer"] | {"reply": None} == {
            "order_id": order_id, "event_id": f"first-{order_id}", "outcome": "heard", "accepted": True,
            "reason": None, "reply": None, "is_sent": False, "act": "nothing",
        }  # fmt: skip
        assert (await OrderInHand(shop, paid_id).until(lambda o: o.payments)).payments[0].payment_id == "p-1"
        assert (await OrderInHand(shop, order_id).until(lambda o: o.email)).email == "wang@example.com"


async def test_events_reach_an_order_and_a_repeat_changes_nothing(gate: Gate, temporal_env: TimeSkipper) -> None:
    async with FakeShop(temporal_env).open() as shop:
        order_id = await started(gate)
        order = OrderInHand(shop, order_id)
        await order.until(lambda o: o.quote)
        for _ in range(2):
            paid = {"event_id": "pay-1", "amount": "18.00"}
            answer = await gate.bot.post(f"/api/orders/{order_id}/events/payment_received", json=paid)
            assert answer.status_code == 202
            assert answer.json() == {"order_id": order_id, "event_id": "pay-1", "outcome": "heard"}
        assert len((await order.reaches(Status.AWAITING_CONFIRM)).payments) == 1


async def test_an_update_is_answered_with_words_and_a_refusal_with_its_reason(
    gate: Gate, temporal_env: TimeSkipper
) -> None:
    async with FakeShop(temporal_env).open() as shop:
        order_id = await started(gate)
        updates, order = f"/api/orders/{order_id}/updates", OrderInHand(shop, order_id)
        await order.until(lambda o: o.quote)
        await gate.bot.post(f"/api/orders/{order_id}/events/payment_received", json={"amount": "18.00"})
        await order.reaches(Status.AWAITING_CONFIRM)

        refused = (await gate.bot.post(f"{updates}/add_requirement", json={"requirement": "去掉文字"})).json()
        assert (refused["accepted"], refused["reason"]["phrase"]) == (False, "change_after_payment")
        assert refused["reason"]["text"].startswith("这单先按现在的要求给您做")

        redo = {"event_id": "say-1", "text": "颜色不对,脸再亮一点"}
        first, again = [(await gate.bot.post(f"{updates}/send_message", json=redo)).json() for _ in range(2)]
        assert first == again
        assert (first["accepted"], first["reply"]) == (True, "好的,重新给你做")


async def test_a_customers_words_go_to_the_order_that_waits_for_them(gate: Gate, temporal_env: TimeSkipper) -> None:
    who = customer()
    async with FakeShop(temporal_env).open() as shop:
        order_id = await started(gate, customer_id=who)
        await started(gate, customer_id=customer())
        order = OrderInHand(shop, order_id)
        await order.until(lambda o: o.quote)
        await order.until_listed(Status.PENDING)
        path = f"/api/customers/{who}"
        answer = await gate.bot.post(f"{path}/events/payment_received", json={"event_id": "p", "amount": "18.00"})
        assert answer.json()["order_id"] == order_id
        await order.reaches(Status.AWAITING_CONFIRM)
        await order.until_listed(Status.AWAITING_CONFIRM)
        answer = await gate.bot.post(f"{path}/updates/send_message?acc_id=shop-1", json={"text": "颜色不对,再亮一点"})
        assert (answer.json()["order_id"], answer.json()["reply"]) == (order_id, "好的,重新给你做")


async def test_a_payment_that_is_sent_again_never_pays_the_customers_next_order(
    gate: Gate, temporal_env: TimeSkipper
) -> None:
    who, paid = customer(), {"event_id": "p-7", "payment_id": "p-7", "amount": "18.00"}
    async with FakeShop(temporal_env).open() as shop:
        first = await started(gate, customer_id=who)
        await OrderInHand(shop, first).until(lambda o: o.quote)
        await OrderInHand(shop, first).until_listed(Status.PENDING)
        await gate.bot.post(f"/api/customers/{who}/events/payment_received", json=paid)
        await OrderInHand(shop, first).reaches(Status.AWAITING_CONFIRM)
        second = await started(gate, customer_id=who)
        await OrderInHand(shop, second).until(lambda o: o.quote)
        again = await gate.bot.post(f"/api/customers/{who}/events/payment_received", json=paid)
        assert again.json()["order_id"] == first
        assert not (await orders.snapshot(gate.temporal, second)).payments


async def test_no_order_and_several_orders_are_answered_so_that_the_bot_asks(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "SAME_MOMENT", timedelta(minutes=1))
    who = customer()
    path = f"/api/customers/{who}/events/payment_received"
    answer = await gate.bot.post(path, json={"amount": "18.00"})
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:darkroom:no-order-meant")
    await asyncio.gather(*(started(gate, customer_id=who) for _ in range(2)))
    async with asyncio.timeout(60):
        while (answer := await gate.bot.post(path, json={"amount": "18.00"})).status_code != 409:
            assert answer.status_code in {404, 202}  # until Temporal's visibility knows both
            await asyncio.sleep(0.1)
    assert answer.json()["type"] == "urn:darkroom:several-orders-meant"


async def test_what_no_open_order_can_hear_is_kept_for_staff(gate: Gate) -> None:
    unknown = "ORDER_20200101_222222"
    heard = await gate.bot.post(
        f"/api/orders/{unknown}/events/customer_message", json={"event_id": "m", "text": "在吗"}
    )
    asked = await gate.bot.post(f"/api/orders/{unknown}/updates/send_message", json={"event_id": "u", "text": "在吗"})
    assert (heard.status_code, heard.json()["outcome"]) == (202, "kept")
    assert (asked.status_code, asked.json()["outcome"], asked.json()["accepted"]) == (200, "kept", False)
    for event in ("m", "u"):
        late = gate.temporal.get_workflow_handle(f"late-{unknown}-customer_message-{event}")
        assert (await late.describe()).id


async def test_an_update_that_no_worker_answers_says_so_in_time(gate: Gate) -> None:
    order_id = await started(gate)
    answer = await gate.bot.post(f"/api/orders/{order_id}/updates/send_message", json={"text": "在吗"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "worker" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path", ["/api/orders/ORDER_1/events/customer_message", "/api/customers/a%00b/updates/send_message"]
)
async def test_an_id_that_is_none_is_refused(gate: Gate, path: str) -> None:
    assert fault_of(await gate.bot.post(path, json={"text": "在吗"})) in {"path.order_id", "path.customer_id"}


async def test_a_body_that_is_too_large_or_no_json_is_refused(gate: Gate) -> None:
    large = await gate.bot.post("/api/orders", json=request(customer_name="x" * 300_000))
    assert (large.status_code, large.headers["content-type"]) == (413, "application/problem+json")

    async def unsized() -> AsyncIterator[bytes]:
        for _ in range(300):
            yield b" " * 1000

    streamed = await gate.bot.post("/api/orders", content=unsized(), headers={"content-type": "application/json"})
    assert (streamed.status_code, streamed.headers["content-type"]) == (413, "application/problem+json")
    answer = await gate.bot.post("/api/orders", content=b"{", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
