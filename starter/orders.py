"""What may be done with orders: start one, send it events, read it, list them. All by Temporal."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle, WorkflowQueryFailedError
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.service import RPCError, RPCStatusCode

from domain import details, ids
from domain.messages import Event, OrderRequest
from domain.opening import open_order
from domain.order import Order
from workflows import options, telling
from workflows.order import OrderWorkflow

TAKEN_OVER = timedelta(seconds=5)  # after so long another worker goes on with an order whose worker died
ANSWERED = timedelta(seconds=10)  # how long a question waits for a worker; replaying a long order takes a while


class NoSuchOrder(LookupError):
    """No order of that id is known to Temporal."""


@dataclass(frozen=True)
class Listed:
    """One line of a list of orders."""

    order_id: str
    customer_id: str
    shop_id: str
    status: str
    operation: str
    score: int | None
    started_at: datetime
    open: bool


def new_order_id(timezone: str) -> str:
    """Return a fresh order id of today, as the shop's calendar says."""
    return ids.order_id(datetime.now(ZoneInfo(timezone)), os.urandom(6))


async def start(client: Client, order_id: str, request: OrderRequest) -> None:
    """Start an order; starting the same one again changes nothing, as long as it is open.

    Raises ValueError for a malformed id, MalformedRequest for a request that is none, and WorkflowAlreadyStartedError
    for an order that has closed.
    """
    workflow_id, payload = ids.workflow_id(order_id), request.model_dump(mode="json", exclude_defaults=True)
    order = open_order(workflow_id, payload, datetime.now(UTC))
    await client.start_workflow(
        OrderWorkflow.run,
        payload,
        id=workflow_id,
        task_queue=options.ORDERS,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        task_timeout=TAKEN_OVER,
        search_attributes=TypedSearchAttributes(
            [SearchAttributePair(fact.key, fact.value) for fact in telling.attributes(order)]
        ),
        static_summary=details.summary(order),
        static_details=f"Shop `{request.acc_id}`, platform {request.acc_type}. The current details tell what happened.",
        priority=options.priority(order),
    )


async def send(client: Client, order_id: str, signal: str, event: Event) -> None:
    """Send an event to an order. Raises NoSuchOrder where there is none, or it has closed."""
    payload = event.model_dump(mode="json", exclude_defaults=True)
    try:
        await _handle(client, order_id).signal(signal, payload)
    except RPCError as error:
        raise translated(error, order_id) from error


async def snapshot(client: Client, order_id: str) -> Order:
    """Return an order as it stands. Raises NoSuchOrder, or TimeoutError when no worker answers."""
    try:
        return await _handle(client, order_id).query(OrderWorkflow.snapshot, rpc_timeout=ANSWERED)
    except WorkflowQueryFailedError as error:
        raise NoSuchOrder(f"{order_id} was started with something that is no order; its history tells") from error
    except RPCError as error:
        raise translated(error, order_id) from error


async def listing(client: Client, *, limit: int, **filters: str) -> AsyncIterator[Listed]:
    """List orders, newest first. Filters are search attributes: CustomerId, ShopId, OrderStatus, Operation."""
    clauses = ["WorkflowType = 'OrderWorkflow'", *(f"{name} = '{_quoted(value)}'" for name, value in filters.items())]
    async for found in client.list_workflows(" AND ".join(clauses), limit=limit):
        known = found.typed_search_attributes
        yield Listed(
            order_id=found.id.removeprefix("order-"),
            customer_id=known.get(telling.CUSTOMER_ID) or "",
            shop_id=known.get(telling.SHOP_ID) or "",
            status=known.get(telling.ORDER_STATUS) or "",
            operation=known.get(telling.OPERATION) or "",
            score=known.get(telling.QA_SCORE),
            started_at=found.start_time,
            open=found.status is WorkflowExecutionStatus.RUNNING,
        )


async def at_work(client: Client, order_id: str) -> list[dict[str, Any]]:
    """Return what an order's activities are doing now: name, attempt, last heartbeat, last failure."""
    try:
        described = await _handle(client, order_id).describe()
    except RPCError as error:
        raise translated(error, order_id) from error
    converter = client.data_converter.payload_converter
    return [
        {
            "activity": pending.activity_type.name,
            "attempt": pending.attempt,
            "beat": converter.from_payloads(pending.heartbeat_details.payloads)[0]
            if pending.heartbeat_details.payloads
            else None,
            "failure": pending.last_failure.message if pending.HasField("last_failure") else "",
        }
        for pending in described.raw_description.pending_activities
    ]


def _handle(client: Client, order_id: str) -> WorkflowHandle[Any, Any]:
    return client.get_workflow_handle(ids.workflow_id(order_id))


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def translated(error: RPCError, order_id: str) -> Exception:
    """Return the error that a caller can act on for one of Temporal's."""
    if error.status == RPCStatusCode.NOT_FOUND:
        return NoSuchOrder(f"no open order is called {order_id}")
    if error.status == RPCStatusCode.UNAVAILABLE:
        return ConnectionError(f"Temporal went away: {error.message}")
    if error.status == RPCStatusCode.DEADLINE_EXCEEDED:
        return TimeoutError("no worker answered; is one running?")
    return error
