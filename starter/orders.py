"""What may be done with orders: start one, send it events, read it, list them. All by Temporal."""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain import details, ids
from domain.errors import MalformedRequest
from domain.messages import Answer, Event, OrderRequest
from domain.opening import open_order
from domain.order import Order
from domain.work import LateEvent
from workflows import options, telling
from workflows.late_event import LateEventWorkflow
from workflows.order import OrderWorkflow

TAKEN_OVER = timedelta(seconds=5)  # after so long another worker goes on with an order whose worker died
LONGEST_ID = 255  # characters of what somebody calls an order
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
    try:
        await _handle(client, order_id).signal(signal, _payload(event))
    except RPCError as error:
        raise translated(error, order_id) from error


async def send_or_keep(client: Client, order_id: str, signal: str, event: Event) -> bool:
    """Send an event, and keep it for staff where no open order is there to hear it; return whether one heard it."""
    try:
        await send(client, order_id, signal, event)
    except (NoSuchOrder, ValueError):  # a ValueError: this is no order's id at all
        await keep(client, order_id, signal, event)
        return False
    return True


async def keep(client: Client, order_id: str, signal: str, event: Event) -> None:
    """Put an event on record that no open order can hear, and tell staff; the same one again changes nothing."""
    late = LateEvent(order_id=order_id[:LONGEST_ID], signal=signal, payload=_payload(event))
    with suppress(WorkflowAlreadyStartedError):
        await client.start_workflow(
            LateEventWorkflow.run,
            late.model_dump(mode="json"),
            id=f"late-{late.order_id}-{signal}-{event.event_id or uuid.uuid4()}",
            task_queue=options.ORDERS,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary=f"{signal} for {late.order_id}, which is not open",
        )


async def is_closed(client: Client, order_id: str) -> bool:
    """Whether Temporal remembers an order that has closed. Raises ValueError for a malformed id."""
    try:
        described = await _handle(client, order_id).describe()
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return False
        raise translated(error, order_id) from error
    return described.status is not WorkflowExecutionStatus.RUNNING


async def update(client: Client, order_id: str, name: str, event: Event) -> Answer:
    """Send an event that is answered: add_requirement, change_operation, send_message, request_cancel.

    The event's id is the update's too, so a retry hears the same answer. Raises NoSuchOrder, MalformedRequest, or
    TimeoutError when no worker answers.
    """
    event.event_id = event.event_id or str(uuid.uuid4())
    try:
        answer = await _handle(client, order_id).execute_update(
            name, _payload(event), id=f"{name}:{event.event_id}", result_type=Answer, rpc_timeout=ANSWERED
        )
    except WorkflowUpdateFailedError as error:
        raise MalformedRequest(f"{name}: {error.cause}") from error
    except WorkflowUpdateRPCTimeoutOrCancelledError as error:
        raise TimeoutError("no worker answered; is one running?") from error
    except RPCError as error:
        raise translated(error, order_id) from error
    return Answer.model_validate(answer)


def _payload(event: Event) -> dict[str, Any]:
    return event.model_dump(mode="json", exclude_defaults=True)


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
