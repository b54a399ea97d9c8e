"""Records events that no open order can receive, and notifies staff."""

import uuid
from contextlib import suppress
from hashlib import sha256
from typing import Any

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from domain.attempts.work import LateEvent
from domain.vocabulary import ids
from starter.failures import FAILURES, RPC_TIMEOUT, translated
from workflows import options
from workflows.late_event import LateEventWorkflow

LONGEST_NAME = 255  # characters of an order id, which may be any text
LONGEST_WORKFLOW_ID = 1000  # bytes;
LONGEST_SUMMARY = 400  # bytes; both are Temporal's defaults


async def keep(client: Client, order_id: str, signal: str, payload: dict[str, Any], event_id: str = "") -> None:
    """Record an event, once per `event_id`; `order_id` is whatever the sender gave, valid or not.

    Raises ConnectionError, TimeoutError.
    """
    late = LateEvent(order_id=order_id[:LONGEST_NAME], signal=signal, payload=payload)
    summary = f"{signal} for {late.order_id}, which is not open"
    try:
        with suppress(WorkflowAlreadyStartedError):
            await client.start_workflow(
                LateEventWorkflow.run,
                late.model_dump(mode="json"),
                id=_workflow_id(late, event_id or str(uuid.uuid4())),
                task_queue=options.ORDERS,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                static_summary=summary.encode()[:LONGEST_SUMMARY].decode(errors="ignore"),
                rpc_timeout=RPC_TIMEOUT,
            )
    except FAILURES as error:
        raise translated(error, order_id) from error


def _workflow_id(late: LateEvent, event_id: str) -> str:
    """Return the id of an event's workflow. What is no order id may be a person's name, and no codec covers ids."""
    named = f"late-{late.order_id}-{late.signal}-{event_id}"
    is_plain = ids.is_order_id(late.order_id) and len(named.encode()) <= LONGEST_WORKFLOW_ID
    return named if is_plain else f"late-{sha256(named.encode()).hexdigest()}"
