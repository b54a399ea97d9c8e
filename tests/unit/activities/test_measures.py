"""What a worker measures: outcomes of calls, and the time from a payment to its first preview."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.measures import Measures
from activities.outages import Outages, monitored
from domain.order.order import Order
from domain.order.picture import Picture
from domain.vocabulary.errors import MessageRefused, OutsideRefused, OutsideUnavailable
from domain.vocabulary.status import Status
from domain.vocabulary.trail import JournalEntry

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Recorded = list[tuple[str, float, Mapping[str, Any]]]


class Instrument:
    def __init__(self, name: str, recorded: Recorded) -> None:
        self._name, self._recorded = name, recorded

    def record(self, value: float, labels: Mapping[str, Any] | None = None) -> None:
        self._recorded.append((self._name, value, labels or {}))

    add = record


class Meter:
    """A meter that keeps what it is told."""

    def __init__(self) -> None:
        self.recorded: Recorded = []

    def create_histogram_float(self, name: str, *_: str) -> Instrument:
        return Instrument(name, self.recorded)

    create_counter = create_histogram_float


@pytest.fixture
def meter() -> Any:
    return Meter()


class Mail:
    def __init__(self, ends: Exception | None) -> None:
        self._ends = ends

    async def send(self) -> None:
        if self._ends:
            raise self._ends


@pytest.mark.parametrize(
    ("ends", "outcome"),
    [
        (None, "ok"),
        (MessageRefused("no"), "ok"),
        (KeyError("none"), "ok"),
        (OutsideUnavailable("away"), "unavailable"),
        (OutsideRefused("key"), "refused"),
        (ZeroDivisionError(), "error"),
    ],
)
async def test_each_call_to_an_outside_system_has_its_outcome(meter: Any, ends: Exception | None, outcome: str) -> None:
    mail = monitored(Mail(ends), "mail", Outages(), Measures(meter))
    with suppress(Exception):
        await mail.send()
    ((name, seconds, labels),) = meter.recorded
    assert (name, labels) == (
        "darkroom_outside_call",
        {"service": "mail", "operation": "send", "outcome": outcome},
    )
    assert seconds >= 0


def shown(at: datetime, task_id: str, status: Status = Status.AWAITING_CONFIRM) -> JournalEntry:
    facts = {"from": "processing", "to": status}
    return JournalEntry(event_id=f"{task_id}{at}", serial=1, at=at, what="status_changed", task_id=task_id, facts=facts)


def test_the_first_preview_of_each_picture_is_measured_from_the_payment(meter: Any) -> None:
    order = Order(order_id="ORDER_20261122_7K3F9Q", customer_id="wang", acc_id="shop", created_at=NOW, paid_at=NOW)
    first, again, human = (Picture(task_id=name) for name in ("first", "again", "human"))
    again.past = again.past.model_copy(update={"revisions": 1})
    order.pictures = [first, again, human]
    order.journal = [
        shown(NOW + timedelta(seconds=90), "first"),
        shown(NOW + timedelta(seconds=100), "again"),
        shown(NOW + timedelta(seconds=100), "human", Status.WITH_DESIGNER),
    ]
    Measures(meter).previews(order)
    assert meter.recorded == [("darkroom_payment_to_preview", 90.0, {})]


def test_nothing_is_measured_of_an_order_without_payment(meter: Any) -> None:
    order = Order(order_id="ORDER_20261122_7K3F9Q", customer_id="wang", acc_id="shop", created_at=NOW)
    order.pictures, order.journal = [Picture(task_id="first")], [shown(NOW, "first")]
    Measures(meter).previews(order)
    assert not meter.recorded
