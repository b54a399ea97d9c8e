"""Counts what a workflow's history costs: events, workflow tasks, bytes, and what Temporal Cloud bills."""

from collections import Counter
from collections.abc import Sequence

from temporalio.api.history.v1 import HistoryEvent

BILLED = (
    "workflow_execution_started",
    "workflow_execution_signaled",
    "workflow_execution_update_accepted",
    "timer_started",
    "upsert_workflow_search_attributes",
)


def kind(event: HistoryEvent) -> str:
    """Return the kind of an event, such as `timer_started`."""
    return str(event.WhichOneof("attributes")).removesuffix("_event_attributes")


def workflow_tasks(events: Sequence[HistoryEvent]) -> int:
    """Return the number of workflow tasks."""
    return sum(kind(event) == "workflow_task_completed" for event in events)


def size(events: Sequence[HistoryEvent]) -> int:
    """Return the bytes of the events."""
    return sum(event.ByteSize() for event in events)


def actions(events: Sequence[HistoryEvent], heartbeats: int = 0) -> int:
    """Return the actions that Temporal Cloud bills. Heartbeats leave no event, so they are counted elsewhere.

    Search attributes that are set at the start are free.
    """
    kinds = Counter(map(kind, events))
    attempts = sum(
        event.activity_task_started_event_attributes.attempt
        for event in events
        if kind(event) == "activity_task_started"
    )
    return attempts + heartbeats + sum(kinds[name] for name in BILLED)
