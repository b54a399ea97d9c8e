"""What the happy path of an order with one picture costs on Temporal, counted on its recorded history."""

from collections import Counter
from collections.abc import Iterable

import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from domain.vocabulary.status import Status
from starter.client import TemporalConnection
from starter.codec import keys_from
from tests.shop import FakeShop, OrderInHand

EVENTS, WORKFLOW_TASKS, UPSERTS, BYTES, ACTIONS = 48, 8, 2, 12 * 1024, 12


@pytest.fixture
async def encrypting(temporal_address: str, namespace: str) -> FakeShop:
    """A shop whose payloads are encrypted."""
    keys = keys_from("2026-12:" + "5a" * 32)
    client = await TemporalConnection(temporal_address, namespace, payload_keys=keys).connect()
    return FakeShop(TimeSkipper(client, config=TimeSkippingConfig(enabled=False)))


async def happy_path(shop: FakeShop) -> OrderInHand:
    """Create, analyse, quote, pay, produce, check, preview, e-mail, done; everybody is told, as is usual."""
    shop.settings.current.is_start_told, shop.settings.current.preview_order_seconds = True, 20
    order = await shop.order()
    await order.until(lambda o: o.quote)
    await order.signal("payment_received", event_id="e1", payment_id="pay-1", amount="18.00")
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", event_id="e2", text="可以,发我邮箱 wang@example.com")
    await order.until(lambda o: o.status is Status.COMPLETED and not o.notices)
    assert any("【客户已付款" in words for words in shop.chat.said)
    return order


def kind(event: HistoryEvent) -> str:
    return str(event.WhichOneof("attributes")).removesuffix("_event_attributes")


def until_told(events: Iterable[HistoryEvent]) -> list[HistoryEvent]:
    """The history until the customer has heard that it is done; one workflow task follows, which does nothing."""
    known = list(events)
    told = max(event.event_id for event in known if kind(event) == "activity_task_completed")
    return [event for event in known if event.event_id <= told]


def activities(events: list[HistoryEvent]) -> list[str]:
    begun = [event for event in events if kind(event) == "activity_task_scheduled"]
    return [event.activity_task_scheduled_event_attributes.activity_type.name for event in begun]


def actions(events: list[HistoryEvent]) -> int:
    """What Temporal Cloud bills: start, signals, timers, upserts, and each try of an activity."""
    kinds = Counter(map(kind, events))
    tries = sum(
        event.activity_task_started_event_attributes.attempt
        for event in events
        if kind(event) == "activity_task_started"
    )
    counted = ("workflow_execution_started", "workflow_execution_signaled", "timer_started")
    return tries + sum(kinds[name] for name in counted) + kinds["upsert_workflow_search_attributes"]


async def test_the_happy_path_keeps_to_its_budget_of_events_and_actions(shop: FakeShop) -> None:
    events = until_told((await (await happy_path(shop)).handle.fetch_history()).events)
    kinds = Counter(map(kind, events))
    print(f"{len(events)} events, {actions(events)} actions: {dict(kinds)}")
    assert len(events) <= EVENTS
    assert actions(events) <= ACTIONS
    assert kinds["workflow_task_completed"] <= WORKFLOW_TASKS
    assert kinds["upsert_workflow_search_attributes"] <= UPSERTS
    assert activities(events) == ["examine", "report", "produce", "report", "mail", "report"]


async def test_the_happy_path_keeps_to_its_budget_of_bytes(encrypting: FakeShop) -> None:
    async with encrypting.open() as shop:
        events = until_told((await (await happy_path(shop)).handle.fetch_history()).events)
    size = sum(event.ByteSize() for event in events)
    print(f"{size} bytes")
    assert size <= BYTES


async def test_a_short_order_sets_one_timer(shop: FakeShop) -> None:
    events = (await (await happy_path(shop)).handle.fetch_history()).events
    assert Counter(map(kind, events))["timer_started"] == 1
