"""What `darkroom order history` tells: all that happened, but for workflow tasks that went well."""

import json

import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from starter import history
from tests.record_histories import HISTORIES


def told(name: str) -> list[history.Line]:
    content = json.loads((HISTORIES / f"{name}.json").read_text())
    return history.lines_of(WorkflowHistory.from_json(content["workflow_id"], content["history"]).events)


def test_an_update_is_told_with_its_words_and_its_answer() -> None:
    whats = {line.what: line.about for line in told("cancelled")}
    assert "白底" in whats["update add_requirement"]
    assert json.loads(whats["update add_requirement answered"])["accepted"] is True


def test_a_child_is_told_from_its_start() -> None:
    lines = [(line.what, line.about) for line in told("with_designer")]
    started = [about for what, about in lines if what == "DispatchWorkflow started"]
    assert started
    assert started[0].startswith("dispatch-TASK_")


def test_a_later_run_begins_with_saying_so_and_not_with_the_whole_order() -> None:
    first = told("continued")[0]
    assert (first.what, first.about) == ("order continues in this run", "")


def test_a_cancellation_in_the_web_ui_is_told() -> None:
    event = HistoryEvent(event_id=7)
    event.workflow_execution_cancel_requested_event_attributes.cause = "the customer called"
    assert [(line.what, line.about) for line in history.lines_of([event])] == [
        ("workflow execution cancel requested", "the customer called")
    ]


def test_every_kind_of_event_is_told() -> None:
    """A kind that Temporal adds later is told by its name, and none breaks the telling of the others."""
    for field in HistoryEvent.DESCRIPTOR.oneofs_by_name["attributes"].fields:
        event = HistoryEvent(event_id=1)
        getattr(event, field.name).SetInParent()
        refers_to = {name.name for name in field.message_type.fields} & {
            "scheduled_event_id", "accepted_event_id", "initiated_event_id",
        }  # fmt: skip
        for name in refers_to:
            setattr(getattr(event, field.name), name, 1)
        is_told = field.name.removesuffix("_event_attributes") not in history.SKIPPED
        assert len(history.lines_of([event])) == is_told, field.name


@pytest.mark.parametrize("name", [path.stem for path in sorted(HISTORIES.glob("*.json"))])
def test_every_event_of_a_real_order_is_told_once(name: str) -> None:
    lines = told(name)
    assert len({line.event_id for line in lines}) == len(lines)
    assert all(line.what for line in lines)
