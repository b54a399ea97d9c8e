"""Who works on a task queue, as Temporal sees it."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest
from temporalio.client import Client

LATELY = timedelta(seconds=100)  # a poll waits a minute at the server before the next one is due

Kind = Literal["workflow", "activity"]
KINDS: dict[Kind, TaskQueueType.ValueType] = {
    "workflow": TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    "activity": TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
}


class NotPolling(Exception):
    """Temporal has not heard of a poller lately."""


async def pollers(client: Client, queue: str, kind: Kind = "activity") -> dict[str, datetime]:
    """Return the identities of those who have polled lately, each with when it was last seen. Raises RPCError."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=KINDS[kind]
    )
    described = await client.workflow_service.describe_task_queue(request)
    seen = {found.identity: found.last_access_time.ToDatetime(UTC) for found in described.pollers}
    return {identity: at for identity, at in seen.items() if datetime.now(UTC) - at < LATELY}


async def expect(client: Client, queue: str, kind: Kind, identity: str) -> None:
    """Expect that this very worker has polled lately. Raises NotPolling, RPCError."""
    if identity not in await pollers(client, queue, kind):
        raise NotPolling(f"Temporal has not seen {identity} poll {kind} tasks of {queue} lately")


async def expect_namespace(client: Client) -> None:
    """Expect that the server serves, and our namespace. Raises RPCError."""
    await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
