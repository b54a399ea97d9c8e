"""What an agent's key reaches: its own orders, shared pictures, and nothing that is the shop's to say."""

from typing import Any

import pytest
from temporalio.testing import TimeSkipper

from adapters.db.records import PostgresRecords
from domain.vocabulary import ids
from runtime import wiring
from tests.integration.gateway.conftest import Gate
from tests.integration.gateway.test_finding import HIT, asked
from tests.integration.gateway.test_orders import customer, request
from tests.integration.gateway.test_reading import order_of
from tests.shop import FakeShop, OrderInHand


async def test_an_agent_lists_its_own_orders_of_a_customer_alone(gate: Gate) -> None:
    who, engine = customer(), wiring.engine(gate.settings)
    mine, other = order_of(who), order_of(who)
    mine.order_id = (await gate.agent.post("/api/orders", json=request(customer_id=who))).json()["order_id"]
    mine.pictures[0].task_id = ids.task_id(mine.order_id, 1)
    for order in (mine, other):
        for line in order.journal:
            line.event_id, line.task_id = f"{order.order_id}-{line.serial}", None
        await PostgresRecords(engine).save(order)
    await engine.dispose()
    seen = {}
    for name, client in {"agent": gate.agent, "bot": gate.bot}.items():
        page = (await client.get(f"/api/customers/{who}/orders")).json()
        seen[name] = {order["order_id"] for order in page["orders"]}
    assert seen == {"agent": {mine.order_id}, "bot": {mine.order_id, other.order_id}}


async def test_an_agents_words_to_the_customers_order_reach_its_own_alone(
    gate: Gate, temporal_env: TimeSkipper
) -> None:
    who = customer()
    async with FakeShop(temporal_env).open() as shop:
        mine = (await gate.agent.post("/api/orders", json=request(customer_id=who))).json()["order_id"]
        await OrderInHand(shop, mine).until_listed("pending")
        newer = (await gate.bot.post("/api/orders", json=request(customer_id=who))).json()["order_id"]
        await OrderInHand(shop, newer).until_listed("pending")
        wish = {"event_id": "w-1", "requirement": "白底"}
        path = f"/api/customers/{who}/events/requirement_added"
        assert (await gate.agent.post(path, json=wish)).json()["order_id"] == mine


async def test_of_a_customer_that_it_names_an_agent_finds_shared_pictures_alone(
    gate: Gate, temporal_env: TimeSkipper
) -> None:
    async with FakeShop(temporal_env).open() as shop:
        shop.library.hits = [HIT]
        await gate.bot.post("/api/pictures/find", json=asked(customer_id="somebody"))
        await gate.agent.post("/api/pictures/find", json=asked(customer_id="somebody", shared_only=False))
        of_bot, of_agent = (search.asker.customer_id for search in shop.library.searches[-2:])
    assert (of_bot, of_agent) == ("somebody", "")


JUDGED = {"risk": {"level": "none"}, "complexity": "simple"}


@pytest.mark.parametrize(
    "fields",
    [
        {"pictures": [{"image_url": "https://img.example.com/id.jpg", "analysis": JUDGED}]},
        {"owner": "another user"},
        {"event": {"type": "analysis_received", "payload": JUDGED}},
        {"event": {"type": "quote_set", "payload": {"amount": "1"}}},
        {"event": {"type": "payment_received", "payload": {"amount": "18.00"}}},
        {"event": {"type": "request_cancel", "payload": {"requested_by": "staff"}}},
        {"event": {"type": "designer_finished", "payload": {"result_url": "https://img.example.com/a.jpg"}}},
    ],
)
async def test_an_agents_order_brings_along_nothing_that_is_the_shops(gate: Gate, fields: dict[str, Any]) -> None:
    answer = await gate.agent.post("/api/orders", json=request(**fields))
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:darkroom:not-allowed")
    assert (await gate.bot.post("/api/orders", json=request(**fields))).status_code in {201, 503}


@pytest.mark.parametrize("said", ["staff", "员工", " Staff "])
async def test_an_agent_does_not_speak_for_staff(gate: Gate, said: str) -> None:
    order_id = (await gate.agent.post("/api/orders", json=request())).json()["order_id"]
    for where, body in {
        "events/cancel_requested": {"requested_by": said},
        "events/resend_requested": {"requested_by": said},
        "updates/change_operation": {"operation": "edit", "changed_by": said},
        "updates/add_requirement": {"requirement": "白底", "changed_by": said},
    }.items():
        assert (await gate.agent.post(f"/api/orders/{order_id}/{where}", json=body)).status_code == 403


async def test_an_agents_result_is_on_record_as_its_own(gate: Gate, temporal_env: TimeSkipper) -> None:
    async with FakeShop(temporal_env).open() as shop:
        order_id = (await gate.agent.post("/api/orders", json=request())).json()["order_id"]
        order = OrderInHand(shop, order_id)
        await order.until(lambda o: o.quote)
        result = {"result_url": "https://img.example.com/made.jpg", "source": "staff"}
        await gate.agent.post(f"/api/orders/{order_id}/events/result_submitted", json=result)
        heard = await order.until(lambda o: [line for line in o.journal if line.what.startswith("result_")])
    assert [line.by for line in heard.journal if line.what.startswith("result_")] == ["an agent"]
