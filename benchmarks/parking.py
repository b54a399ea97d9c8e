"""Makes many orders that wait for payment, each a copy of one that was quoted, without playing each of them.

A workflow of the benchmark continues as the product's workflow, with the state that a long order carries into its next
run. So a parked order has a history of a few events, and in the worker's memory it is like any other.
"""

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from benchmarks.bare import BARE_QUEUE, BareWorkflow
from benchmarks.playing import Order, new_orders
from domain.order.inbox import Inbox
from domain.story.opening import Carried
from domain.vocabulary import ids
from starter import orders
from workflows import options

PARKING = "parking"
ORDER = "OrderWorkflow"
AT_ONCE = 200  # starts that are under way
POLL_SECONDS = 0.5  # asking more often would keep the server busy
FIRST_TASK = 4  # events of a history whose first workflow task is done


@workflow.defn
class ParkedWorkflow:
    """Continues as an order."""

    @workflow.run
    async def run(self, carried: dict[str, Any]) -> None:
        """Hand the state over."""
        workflow.continue_as_new(workflow=ORDER, args=[{"carried": carried}], task_queue=options.ORDERS)


async def park(client: Client, model: Order, count: int) -> list[Order]:
    """Make copies of an order, and wait until a worker has each of them in its memory."""
    text = Carried(order=await orders.snapshot(client, model.order_id), inbox=Inbox()).model_dump_json(
        exclude_defaults=True
    )
    parked = new_orders(count)
    async with Worker(
        client, task_queue=PARKING, workflows=[ParkedWorkflow], workflow_runner=UnsandboxedWorkflowRunner()
    ):
        await _some_at_once([_park(client, renamed(text, model, order), order) for order in parked])
    return parked


async def park_bare(client: Client, count: int) -> None:
    """Start bare workflows that wait for their first signal, and wait until a worker has each in its memory."""
    await _some_at_once([_start_bare(client) for _ in range(count)])


def renamed(text: str, model: Order, order: Order) -> str:
    """Return the state of an order as that of another one.

    Ids of pictures and files are made from the part of the order's id after its prefix.
    """
    core, own = (one.order_id.partition("_")[2] for one in (model, order))
    return text.replace(core, own).replace(model.customer_id, order.customer_id)


async def _park(client: Client, text: str, order: Order) -> None:
    carried = Carried.model_validate_json(text).model_dump(mode="json", exclude_defaults=True)
    workflow_id = ids.workflow_id(order.order_id)
    await client.start_workflow(ParkedWorkflow.run, carried, id=workflow_id, task_queue=PARKING)
    await _until_cached(client, workflow_id, ORDER)


async def _start_bare(client: Client) -> None:
    workflow_id = f"bare-{uuid.uuid4().hex}"
    await client.start_workflow(BareWorkflow.run, id=workflow_id, task_queue=BARE_QUEUE)
    await _until_cached(client, workflow_id, BareWorkflow.__name__)


async def _until_cached(client: Client, workflow_id: str, kind: str) -> None:
    """Wait until a worker has done the first task of the workflow, and so has it in its memory."""
    handle = client.get_workflow_handle(workflow_id)
    while True:
        found = await handle.describe()
        if found.workflow_type == kind and (found.history_length or 0) >= FIRST_TASK:
            return
        await asyncio.sleep(POLL_SECONDS)


async def _some_at_once(work: Sequence[Any]) -> None:
    turn = asyncio.Semaphore(AT_ONCE)

    async def take(one: Any) -> None:
        async with turn:
            await one

    async with asyncio.TaskGroup() as group:
        for one in work:
            group.create_task(take(one))
