"""Whether an order goes on with the code of today: what Temporal recorded of it is replayed."""

import json
import re
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.worker import Replayer

from starter.client import CONVERTER
from workflows.order import OrderWorkflow

# What differs is said by us, in one line; Temporal's own log says it over a whole screen.
SILENT = TelemetryConfig(logging=LoggingConfig(filter=TelemetryFilter(core_level="OFF", other_level="OFF")))
_REASON = re.compile(r'message: "((?:[^"\\]|\\.)+)"')  # within the failure as Temporal prints it


async def difference(recorded: WorkflowHistory) -> str:
    """Replay a history; return in one line what today's code does otherwise, and nothing where it does the same."""
    replayer = Replayer(workflows=[OrderWorkflow], data_converter=CONVERTER, runtime=Runtime(telemetry=SILENT))
    replayed = await replayer.replay_workflow(recorded, raise_on_replay_failure=False)
    return _told(replayed.replay_failure) if replayed.replay_failure else ""


def _told(failure: Exception) -> str:
    reason = _REASON.search(str(failure))
    return " ".join((reason[1] if reason else str(failure)).split()) or type(failure).__name__


def as_json(recorded: WorkflowHistory) -> dict[str, Any]:
    """Return a history as a file keeps it."""
    return {"workflow_id": recorded.workflow_id, "history": recorded.to_json_dict()}


def read(path: Path) -> WorkflowHistory:
    """Return the history that a file keeps. Raises ValueError for a file that keeps no order's."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        recorded = WorkflowHistory.from_json(kept["workflow_id"], kept["history"])
        begun = recorded.events[0].workflow_execution_started_event_attributes.workflow_type.name
    except Exception as error:  # whatever a file holds that is none
        raise ValueError(f"{path} keeps no history as `darkroom order bundle` writes it: {error}") from error
    if begun != OrderWorkflow.__name__:
        raise ValueError(f"{path} keeps the history of {begun or 'nothing'}, which is no order")
    return recorded
