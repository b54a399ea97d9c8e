"""A customer's workflows in Temporal: found, and deleted with their histories once they are closed."""

from collections.abc import AsyncIterator, Collection

from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from starter.failures import translated
from starter.visibility import quoted


async def workflows(
    client: Client, customer_id: str, acc_id: str | None, orders: Collection[str]
) -> list[WorkflowExecution]:
    """Return all runs of a customer's orders, dispatches, searches and late events. Raises ConnectionError."""
    whose = f"CustomerId = '{quoted(customer_id)}'" + (f" AND ShopId = '{quoted(acc_id)}'" if acc_id else "")
    late = [f"WorkflowId STARTS_WITH 'late-{quoted(order_id)}-'" for order_id in orders]
    try:
        return [found for query in (whose, *late) async for found in _listed(client, query)]
    except RPCError as error:
        raise translated(error, customer_id) from error


async def _listed(client: Client, query: str) -> AsyncIterator[WorkflowExecution]:
    async for found in client.list_workflows(query):
        yield found


def still_open(found: Collection[WorkflowExecution]) -> list[str]:
    """Return the ids of the workflows that still run, sorted."""
    return sorted({one.id for one in found if one.status is WorkflowExecutionStatus.RUNNING})


async def delete(client: Client, found: Collection[WorkflowExecution]) -> None:
    """Delete closed runs with their histories; those that are gone already are skipped. Raises ConnectionError."""
    for one in found:
        execution = Execution(workflow_id=one.id, run_id=one.run_id)
        request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=execution)
        try:
            await client.workflow_service.delete_workflow_execution(request)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise translated(error, one.id) from error
