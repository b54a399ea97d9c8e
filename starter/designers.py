"""Operations on dispatches to designers: ask a question without an order, send events, read the state."""

import os
from datetime import datetime
from zoneinfo import ZoneInfo

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from domain.designers.dispatch import DispatchRequest, DispatchState
from domain.order.messages import Event
from domain.texts.escaping import literal
from domain.vocabulary import ids
from starter.failures import RPC_TIMEOUT, translated
from starter.orders import WORKFLOW_TASK_TIMEOUT
from starter.querying import query
from workflows import options
from workflows.designers import attributes
from workflows.dispatch import DispatchWorkflow


def new_transfer_id(timezone: str) -> str:
    """Return a fresh id for a question to designers."""
    return ids.transfer_id(datetime.now(ZoneInfo(timezone)), os.urandom(6))


async def ask(client: Client, request: DispatchRequest, *, must_be_new: bool = False) -> str:
    """Ask designers a question without an order, once per `task_id`; return the workflow id.

    Raises ConnectionError, TimeoutError, and WorkflowAlreadyStartedError if the question has been answered or, with
    `must_be_new`, is already open.
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
    """Send an event to a dispatch: a designer's result, or a cancellation. The dispatch informs its order.

    Raises NoSuchOrder if no such dispatch is open, ConnectionError, TimeoutError.
    """
    handle = client.get_workflow_handle(dispatch_id)
    try:
        await handle.signal(signal, event.model_dump(mode="json", exclude_defaults=True), rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        raise translated(error, dispatch_id, "dispatch") from error


async def snapshot(client: Client, dispatch_id: str) -> DispatchState:
    """Return the state of a dispatch. Raises NoSuchOrder, ConnectionError, TimeoutError if no worker answers."""
    handle = client.get_workflow_handle(dispatch_id)
    state: DispatchState = await query(handle, DispatchWorkflow.snapshot, name=dispatch_id, kind="dispatch")
    return state
