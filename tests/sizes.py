"""How large what an order hands on is, read from its history."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from temporalio.api.common.v1 import Payloads
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client


async def histories(client: Client, workflow_id: str) -> list[list[HistoryEvent]]:
    """The events of an order, run by run."""
    found = [run async for run in client.list_workflows(f"WorkflowId = '{workflow_id}'")]
    handles = [client.get_workflow_handle(workflow_id, run_id=run.run_id) for run in found]
    return [[event async for event in handle.fetch_history_events()] for handle in handles]


NEW_RUN = "workflow_execution_continued_as_new"


def begun(events: Iterable[HistoryEvent]) -> Iterator[tuple[int, str, int]]:
    """What an order began: in which of its tasks, what it is, and how many bytes it was given."""
    for event in events:
        kind = event.WhichOneof("attributes") or ""
        facts = getattr(event, kind)
        given: Payloads | None = getattr(facts, "input", None)
        task = getattr(facts, "workflow_task_completed_event_id", 0)
        if task and given is not None:
            yield task, kind.removesuffix("_event_attributes"), given.ByteSize()


class Largest(NamedTuple):
    """The most that an order handed on at once."""

    payload: int  # to an activity, a child, another workflow
    state: int  # to its next run
    task: int  # of one of its tasks, together


def largest(events: Iterable[HistoryEvent]) -> Largest:
    """Return the most that an order handed on at once."""
    tasks: Counter[int] = Counter()
    payload, state = 0, 0
    for task, kind, size in begun(events):
        tasks[task] += size
        payload, state = (payload, max(state, size)) if kind == NEW_RUN else (max(payload, size), state)
    return Largest(payload, state, max(tasks.values(), default=0))
