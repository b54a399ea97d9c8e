"""Replays an order's history, to check that the order can continue on the current code."""

import json
import re
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.worker import Replayer

from starter.client import CONVERTER
from workflows.order import OrderWorkflow

# We report a difference in one line; the SDK's own log of it fills a screen.
SILENT = TelemetryConfig(logging=LoggingConfig(filter=TelemetryFilter(core_level="OFF", other_level="OFF")))
_REASON = re.compile(r'message: "((?:[^"\\]|\\.)+)"')  # in the text of the SDK's failure


async def difference(recorded: WorkflowHistory) -> str:
    """Replay a history; return in one line how the current code differs, or '' if it does not."""
    replayer = Replayer(workflows=[OrderWorkflow], data_converter=CONVERTER, runtime=Runtime(telemetry=SILENT))
    replayed = await replayer.replay_workflow(recorded, raise_on_replay_failure=False)
    return _told(replayed.replay_failure) if replayed.replay_failure else ""


def _told(failure: Exception) -> str:
    reason = _REASON.search(str(failure))
    return " ".join((reason[1] if reason else str(failure)).split()) or type(failure).__name__


def as_json(recorded: WorkflowHistory) -> dict[str, Any]:
    """Return a history in the format of a bundle's file."""
    return {"workflow_id": recorded.workflow_id, "history": recorded.to_json_dict()}


def read(path: Path) -> WorkflowHistory:
    """Return the history in a file. Raises ValueError if it is not the history of an order."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        recorded = WorkflowHistory.from_json(kept["workflow_id"], kept["history"])
        begun = recorded.events[0].workflow_execution_started_event_attributes.workflow_type.name
    except Exception as error:  # a file may hold anything
        raise ValueError(f"{path} is not a history written by `darkroom order bundle`: {error}") from error
    if begun != OrderWorkflow.__name__:
        raise ValueError(f"{path} is the history of {begun or 'nothing'}, not of an order")
    return recorded
