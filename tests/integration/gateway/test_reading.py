"""Looking at orders over HTTP, and following them as they happen."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters.db.records import PostgresRecords
from domain.order.order import Order
from domain.vocabulary import ids
from domain.vocabulary.status import Status
from gateway.app import create_app
from runtime import wiring
from starter import orders
from tests.conftest import Servers
from tests.integration.adapters.db.orders import NOW, finished_order, stored
from tests.integration.gateway.conftest import Gate
from tests.integration.gateway.serving import served
from tests.integration.gateway.test_orders import customer, started


@pytest.fixture
async def records(gate: Gate) -> AsyncIterator[PostgresRecords]:
    engine = wiring.engine(gate.settings)
    yield PostgresRecords(engine)
    await engine.dispose()


def order_of(customer_id: str, minutes: int = 0) -> Order:
    """A finished order, as a workflow would have told of it."""
    order = finished_order()
    order.order_id, order.customer_id = orders.new_order_id("Asia/Shanghai"), customer_id
    order.created_at = NOW + timedelta(minutes=minutes)
    order.pictures[0].task_id = ids.task_id(order.order_id, 1)
    folder = ids.folder(customer_id, order.pictures[0].task_id)
    order.pictures[0].original = stored(f"{folder}/original.jpg")
    assert order.pictures[0].result is not None
    order.pictures[0].result.file = stored(f"{folder}/attempt-3-generated.png")
    for line in order.journal:
        line.event_id = f"{order.order_id}-{line.serial}"
        line.task_id = line.task_id and order.pictures[0].task_id
    return order


async def test_an_order_shows_money_pictures_and_what_the_bot_is_to_say(gate: Gate, records: PostgresRecords) -> None:
    order = order_of(customer())
    await records.save(order)
    seen = (await gate.bot.get(f"/api/orders/{order.order_id}")).json()
    assert (seen["status"], seen["label"], seen["amount_paid"]) == ("completed", "已完成", "15.50")
    assert seen["waits_for"] == "没有了,售后期内随时可以找店里"
    assert (seen["quote"]["minimum"], seen["quote"]["lines"][0]["maximum"]) == ("15.00", "20.50")
    assert seen["quote"]["hint"].startswith("【报价】共1张图,合计15.00-20.50元")
    assert seen["quote"]["fallback_text"].startswith("这边看了下,合计15.00-20.50元")
    picture = seen["pictures"][0]
    assert (picture["number"], picture["score"], picture["revisions"]) == (1, 92, 1)
    for name, end in {"original_url": "original.jpg", "preview_url": "attempt-3-preview.jpg"}.items():
        assert picture[name].endswith(f"/{end}")
    assert picture["result_url"].endswith(f"/{order.order_id}_1.png")


async def test_a_finished_file_is_not_shown_before_it_is_delivered(gate: Gate, records: PostgresRecords) -> None:
    order = order_of(customer())
    order.pictures[0].status = Status.AWAITING_CONFIRM
    await records.save(order)
    picture = (await gate.bot.get(f"/api/orders/{order.order_id}")).json()["pictures"][0]
    assert picture["preview_url"]
    assert picture["result_url"] is None


async def test_money_that_is_to_go_back_is_shown(gate: Gate, records: PostgresRecords) -> None:
    order = order_of(customer())
    order.pictures[0].status = order.ended = Status.CANCELLED
    await records.save(order)
    assert (await gate.bot.get(f"/api/orders/{order.order_id}")).json()["label"] == "待退款"


async def test_an_order_that_no_worker_has_taken_up_is_there_all_the_same(gate: Gate) -> None:
    order_id = await started(gate)
    seen = await gate.bot.get(f"/api/orders/{order_id}")
    assert (seen.status_code, seen.json()["status"], seen.json()["pictures"]) == (200, "pending", [])


async def test_an_order_that_was_started_over_temporal_alone_is_there_before_a_worker_is(gate: Gate) -> None:
    order_id = orders.new_order_id("Asia/Shanghai")
    request = {"customer_id": "wang"}
    await gate.temporal.start_workflow("OrderWorkflow", request, id=ids.workflow_id(order_id), task_queue="orders")
    seen = await gate.bot.get(f"/api/orders/{order_id}")
    assert (seen.status_code, seen.json()["status"]) == (200, "pending")


@pytest.mark.parametrize("rest", ["", "/changes", "/events"])
async def test_an_order_that_nobody_knows_is_not_found(gate: Gate, rest: str) -> None:
    answer = await gate.bot.get(f"/api/orders/ORDER_20200101_222222{rest}")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:darkroom:no-such-order")


async def test_changes_are_listed_newest_first(gate: Gate, records: PostgresRecords) -> None:
    order = order_of(customer())
    for minute, wish in enumerate(("白底", "2K")):
        at = NOW + timedelta(minutes=minute)
        order.change(order.pictures[0].task_id, "add_requirement", "无", wish, at, by="customer")
    await records.save(order)
    changes = (await gate.bot.get(f"/api/orders/{order.order_id}/changes")).json()["changes"]
    assert [change["new_value"] for change in changes] == ["2K", "白底"]


async def test_changes_of_one_instant_are_listed_in_their_order(gate: Gate, records: PostgresRecords) -> None:
    order = order_of(customer())
    wishes = [f"wish {number}" for number in range(12)]
    for wish in wishes:
        order.change(order.pictures[0].task_id, "add_requirement", "无", wish, NOW, by="customer")
    await records.save(order)
    changes = (await gate.bot.get(f"/api/orders/{order.order_id}/changes")).json()["changes"]
    assert [change["new_value"] for change in changes] == wishes[::-1]


async def test_pages_of_a_customers_orders_stay_stable_while_new_ones_come(
    gate: Gate, records: PostgresRecords
) -> None:
    who = customer()
    made = [order_of(who, minutes=number // 2) for number in range(7)]  # two share each instant
    for order in made:
        await records.save(order)
    found, cursor = [], ""
    while True:
        page = (
            await gate.bot.get(f"/api/customers/{who}/orders?limit=3" + (f"&cursor={cursor}" * bool(cursor)))
        ).json()
        found += [order["order_id"] for order in page["orders"]]
        if not (cursor := page["next"]):
            break
        await records.save(order_of(who, minutes=100))
    newest_first = sorted(made, key=lambda order: (order.created_at, order.order_id), reverse=True)
    assert found == [order.order_id for order in newest_first]
    wrong = await gate.bot.get(f"/api/customers/{who}/orders?cursor=nonsense")
    assert wrong.json()["errors"][0]["field"] == "query.cursor"


# ---- the stream ------------------------------------------------------------------------------------------------------


@dataclass
class Told:
    """One event of a stream."""

    name: str
    data: Any
    serial: int | None


@asynccontextmanager
async def stream(
    client: httpx.AsyncClient, order_id: str, last: int | str | None = None
) -> AsyncIterator[AsyncIterator[Told]]:
    headers = {} if last is None else {b"Last-Event-ID": str(last).encode()}
    async with client.stream("GET", f"/api/orders/{order_id}/events", headers=headers) as answer:
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _events(answer)


async def _events(answer: httpx.Response) -> AsyncIterator[Told]:
    fields: dict[str, str] = {}
    async for text in answer.aiter_lines():
        name, _, value = text.partition(": ")
        if text and name:
            fields[name] = value
        elif not text and "event" in fields:
            yield Told(fields["event"], json.loads(fields["data"]), int(fields["id"]) if "id" in fields else None)
            fields = {}


async def until(events: AsyncIterator[Told], name: str) -> list[Told]:
    told = []
    async with asyncio.timeout(60):
        async for event in events:
            told.append(event)
            if event.name == name:
                return told
    raise AssertionError(f"the stream ended before {name}")


async def test_two_gateways_tell_a_change_at_once_and_nothing_twice(gate: Gate, records: PostgresRecords) -> None:
    order = order_of(customer())
    await records.save(order)
    with served(create_app(gate.settings)) as other_url:
        async with (
            httpx.AsyncClient(base_url=other_url, headers=gate.bot.headers, timeout=30) as other,
            stream(gate.bot, order.order_id) as here,
            stream(other, order.order_id) as there,
        ):
            for events in (here, there):
                first = await until(events, "order")
                assert [told.serial for told in first[:-1]] == [line.serial for line in order.journal]
                assert first[-1].data["order_id"] == order.order_id
            order.note("customer_said", NOW, by="customer", text="谢谢")
            order.email_status, order.version = "refused", order.version + 1
            order.journal[-1].event_id = f"{order.order_id}-{order.serial}"
            began = asyncio.get_running_loop().time()
            await records.save(order)
            for events in (here, there):
                told = await until(events, "order")
                assert [event.data["words"] for event in told[:-1]] == ["客户说:谢谢"]
                assert told[-1].data["email_status"] == "refused"
            assert asyncio.get_running_loop().time() - began < 10, "it was not told, but found by looking"


async def test_a_stream_goes_on_behind_the_last_line_that_was_heard_and_ends_with_the_order(
    gate: Gate, records: PostgresRecords
) -> None:
    order = order_of(customer())
    order.note("closed", NOW)
    order.journal[-1].event_id = f"{order.order_id}-closed"
    await records.save(order)
    last = order.serial
    async with stream(gate.bot, order.order_id, last - 2) as events:
        assert [told.serial for told in await until(events, "end")] == [last - 1, last, None, None]
    answer = await gate.bot.get(f"/api/orders/{order.order_id}/events", headers={"Last-Event-ID": str(last)})
    assert answer.status_code == 204


@pytest.mark.parametrize("named", ["x", "-1", "0", "1.5", "٣", "", "9" * 30, "999999999", "9999999999", "\xff", "1, 2"])
async def test_a_last_event_that_is_none_of_the_order_is_as_if_none_had_been_heard(
    gate: Gate, records: PostgresRecords, named: str
) -> None:
    order = order_of(customer())
    order.note("closed", NOW)
    order.journal[-1].event_id = f"{order.order_id}-closed"
    await records.save(order)
    async with stream(gate.bot, order.order_id, named) as events:
        told = await until(events, "end")
    assert [event.serial for event in told if event.serial] == [line.serial for line in order.journal]


async def test_streams_that_were_left_leave_nobody_waiting(gate: Gate, records: PostgresRecords) -> None:
    order = order_of(customer())
    await records.save(order)
    app = create_app(gate.settings)
    with served(app) as url:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=url, headers=gate.bot.headers, timeout=30, limits=limits) as client:

            async def look() -> None:
                async with stream(client, order.order_id) as events:
                    await until(events, "order")

            for _ in range(20):  # more at once may wait too long for a connection to Postgres
                await asyncio.gather(*(look() for _ in range(5)))
        async with asyncio.timeout(60):
            while app.state.feed.watched:  # noqa: ASYNC110 - another thread's server notices that they left
                await asyncio.sleep(0.05)


async def test_a_stream_outlives_postgres(gate: Gate, records: PostgresRecords, servers: Servers) -> None:
    order = order_of(customer())
    await records.save(order)
    async with stream(gate.bot, order.order_id) as events:
        await until(events, "order")
        await asyncio.to_thread(servers.kill, "postgres")
        await asyncio.sleep(1)
        await asyncio.to_thread(servers.restart, "postgres")
        order.email_status, order.version = "refused", order.version + 1
        await records.save(order)
        async with asyncio.timeout(60):
            told = await until(events, "order")
        assert told[-1].data["email_status"] == "refused"


async def test_a_server_that_stops_ends_its_streams_by_itself(gate: Gate, records: PostgresRecords) -> None:
    order = order_of(customer())
    await records.save(order)
    app = create_app(gate.settings)
    with served(app) as url:
        async with (
            httpx.AsyncClient(base_url=url, headers=gate.bot.headers, timeout=30) as client,
            stream(client, order.order_id) as events,
        ):
            await until(events, "order")
            app.state.feed.stop()
            async with asyncio.timeout(60):
                assert [event async for event in events] == []
