"""What may be done with dispatches to designers: ask them something without an order, hand their work in, look."""

import os
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from domain.designers.dispatch import DispatchRequest, DispatchState
from domain.order.messages import Event
from domain.texts.escaping import literal
from domain.vocabulary import ids
from starter.failures import ANSWER_TIMEOUT, RPC_TIMEOUT, NoSuchOrder, translated
from starter.orders import WORKFLOW_TASK_TIMEOUT
from workflows import options
from workflows.designers import attributes
from workflows.dispatch import DispatchWorkflow


def new_transfer_id(timezone: str) -> str:
    """Return a fresh id for a question to designers."""
    return ids.transfer_id(datetime.now(ZoneInfo(timezone)), os.urandom(6))


async def ask(client: Client, request: DispatchRequest, *, must_be_new: bool = False) -> str:
    """Ask designers something without an order, once for each `task_id`; return the id of its workflow.

    Raises ConnectionError, TimeoutError, and WorkflowAlreadyStartedError for a question that was answered or, where it
    `must_be_new`, is asked already.
    """
    dispatch_id = ids.dispatch_id(request.task_id)
    conflict = WorkflowIDConflictPolicy.FAIL if must_be_new else WorkflowIDConflictPolicy.USE_EXISTING
    try:
        await client.start_workflow(
            DispatchWorkflow.run,
            request.model_dump(mode="json", exclude_defaults=True),
            id=dispatch_id,
            task_queue=options.ORDERS,
            id_conflict_policy=conflict,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            task_timeout=WORKFLOW_TASK_TIMEOUT,
            search_attributes=attributes(request.customer_id, request.acc_id),
            static_summary=f"{request.task_id}: {literal(request.reason)}",
            rpc_timeout=RPC_TIMEOUT,
        )
    except RPCError as error:
        raise translated(error, dispatch_id, "dispatch") from error
    return dispatch_id


async def send(client: Client, dispatch_id: str, signal: str, event: Event) -> None:
    """Tell a dispatch something: a designer's work, or that nobody wants it any more; its order hears so.

    Raises NoSuchOrder where no such dispatch is open, ConnectionError, TimeoutError.
    """
    handle = client.get_workflow_handle(dispatch_id)
    try:
        await handle.signal(signal, event.model_dump(mode="json", exclude_defaults=True), rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        raise translated(error, dispatch_id, "dispatch") from error


async def snapshot(client: Client, dispatch_id: str) -> DispatchState:
    """Return a dispatch as it stands. Raises NoSuchOrder, ConnectionError, TimeoutError when no worker answers."""
    handle: Any = client.get_workflow_handle(dispatch_id)
    try:
        state: DispatchState = await handle.query(DispatchWorkflow.snapshot, rpc_timeout=ANSWER_TIMEOUT)
    except WorkflowQueryFailedError as error:
        raise NoSuchOrder(f"{dispatch_id} was started with something that is no dispatch; its history tells") from error
    except RPCError as error:
        raise translated(error, dispatch_id, "dispatch") from error
    return state
