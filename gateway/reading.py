"""Routes to read orders and their changes, from the tables; they need no worker."""

import base64
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError

from adapters.db.reading import OnRecord, OrderReader
from domain.vocabulary import ids
from domain.vocabulary.status import Status
from gateway import scopes, views
from gateway.auth import Caller
from gateway.bodies import CustomerId, OrderId, ShopId
from gateway.errors import OF_ANY_CALLER, problems
from gateway.views import Changes, OrderPage, OrderView, Views
from starter import orders

UNKNOWN = problems(*OF_ANY_CALLER, HTTPStatus.NOT_FOUND)

router = APIRouter(prefix="/api", tags=["orders"])


async def view_of(request: Request, order_id: str) -> OrderView:
    """Return an order from the tables or, before its first rows are written, from Temporal. Raises NoSuchOrder."""
    reader: OrderReader = request.state.reader
    return await view(request, order_id, await reader.order(order_id))


async def view(request: Request, order_id: str, found: OnRecord | None) -> OrderView:
    """Return an order from its rows or, if there are none yet, from Temporal. Raises NoSuchOrder."""
    show: Views = request.state.views
    if found:
        return show.order(found)
    return show.begun(await orders.describe(await request.state.temporal.client(), order_id))


@router.get("/orders/{order_id}", responses=UNKNOWN)
async def read_order(request: Request, _: Caller, order_id: OrderId) -> OrderView:
    """Return the current state of an order."""
    return await view_of(request, order_id)


@router.get("/orders/{order_id}/changes", responses=UNKNOWN)
async def read_changes(request: Request, _: Caller, order_id: OrderId) -> Changes:
    """Return changes to requirements and operations, including refused ones, newest first."""
    reader: OrderReader = request.state.reader
    found = await reader.changes(order_id)
    if not found:
        await view_of(request, order_id)  # 404 if there is no such order, else no changes
    return views.changes(found)


@router.get("/customers/{customer_id:path}/orders", responses=problems(*OF_ANY_CALLER))
async def list_orders(
    request: Request,
    who: Caller,
    customer_id: CustomerId,
    acc_id: ShopId = None,
    status: Annotated[Status | None, Query(description="Only orders with this status.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=200, description="`next` of the previous page.")] = None,
) -> OrderPage:
    """List a customer's orders, newest first. A new order appears once a worker has started on it."""
    reader: OrderReader = request.state.reader
    show: Views = request.state.views
    rows = await reader.of_customer(
        customer_id,
        acc_id=acc_id,
        status=status,
        begun_by=None if scopes.is_bot(who) else who.name,
        limit=limit + 1,
        before=_place(cursor) if cursor else None,
    )
    last = rows[limit - 1] if len(rows) > limit else None
    following = _cursor(last["created_at"], last["order_id"]) if last else None
    return OrderPage(orders=[show.summary(row) for row in rows[:limit]], next=following)


def _cursor(created_at: datetime, order_id: str) -> str:
    return base64.urlsafe_b64encode(f"{created_at.isoformat()} {order_id}".encode()).decode()


def _place(cursor: str) -> tuple[datetime, str]:
    """Parse a cursor. Raises RequestValidationError."""
    try:
        created_at, _, order_id = base64.urlsafe_b64decode(cursor).decode().partition(" ")
        place = datetime.fromisoformat(created_at).astimezone(UTC)
        return place, ids.order_of(ids.workflow_id(order_id))
    except (ValueError, OverflowError) as error:
        fault = {
            "loc": ("query", "cursor"),
            "msg": "invalid cursor (use `next` of the previous page)",
            "type": "value_error",
        }
        raise RequestValidationError([fault]) from error
