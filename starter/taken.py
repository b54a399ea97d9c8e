"""Whether a workflow id is taken."""

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from starter.failures import RPC_TIMEOUT, translated


async def status_of(client: Client, workflow_id: str) -> WorkflowExecutionStatus | None:
    """Return the status of a workflow; None if Temporal knows none. Raises ConnectionError, TimeoutError."""
    try:
        return (await client.get_workflow_handle(workflow_id).describe(rpc_timeout=RPC_TIMEOUT)).status
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return None
        raise translated(error, workflow_id) from error


async def is_taken(client: Client, workflow_id: str) -> bool:
    """Whether a workflow with this id exists, open or closed. Raises ConnectionError, TimeoutError."""
    return await status_of(client, workflow_id) is not None
