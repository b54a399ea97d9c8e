"""In the Temporal Web UI an order explains itself."""

import asyncio
import re

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from domain.order.messages import RequestedPicture
from domain.vocabulary.pictures import Analysis, Complexity, TextAmount
from domain.vocabulary.status import Status
from runtime.paths import ROOT
from starter import orders
from tests.shop import TIMEOUT_SECONDS, FakeShop, OrderInHand
from workflows import telling


async def shown(shop: FakeShop, **facts: str) -> OrderInHand:
    order = await shop.order(**facts)
    await order.until(lambda o: o.quote)
    await order.signal("payment_received", amount="18.00")
    await order.reaches(Status.AWAITING_CONFIRM)
    return order


def summaries(history: WorkflowHistory) -> list[str]:
    found: list[Payload] = [event.user_metadata.summary for event in history.events]
    return [summary.data.decode().strip('"') for summary in found if summary.data]


async def test_an_order_is_found_by_what_it_is(shop: FakeShop) -> None:
    shop.vision.scores = [77]
    order = await shown(shop)
    known = (await order.handle.describe()).typed_search_attributes
    assert known[telling.CUSTOMER_ID] == "customer-1"
    assert known[telling.SHOP_ID] == "shop-1"
    assert known[telling.ORDER_STATUS] == "awaiting_confirm"
    assert known[telling.OPERATION] == "enhance"
    assert known[telling.QA_SCORE] == 77
    assert known[telling.HIGH_VALUE] is False


async def test_much_text_is_seen_as_high_value(shop: FakeShop) -> None:
    shop.vision.analysis = Analysis(complexity=Complexity.SIMPLE, text_amount=TextAmount.MUCH)
    order = await shop.order()
    quoted = await order.until(lambda o: o.quote)
    assert quoted.quote.span == "60.00-80.00"
    assert (await order.handle.describe()).typed_search_attributes[telling.HIGH_VALUE] is True


async def test_orders_are_listed_by_their_search_attributes(shop: FakeShop) -> None:
    order = await shown(shop)
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while True:
            found = [line async for line in orders.listing(shop.client, limit=100, OrderStatus="awaiting_confirm")]
            if any(line.order_id == order.order_id for line in found):
                return
            await asyncio.sleep(0.05)


async def test_current_details_tell_what_happened_and_what_is_waited_for(shop: FakeShop) -> None:
    order = await shown(shop)
    metadata = await order.handle.query("__temporal_workflow_metadata")
    details = metadata["currentDetails"] if isinstance(metadata, dict) else metadata.current_details
    assert "待确认" in details
    assert "在等:**客户确认效果并留邮箱**" in details
    assert "· 变清晰 · 待确认 · 尝试1次 · 90分" in details
    assert "付款18.00 CNY" in details


async def test_every_activity_says_in_one_line_what_it_does(shop: FakeShop) -> None:
    order = await shown(shop)
    await order.signal("customer_message", text="可以 wang@example.com")
    await order.reaches(Status.COMPLETED)
    history = await order.handle.fetch_history()
    task = order.order_id.replace("ORDER", "TASK") + "_1"
    assert {
        f"{task}:看图",
        f"{task}:第1次作图并质检,变清晰 fake",
        f"{order.order_id}:第1封邮件",
        "定时(最近一个期限:提醒付款)",
    } <= set(summaries(history))


async def test_search_attributes_known_at_the_start_cost_no_upsert(shop: FakeShop) -> None:
    order = await shop.order(RequestedPicture(image_url="https://shop.example/1.jpg"))
    await order.until(lambda o: o.quote)
    history = await order.handle.fetch_history()
    upserts = [
        event for event in history.events if event.event_type == EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES
    ]
    assert upserts == []


async def test_no_picture_goes_through_history(shop: FakeShop) -> None:
    order = await shown(shop)
    history = await order.handle.fetch_history()
    assert all(event.ByteSize() < 8_000 for event in history.events)
    assert b"finished picture" not in b"".join(event.SerializeToString() for event in history.events)


READY = re.findall(
    r"^\| [^|]+ \| `([^`]+)` \|$",
    (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").partition("## Queries for the Temporal")[2],
    re.MULTILINE,
)


def test_the_page_on_operations_has_queries() -> None:
    assert len(READY) > 10


@pytest.mark.parametrize("query", READY)
async def test_each_query_of_the_page_on_operations_is_understood(shop: FakeShop, query: str) -> None:
    await shop.client.count_workflows(query)
