"""Reads an order's event history in Temporal, over all its runs, as readable lines; needs no worker."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio.api.common.v1 import Payloads
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError

from domain.vocabulary import ids
from starter.codec import decode_all
from starter.failures import translated

MOST_RUNS = 100  # of one order; of an order that continued as new more often, the newest


@dataclass(frozen=True)
class Line:
    """One event, with the number of its run."""

    run: int
    event_id: int
    at: datetime
    what: str
    about: str


async def recorded_of(client: Client, order_id: str, run_id: str | None = None) -> WorkflowHistory:
    """Return the history of one run of an order, decrypted, by default the latest. Raises NoSuchOrder, KeyMissing."""
    try:
        recorded = await client.get_workflow_handle(ids.workflow_id(order_id), run_id=run_id).fetch_history()
    except RPCError as error:
        raise translated(error, order_id) from error
    for event in recorded.events:
        await decode_all(event, client.data_converter)
    return recorded


async def of(client: Client, order_id: str) -> list[Line]:
    """Return the events of all runs of an order, oldest first. Raises NoSuchOrder."""
    runs = [await recorded_of(client, order_id)]
    while (before := _run_before(runs[-1])) and len(runs) < MOST_RUNS:
        runs.append(await recorded_of(client, order_id, before))
    return [line for number, run in enumerate(reversed(runs), 1) for line in lines_of(run.events, number)]


def _run_before(recorded: WorkflowHistory) -> str:
    return recorded.events[0].workflow_execution_started_event_attributes.continued_execution_run_id


def lines_of(events: Sequence[HistoryEvent], run: int = 1) -> list[Line]:
    """Return the events of one run as lines, without the workflow tasks that succeeded."""
    by_id = {event.event_id: event for event in events}
    return [
        Line(run, event.event_id, event.event_time.ToDatetime(UTC), *_describe(event, by_id))
        for event in events
        if _kind(event) not in SKIPPED
    ]


Events = dict[int, HistoryEvent]
Description = tuple[str, str]
SKIPPED = {"workflow_task_scheduled", "workflow_task_started", "workflow_task_completed", "activity_task_scheduled"}


def _kind(event: HistoryEvent) -> str:
    return (event.WhichOneof("attributes") or "").removesuffix("_event_attributes")


def _describe(event: HistoryEvent, by_id: Events) -> Description:
    attributes = getattr(event, event.WhichOneof("attributes") or "")
    if describer := DESCRIBERS.get(_kind(event)):
        return describer(attributes, event, by_id)
    reasons = (getattr(attributes, name, "") for name in ("reason", "cause", "identity"))
    failure = attributes.failure.message if hasattr(attributes, "failure") else ""
    return _kind(event).replace("_", " "), failure or next((str(reason) for reason in reasons if reason), "")


def _started(started: Any, _: HistoryEvent, __: Events) -> Description:
    if started.continued_execution_run_id:
        return "order continues in this run", ""  # its input is the whole state of the order
    return "order started", _text(started.input)


def _signaled(signal: Any, _: HistoryEvent, __: Events) -> Description:
    return f"signal {signal.signal_name}", _text(signal.input)


def _update_accepted(accepted: Any, _: HistoryEvent, __: Events) -> Description:
    return f"update {accepted.accepted_request.input.name}", _text(accepted.accepted_request.input.args)


def _update_completed(completed: Any, _: HistoryEvent, by_id: Events) -> Description:
    accepted = by_id[completed.accepted_event_id].workflow_execution_update_accepted_event_attributes
    outcome = completed.outcome
    answer = _text(outcome.success) if outcome.HasField("success") else outcome.failure.message
    return f"update {accepted.accepted_request.input.name} answered", answer


def _activity_started(started: Any, _: HistoryEvent, by_id: Events) -> Description:
    failure = started.last_failure.message
    return _activity(started, by_id), f"attempt {started.attempt}" + (f", after: {failure}" if failure else "")


def _activity_done(done: Any, event: HistoryEvent, by_id: Events) -> Description:
    took = event.event_time.ToDatetime(UTC) - by_id[done.scheduled_event_id].event_time.ToDatetime(UTC)
    return f"{_activity(done, by_id)} done", f"after {took.total_seconds():.2f} s"


def _activity_ended(how: str) -> Callable[[Any, HistoryEvent, Events], Description]:
    def describe(ended: Any, _: HistoryEvent, by_id: Events) -> Description:
        return f"{_activity(ended, by_id)} {how}", ended.failure.message if hasattr(ended, "failure") else ""

    return describe


def _activity(attributes: Any, by_id: Events) -> str:
    scheduled = by_id[attributes.scheduled_event_id].activity_task_scheduled_event_attributes
    return str(scheduled.activity_type.name)


def _timer_started(timer: Any, _: HistoryEvent, __: Events) -> Description:
    return "timer set", str(timer.start_to_fire_timeout.ToTimedelta())


def _shown(upsert: Any, _: HistoryEvent, __: Events) -> Description:
    fields = upsert.search_attributes.indexed_fields
    return "search attributes", ", ".join(f"{name} {json.loads(value.data)}" for name, value in fields.items())


def _child(how: str) -> Callable[[Any, HistoryEvent, Events], Description]:
    def describe(child: Any, _: HistoryEvent, __: Events) -> Description:
        name = child.workflow_id if hasattr(child, "workflow_id") else child.workflow_execution.workflow_id
        failure = child.failure.message if hasattr(child, "failure") else ""
        return f"{child.workflow_type.name} {how}", f"{name}: {failure}" if failure else name

    return describe


def _signal_out(signal: Any, _: HistoryEvent, __: Events) -> Description:
    return f"signal {signal.signal_name} sent", f"to {signal.workflow_execution.workflow_id}: {_text(signal.input)}"


def _to_another(how: str) -> Callable[[Any, HistoryEvent, Events], Description]:
    def describe(ended: Any, _: HistoryEvent, by_id: Events) -> Description:
        sent = by_id[ended.initiated_event_id].signal_external_workflow_execution_initiated_event_attributes
        return f"signal {sent.signal_name} {how}", f"to {ended.workflow_execution.workflow_id}"

    return describe


def _without_details(what: str) -> Callable[[Any, HistoryEvent, Events], Description]:
    return lambda _, __, ___: (what, "")


def _failed(failed: Any, _: HistoryEvent, __: Events) -> Description:
    return "order failed to run", failed.failure.message


# An event that is not in here is shown under Temporal's own name for it.
DESCRIBERS: dict[str, Callable[[Any, HistoryEvent, Events], Description]] = {
    "workflow_execution_started": _started,
    "workflow_execution_signaled": _signaled,
    "workflow_execution_update_accepted": _update_accepted,
    "workflow_execution_update_completed": _update_completed,
    "workflow_execution_completed": lambda *_: ("order closed", "after-care has ended"),
    "workflow_execution_failed": _failed,
    "workflow_execution_continued_as_new": _without_details("order continues in a new run"),
    "activity_task_started": _activity_started,
    "activity_task_completed": _activity_done,
    "activity_task_failed": _activity_ended("failed"),
    "activity_task_timed_out": _activity_ended("timed out"),
    "activity_task_cancel_requested": _activity_ended("cancel requested"),
    "activity_task_canceled": _activity_ended("cancelled"),
    "timer_started": _timer_started,
    "timer_fired": _without_details("timer fired"),
    "timer_canceled": _without_details("timer cancelled"),
    "upsert_workflow_search_attributes": _shown,
    "start_child_workflow_execution_initiated": _child("start requested"),
    "start_child_workflow_execution_failed": _child("failed to start"),
    "child_workflow_execution_started": _child("started"),
    "child_workflow_execution_completed": _child("completed"),
    "child_workflow_execution_failed": _child("failed"),
    "child_workflow_execution_canceled": _child("cancelled"),
    "child_workflow_execution_timed_out": _child("timed out"),
    "child_workflow_execution_terminated": _child("terminated"),
    "signal_external_workflow_execution_initiated": _signal_out,
    "external_workflow_execution_signaled": _to_another("delivered"),
    "signal_external_workflow_execution_failed": _to_another("not delivered"),
}


def _text(payloads: Payloads) -> str:
    return ", ".join(payload.data.decode(errors="replace") for payload in payloads.payloads)
