"""Operations on orders, through Temporal alone: start one, send it events, read it, list orders."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowExecution,
    WorkflowExecutionStatus,
    WorkflowHandle,
)
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from domain.order.messages import UPDATES, Answer, Event, OrderRequest
from domain.order.order import Order
from domain.story import details
from domain.story.opening import open_order
from domain.texts.escaping import literal
from domain.vocabulary import ids
from starter import late
from starter.codec import decode_all
from starter.failures import ANSWER_TIMEOUT, FAILURES, NO_ANSWER, RPC_TIMEOUT, NoSuchOrder, translated
from starter.querying import query
from starter.taken import is_taken, status_of
from starter.visibility import quoted
from workflows import options, telling
from workflows.order import OrderWorkflow

POLL_SECONDS = 0.2  # while waiting for an order to process an event
WORKFLOW_TASK_TIMEOUT = timedelta(seconds=5)  # until another worker takes over from one that died


@dataclass(frozen=True)
class Listed:
    """An order in a list, as its search attributes describe it."""

    order_id: str
    customer_id: str
    shop_id: str
    status: str
    operation: str
    score: int | None
    started_at: datetime
    open: bool


def new_order_id(timezone: str) -> str:
    """Return a fresh order id with today's date in the shop's time zone."""
    return ids.order_id(datetime.now(ZoneInfo(timezone)), os.urandom(6))


async def start(
    client: Client,
    order_id: str,
    request: OrderRequest,
    *,
    first: tuple[str, Event] | None = None,
    must_be_new: bool = False,
) -> Answer | None:
    """Start an order, optionally with a first event in the same call; return the answer if that is an update.

    Idempotent while the order is open. Raises ValueError for a malformed id, MalformedRequest for an invalid request,
    WorkflowAlreadyStartedError if the order has closed or, with `must_be_new`, exists; ConnectionError, and
    TimeoutError if no worker answers an update.
    """
    payload = request.model_dump(mode="json", exclude_defaults=True)
    whole = _options_of_start(order_id, payload, must_be_new=must_be_new)
    name, event = first or ("", None)
    try:
        if event is None:
            await client.start_workflow(OrderWorkflow.run, payload, **whole, rpc_timeout=RPC_TIMEOUT)
            return None
        if name not in UPDATES:
            if must_be_new and await is_taken(
                client, ids.workflow_id(order_id)
            ):  # signal-with-start accepts an existing one
                raise WorkflowAlreadyStartedError(ids.workflow_id(order_id), OrderWorkflow.__name__)
            signal: dict[str, Any] = {"start_signal": name, "start_signal_args": [_payload(event)]}
            whole["id_conflict_policy"] = WorkflowIDConflictPolicy.USE_EXISTING
            await client.start_workflow(OrderWorkflow.run, payload, **whole, **signal, rpc_timeout=RPC_TIMEOUT)
            return None
        update_id = _update_id(name, event)
        answer = await client.execute_update_with_start_workflow(
            name,
            _payload(event),
            id=update_id,
            start_workflow_operation=WithStartWorkflowOperation(OrderWorkflow.run, payload, **whole),
            result_type=Answer,
            rpc_timeout=ANSWER_TIMEOUT,
        )
    except FAILURES as error:
        raise translated(error, order_id) from error
    return Answer.model_validate(answer)


def _options_of_start(order_id: str, payload: dict[str, Any], *, must_be_new: bool) -> dict[str, Any]:
    workflow_id = ids.workflow_id(order_id)
    order = open_order(workflow_id, payload, datetime.now(UTC))
    conflict = WorkflowIDConflictPolicy.FAIL if must_be_new else WorkflowIDConflictPolicy.USE_EXISTING
    return {
        "id": workflow_id,
        "task_queue": options.ORDERS,
        "id_conflict_policy": conflict,
        "id_reuse_policy": WorkflowIDReusePolicy.REJECT_DUPLICATE,
        "task_timeout": WORKFLOW_TASK_TIMEOUT,
        "search_attributes": TypedSearchAttributes(
            [SearchAttributePair(fact.key, fact.value) for fact in telling.attributes(order)]
        ),
        "static_summary": details.summary(order),
        "static_details": literal(f"{order.acc_type} {order.acc_id}"),
        "priority": options.priority(order),
    }


async def send(client: Client, order_id: str, signal: str, event: Event) -> None:
    """Send an event to an order as a signal. Raises NoSuchOrder if it does not exist or has closed."""
    try:
        await _handle(client, order_id).signal(signal, _payload(event), rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        raise translated(error, order_id) from error


async def wait_for_answer(client: Client, order_id: str, signal: str, event: Event) -> Answer:
    """Wait until an order has processed an event that was signalled to it, and return its answer.

    Raises NoSuchOrder, ConnectionError, and TimeoutError if that takes too long, e.g. if no worker is running.
    """
    handle, last = _handle(client, order_id), datetime.now(UTC) + ANSWER_TIMEOUT
    while datetime.now(UTC) <= last:
        asked = f"{signal}:{event.event_id}"
        answer: Answer | None = await query(handle, OrderWorkflow.answer, asked, name=order_id)
        if answer is not None:
            return answer
        await asyncio.sleep(POLL_SECONDS)
    raise TimeoutError(NO_ANSWER)


async def send_or_keep(client: Client, order_id: str, signal: str, event: Event) -> bool:
    """Send an event, or record it for staff if no such order is open; return whether it was sent."""
    try:
        await send(client, order_id, signal, event)
    except (NoSuchOrder, ValueError):  # ValueError: a malformed order id
        await keep(client, order_id, signal, event)
        return False
    return True


async def keep(client: Client, order_id: str, signal: str, event: Event) -> None:
    """Record an event that no open order can receive, and notify staff. Idempotent per event."""
    await late.keep(client, order_id, signal, _payload(event), event.identity)


async def is_closed(client: Client, order_id: str) -> bool:
    """Whether Temporal knows this order as closed. Raises ValueError for a malformed id."""
    return await status_of(client, ids.workflow_id(order_id)) not in {None, WorkflowExecutionStatus.RUNNING}


async def update(client: Client, order_id: str, name: str, event: Event) -> Answer:
    """Send an event as an update: add_requirement, change_operation, send_message or request_cancel.

    The update id is derived from the event id, so a retry gets the same answer. Raises NoSuchOrder, MalformedRequest,
    ConnectionError, or TimeoutError if no worker answers.
    """
    update_id = _update_id(name, event)
    try:
        answer = await _handle(client, order_id).execute_update(
            name, _payload(event), id=update_id, result_type=Answer, rpc_timeout=ANSWER_TIMEOUT
        )
    except FAILURES as error:
        raise translated(error, order_id) from error
    return Answer.model_validate(answer)


def _update_id(name: str, event: Event) -> str:
    """Return the id of an update, made from its event id; an event without an id gets a random one."""
    event.event_id = event.event_id or str(uuid.uuid4())
    return f"{name}:{event.event_id}"


def _payload(event: Event) -> dict[str, Any]:
    return event.model_dump(mode="json", exclude_defaults=True)


async def snapshot(client: Client, order_id: str) -> Order:
    """Return the state of an order. Raises NoSuchOrder, ConnectionError, or TimeoutError if no worker answers."""
    order: Order = await query(_handle(client, order_id), OrderWorkflow.snapshot, name=order_id)
    return order


async def listing(client: Client, *, limit: int, **filters: str) -> AsyncIterator[Listed]:
    """List orders, newest first. Filters are search attributes: CustomerId, ShopId, OrderStatus, Operation.

    Raises ConnectionError, TimeoutError.
    """
    clauses = ["WorkflowType = 'OrderWorkflow'", *(f"{name} = '{quoted(value)}'" for name, value in filters.items())]
    try:
        async for found in client.list_workflows(" AND ".join(clauses), limit=limit, rpc_timeout=RPC_TIMEOUT):
            yield _listed(found)
    except RPCError as error:
        raise translated(error, "") from error


async def describe(client: Client, order_id: str) -> Listed:
    """Return an order as lists show it; needs no worker. Raises NoSuchOrder, ConnectionError, TimeoutError."""
    try:
        return _listed(await _handle(client, order_id).describe(rpc_timeout=RPC_TIMEOUT))
    except RPCError as error:
        raise translated(error, order_id) from error


def _listed(found: WorkflowExecution) -> Listed:
    known = found.typed_search_attributes
    return Listed(
        order_id=found.id.removeprefix("order-"),
        customer_id=known.get(telling.CUSTOMER_ID) or "",
        shop_id=known.get(telling.SHOP_ID) or "",
        status=known.get(telling.ORDER_STATUS) or "",
        operation=known.get(telling.OPERATION) or "",
        score=known.get(telling.QA_SCORE),
        started_at=found.start_time,
        open=found.status is WorkflowExecutionStatus.RUNNING,
    )


async def pending_activities(client: Client, order_id: str) -> list[dict[str, Any]]:
    """Return an order's pending activities: name, attempt, whether started, last heartbeat, last failure."""
    try:
        described = await _handle(client, order_id).describe(rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        raise translated(error, order_id) from error
    for pending in described.raw_description.pending_activities:
        await decode_all(pending, client.data_converter)
    return [
        {
            "activity": pending.activity_type.name,
            "attempt": pending.attempt,
            "is_begun": pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED,
            "began_at": pending.last_started_time.ToDatetime(UTC) if pending.HasField("last_started_time") else None,
            "heartbeat": await _heartbeat(client, pending),
            "failure": pending.last_failure.message if pending.HasField("last_failure") else "",
        }
        for pending in described.raw_description.pending_activities
    ]


async def _heartbeat(client: Client, pending: PendingActivityInfo) -> Any:
    payloads = pending.heartbeat_details.payloads
    return (await client.data_converter.decode(payloads))[0] if payloads else None


def _handle(client: Client, order_id: str) -> WorkflowHandle[Any, Any]:
    return client.get_workflow_handle(ids.workflow_id(order_id))
