import json
from pathlib import Path
from typing import Any

import pytest

from starter import replaying

STARTED = {
    "eventId": "1",
    "eventType": "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED",
    "workflowExecutionStartedEventAttributes": {"workflowType": {"name": "OrderWorkflow"}},
}


def kept(tmp_path: Path, content: Any) -> Path:
    file = tmp_path / "history.json"
    file.write_text(json.dumps(content))
    return file


def test_a_kept_history_is_read_as_it_was_written(tmp_path: Path) -> None:
    content = {"workflow_id": "order-ORDER_20261122_7K3F9Q", "history": {"events": [STARTED]}}
    assert replaying.as_json(replaying.read(kept(tmp_path, content))) == content


@pytest.mark.parametrize(
    "content",
    [
        [],
        {"workflow_id": "x"},
        {"workflow_id": "x", "history": []},
        {"workflow_id": "x", "history": {"events": []}},  # temporalio's replay never ends on these two
        {"workflow_id": "x", "history": {"events": [{"eventId": "1", "eventType": "EVENT_TYPE_TIMER_FIRED"}]}},
        {"workflow_id": "x", "history": {"events": [{"eventType": "of another age"}]}},
    ],
)
def test_a_file_that_keeps_no_history_is_told_and_not_replayed(tmp_path: Path, content: Any) -> None:
    with pytest.raises(ValueError, match="keeps"):
        replaying.read(kept(tmp_path, content))


def test_the_history_of_another_workflow_is_no_orders(tmp_path: Path) -> None:
    other = json.loads(json.dumps(STARTED).replace("OrderWorkflow", "LateEventWorkflow"))
    with pytest.raises(ValueError, match="is the history of LateEventWorkflow, not of an order"):
        replaying.read(kept(tmp_path, {"workflow_id": "late-1", "history": {"events": [other]}}))
