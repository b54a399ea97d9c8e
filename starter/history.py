"""What Temporal recorded of an order, in lines for people; no worker is needed to read it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.api.common.v1 import Payloads
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError

from domain import ids
from starter.failures import translated


@dataclass(frozen=True)
class Line:
    """One thing that happened."""

    event_id: int
    at: datetime
    what: str
    about: str


async def recorded_of(client: Client, order_id: str) -> WorkflowHistory:
    """Return what Temporal recorded of an order, whole; of a long one, its last run. Raises NoSuchOrder."""
    try:
        return await client.get_workflow_handle(ids.workflow_id(order_id)).fetch_history()
    except RPCError as error:
        raise translated(error, order_id) from error


async def of(client: Client, order_id: str) -> list[Line]:
    """Return what happened to an order, oldest first. Raises NoSuchOrder."""
    recorded = await recorded_of(client, order_id)
    by_id = {event.event_id: event for event in recorded.events}
    told = ((event, _tell(event, by_id)) for event in recorded.events)
    return [Line(event.event_id, event.event_time.ToDatetime(UTC), *words) for event, words in told if words]


def _tell(event: HistoryEvent, by_id: dict[int, HistoryEvent]) -> tuple[str, str] | None:  # noqa: C901, PLR0911 - a table
    match event.WhichOneof("attributes"):
        case "workflow_execution_started_event_attributes":
            return "order started", _text(event.workflow_execution_started_event_attributes.input)
        case "workflow_execution_signaled_event_attributes":
            signal = event.workflow_execution_signaled_event_attributes
            return f"signal {signal.signal_name}", _text(signal.input)
        case "activity_task_started_event_attributes":
            started = event.activity_task_started_event_attributes
            return _activity(by_id[started.scheduled_event_id]), f"try {started.attempt}"
        case "activity_task_completed_event_attributes":
            done = event.activity_task_completed_event_attributes
            took = event.event_time.ToDatetime(UTC) - by_id[done.scheduled_event_id].event_time.ToDatetime(UTC)
            return f"{_activity(by_id[done.scheduled_event_id])} done", f"after {took.total_seconds():.2f} s"
        case "activity_task_failed_event_attributes":
            failed = event.activity_task_failed_event_attributes
            return f"{_activity(by_id[failed.scheduled_event_id])} failed", failed.failure.message
        case "activity_task_timed_out_event_attributes":
            late = event.activity_task_timed_out_event_attributes
            return f"{_activity(by_id[late.scheduled_event_id])} timed out", late.failure.message
        case "timer_started_event_attributes":
            timer = event.timer_started_event_attributes
            return "timer set", str(timer.start_to_fire_timeout.ToTimedelta())
        case "timer_fired_event_attributes":
            return "timer fired", ""
        case "upsert_workflow_search_attributes_event_attributes":
            upsert = event.upsert_workflow_search_attributes_event_attributes
            fields = upsert.search_attributes.indexed_fields
            return "shown as", ", ".join(f"{name} {json.loads(value.data)}" for name, value in fields.items())
        case "workflow_execution_failed_event_attributes":
            return "order failed to run", event.workflow_execution_failed_event_attributes.failure.message
        case "workflow_execution_completed_event_attributes":
            return "order closed", "after-care has ended"
        case _:
            return None


def _activity(scheduled: HistoryEvent) -> str:
    return scheduled.activity_task_scheduled_event_attributes.activity_type.name


def _text(payloads: Payloads) -> str:
    return ", ".join(payload.data.decode(errors="replace") for payload in payloads.payloads)
