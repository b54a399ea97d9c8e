"""What each scope of keys may do: every route, by every kind of caller, with what is its own and what is not."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters.db.keys import new_key
from domain.vocabulary import ids
from gateway import finding
from starter import orders, querying
from tests.integration.gateway.conftest import Gate
from tests.integration.gateway.serving import NOWHERE, app_with
from tests.integration.gateway.test_finding import asked
from tests.integration.gateway.test_orders import customer, request
from tests.integration.gateway.test_payments import PATH as WEBHOOK

SOON = timedelta(seconds=0.3)
DOCUMENT = app_with(**NOWHERE).openapi()
OF_USERS = "/api/task-history/"  # they take tokens of end users, no keys
BY_LINK = OF_USERS + "images/{token}"
ALL_ROUTES = sorted(
    (method.upper(), path)
    for path, methods in DOCUMENT["paths"].items()
    for method in methods
    if path.startswith("/api/") and path != WEBHOOK
)
ROUTES = [(method, path) for method, path in ALL_ROUTES if not path.startswith(OF_USERS)]
USERS_ROUTES = [(method, path) for method, path in ALL_ROUTES if path.startswith(OF_USERS) and path != BY_LINK]
BEGINNINGS = {"POST /api/uploads", "POST /api/orders", "POST /api/dispatches", "POST /api/pictures/find"}
READINGS = {
    "GET /api/orders/{order_id}", "GET /api/orders/{order_id}/changes", "GET /api/orders/{order_id}/events",
    "GET /api/orders/{order_id}/progress", "GET /api/dispatches/{dispatch}", "GET /api/pictures/find/{find_id}",
}  # fmt: skip
SAYINGS = {
    "events/image_received", "events/requirement_added", "events/operation_changed", "events/customer_message",
    "events/revision_requested", "events/email_provided", "events/transfer_requested", "events/result_submitted",
    "events/resend_requested", "events/cancel_requested", "updates/add_requirement", "updates/change_operation",
    "updates/send_message", "updates/request_cancel",
}  # fmt: skip
OF_ITS_ORDERS = READINGS | {f"POST /api/orders/{{order_id}}/{saying}" for saying in SAYINGS}
OF_ITS_DISPATCHES = {
    "POST /api/dispatches/{dispatch}/events/designer_finished",
    "POST /api/dispatches/{dispatch}/events/cancel_requested",
}
OF_CUSTOMERS = {"GET /api/customers/{customer_id}/orders"} | {
    f"POST /api/customers/{{customer_id}}/{saying}"
    for saying in SAYINGS
    if saying.rpartition("/")[2] not in {
        "transfer_requested", "result_submitted", "resend_requested", "cancel_requested", "request_cancel",
    }
}  # fmt: skip
AGENTS_MAY = BEGINNINGS | OF_ITS_ORDERS | OF_ITS_DISPATCHES | OF_CUSTOMERS


@pytest.fixture(autouse=True)
def answers_that_do_not_keep_us_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no worker runs."""
    for where, name in (
        (orders, "ANSWER_TIMEOUT"),
        (querying, "ANSWER_TIMEOUT"),
        (finding, "TIMEOUT"),
        (finding, "READ_TIMEOUT"),
    ):
        monkeypatch.setattr(where, name, SOON)


@dataclass(frozen=True)
class Begun:
    """An order, a question and a search of one caller."""

    order_id: str
    dispatch: str
    find_id: str
    customer_id: str


async def begun_by(client: httpx.AsyncClient) -> Begun:
    who = customer()
    order = await client.post("/api/orders", json=request(customer_id=who))
    question = await client.post("/api/dispatches", json={"customer_id": who, "reason": "这个能做吗"})
    search = await client.post("/api/pictures/find", json=asked(customer_id=who, transfer_if_none=False))
    return Begun(order.json()["order_id"], question.json()["transfer_id"], search.json()["find_id"], who)


