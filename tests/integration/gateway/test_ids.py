"""Ids that callers choose: each that is taken can be reached afterwards, and an order has one spelling."""

import uuid
from urllib.parse import quote

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.testing import TimeSkipper

from adapters.db.records import PostgresRecords
from runtime import wiring
from tests.integration.gateway.conftest import Gate
from tests.integration.gateway.test_orders import fault_of, request
from tests.integration.gateway.test_payments import notify
from tests.integration.gateway.test_reading import order_of
from tests.shop import FakeShop, OrderInHand

REACHABLE = [
    "tb/001",
    "/",
    "a//b",
    "a/orders",
    "x/events/customer_message",
    "王 小明",
    "a?b#c",
    "%2F",
    "+&=",
    "...",
    "o'neil;",
]
UNREACHABLE = ["a\nb", "\t", "a\x1bb", "\u202eab", ".", "..", "a\ufffd", "\u2028", "\x7f"]


@pytest.mark.parametrize("name", REACHABLE)
async def test_a_customer_who_is_taken_is_reached(gate: Gate, temporal_env: TimeSkipper, name: str) -> None:
    who = f"{name}{uuid.uuid4().hex[:6]}{name}"
    path = f"/api/customers/{quote(who, safe='')}"
    async with FakeShop(temporal_env).open() as shop:
        answer = await gate.bot.post("/api/orders", json=request(customer_id=who))
        assert answer.status_code == 201, answer.text
        await OrderInHand(shop, answer.json()["order_id"]).until_listed("pending")
        wish = await gate.bot.post(f"{path}/events/requirement_added", json={"requirement": "白底"})
        assert wish.json()["order_id"] == answer.json()["order_id"]
        said = await gate.bot.post(f"{path}/updates/add_requirement", json={"requirement": "2K"})
        assert said.json()["order_id"] == answer.json()["order_id"]
    order, engine = order_of(who), wiring.engine(gate.settings)
    await PostgresRecords(engine).save(order)
    await engine.dispose()
    listed = (await gate.bot.get(f"{path}/orders")).json()["orders"]
    assert [(one["order_id"], one["customer_id"]) for one in listed] == [(order.order_id, who)]


@pytest.mark.parametrize("name", UNREACHABLE)
@pytest.mark.parametrize("field", ["customer_id", "acc_id"])
async def test_a_name_that_could_not_be_reached_is_refused_at_the_door(gate: Gate, field: str, name: str) -> None:
    bodies = {"/api/orders": request(), "/api/dispatches": {"reason": "?"}, "/api/pictures/find": {"words": "猫"}}
    for path, body in bodies.items():
        answer = await gate.bot.post(path, json={"customer_id": "wang"} | body | {field: name})
        assert fault_of(answer) == f"body.{field}"


@pytest.mark.parametrize("named", ["ORDER_20261122_7K3F9Q", "Order-ORDER_20261122_7K3F9Q", "order_20261122_7K3F9Q"])
async def test_an_order_has_no_twin_under_another_workflow_id(
    gate: Gate, temporal_env: TimeSkipper, named: str
) -> None:
    async with FakeShop(temporal_env).open():
        handle = await gate.temporal.start_workflow("OrderWorkflow", request(), id=named, task_queue="orders")
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()
    assert "order-ORDER_20261122_7K3F9Q" in str(failed.value.cause)


@pytest.mark.parametrize("spelled", ["order-{}", " {} ", "ORDER-{}"])
async def test_money_finds_its_order_however_the_platform_spells_it(gate: Gate, spelled: str) -> None:
    order_id = (await gate.bot.post("/api/orders", json=request())).json()["order_id"]
    for name in (spelled.format(order_id), spelled.format(order_id).lower()):
        answer = await notify(gate, "payment.received", order_id=name, amount="1.00")
        assert (answer.json()["order_id"], answer.json()["outcome"]) == (order_id, "heard")
