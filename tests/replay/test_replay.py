"""Every recorded history replays on today's code."""

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from starter.client import CONVERTER
from tests.record_histories import HISTORIES
from tests.shop import WORKFLOWS
from tests.states import STATES


def read(path: Path) -> WorkflowHistory:
    content = json.loads(path.read_text())
    return WorkflowHistory.from_json(content["workflow_id"], content["history"])


def replayer() -> Replayer:
    return Replayer(workflows=WORKFLOWS, data_converter=CONVERTER)


def test_there_is_a_history_for_each_state() -> None:
    assert {path.stem for path in HISTORIES.glob("*.json")} == {state.__name__ for state in STATES}


@pytest.mark.parametrize("path", sorted(HISTORIES.glob("*.json")), ids=lambda path: path.stem)
async def test_a_recorded_order_goes_on_with_the_code_of_today(path: Path) -> None:
    await replayer().replay_workflow(read(path))


async def test_a_history_of_other_code_is_noticed() -> None:
    content = json.loads((HISTORIES / "awaiting_confirm.json").read_text())
    for event in content["history"]["events"]:
        if attributes := event.get("activityTaskScheduledEventAttributes"):
            attributes["activityType"]["name"] = "an_activity_of_old"
    with pytest.raises(NondeterminismError):
        await replayer().replay_workflow(WorkflowHistory.from_json(content["workflow_id"], content["history"]))