@pytest.fixture(scope="module")
async def of_agent(gate: Gate) -> Begun:
    return await begun_by(gate.agent)


@pytest.fixture(scope="module")
async def of_bot(gate: Gate) -> Begun:
    return await begun_by(gate.bot)


async def call(client: httpx.AsyncClient, method: str, path: str, whose: Begun) -> int:
    """What a usual request is answered."""
    operation: dict[str, Any] = DOCUMENT["paths"][path][method.lower()]
    content = operation.get("requestBody", {}).get("content", {})
    body = content.get("application/json", {}).get("examples", {}).get("usual", {}).get("value", {})
    if method == "GET":
        method = "HEAD" if path.endswith("/events") else "GET"  # a stream does not end
    plain = {name: value for name, value in body.items() if not name.startswith(("image_", "task", "analysis", "pict"))}
    harmless = plain | {name: "customer" for name in ("changed_by", "requested_by") if name in plain}
    return (await client.request(method, path.format(**vars(whose)), json=harmless)).status_code


def test_every_route_that_agents_may_call_is_there() -> None:
    assert {f"{method} {path}" for method, path in ROUTES} >= AGENTS_MAY


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_no_route_is_opened_by_nothing_or_by_a_key_of_no_scope(
    gate: Gate, of_bot: Begun, method: str, path: str
) -> None:
    assert await call(gate.nobody, method, path, of_bot) == 401
    key = new_key()
    await gate.keys.add(key, uuid.uuid4().hex, ["something"])
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=gate.url, headers=headers, timeout=30) as stranger:
        assert await call(stranger, method, path, of_bot) == 403


@pytest.mark.parametrize(("method", "path"), USERS_ROUTES)
async def test_no_key_opens_the_task_history_of_users(gate: Gate, method: str, path: str) -> None:
    there = path.format(task_id=uuid.uuid4())
    for client in (gate.nobody, gate.agent, gate.bot):
        assert (await client.request(method, there, json={})).status_code == 401


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_a_bot_may_call_every_route_with_everybodys(
    gate: Gate, of_bot: Begun, of_agent: Begun, method: str, path: str
) -> None:
    for whose in (of_bot, of_agent):
        assert await call(gate.bot, method, path, whose) not in {401, 403, 405, 500}


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_an_agent_may_call_what_is_listed_with_its_own(
    gate: Gate, of_agent: Begun, method: str, path: str
) -> None:
    status = await call(gate.agent, method, path, of_agent)
    assert (status != 403) == (f"{method} {path}" in AGENTS_MAY), status
    assert status not in {401, 405, 500}


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_an_agent_reaches_nothing_that_others_began(gate: Gate, of_bot: Begun, method: str, path: str) -> None:
    of_nobody = Begun("ORDER_20200101_222222", "TRANSFER_20200101_222222", "FIND_20200101_222222", customer())
    statuses = [await call(gate.agent, method, path, whose) for whose in (of_bot, of_nobody)]
    assert statuses[0] == statuses[1], "whether it is there is no agent's business"
    route = f"{method} {path}"
    if route == "GET /api/customers/{customer_id}/orders":
        assert statuses[0] == 200
    elif route in OF_CUSTOMERS:
        assert statuses[0] in {404, 422}, "there is no order of the customer for it"
    elif route not in BEGINNINGS:
        assert statuses[0] == 403


async def test_an_agent_reads_the_dispatches_of_its_orders_and_searches_alone(
    gate: Gate, of_agent: Begun, of_bot: Begun
) -> None:
    for whose, is_own in ((of_agent, True), (of_bot, False)):
        for name in (ids.task_id(whose.order_id, 1), ids.transfer_of_find(whose.find_id), f"{whose.dispatch}-2"):
            answer = await gate.agent.get(f"/api/dispatches/{name}")
            assert (answer.status_code != 403) == is_own, f"{name}: {answer.text}"
