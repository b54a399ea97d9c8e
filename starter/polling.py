"""Which workers poll a task queue, as Temporal reports it."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest
from temporalio.client import Client

LATELY = timedelta(seconds=100)  # a long poll takes up to a minute

Kind = Literal["workflow", "activity"]
KINDS: dict[Kind, TaskQueueType.ValueType] = {
    "workflow": TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    "activity": TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
}


class NotPolling(Exception):
    """No recent poll of this worker is known to Temporal."""


async def pollers(client: Client, queue: str, kind: Kind = "activity") -> dict[str, datetime]:
    """Return the identities of recent pollers, each with the time it was last seen. Raises RPCError."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=KINDS[kind]
    )
    described = await client.workflow_service.describe_task_queue(request)
    seen = {found.identity: found.last_access_time.ToDatetime(UTC) for found in described.pollers}
    return {identity: at for identity, at in seen.items() if datetime.now(UTC) - at < LATELY}


async def expect(client: Client, queue: str, kind: Kind, identity: str) -> None:
    """Check that this worker has polled recently. Raises NotPolling, RPCError."""
    if identity not in await pollers(client, queue, kind):
        raise NotPolling(f"no recent poll of {identity} for {kind} tasks of {queue}")


async def expect_namespace(client: Client) -> None:
    """Check that the server answers and has our namespace. Raises RPCError."""
    await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
