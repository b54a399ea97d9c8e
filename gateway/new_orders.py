"""Starts orders, once per Idempotency-Key."""

from hashlib import sha256
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError

from adapters.db.keys import ApiKey
from domain.order.messages import SIGNALS, UPDATES, Event, OrderRequest
from domain.vocabulary import ids
from gateway import once, scopes, sources
from gateway.auth import Caller
from gateway.bodies import Answered, FirstEvent, NewOrder, answered
from gateway.errors import OF_ANY_CALLER, problems
from gateway.once import IdempotencyKey
from starter import orders
from starter.contract.examples import ORDER, REQUEST, TASK

S = HTTPStatus

router = APIRouter(prefix="/api", tags=["orders"])


class Started(BaseModel):
    """An order that was started."""

    order_id: str = Field(examples=[ORDER])
    tasks: list[str] = Field(description="Task ids of its pictures, in the order of the request.", examples=[[TASK]])
    workflow_id: str = Field(description="Workflow id in Temporal.", examples=[ids.workflow_id(ORDER)])
    workflow_url: str = Field(description="URL in the Temporal Web UI.")
    answer: Answered | None = Field(default=None, description="Outcome of the update sent with it.")


@router.post(
    "/orders",
    status_code=S.CREATED,
    responses=problems(
        *OF_ANY_CALLER,
        S.CONFLICT,
        CONFLICT="The Idempotency-Key was already used for another order",
    ),
)
async def start_order(
    request: Request,
    response: Response,
    who: Caller,
    order: Annotated[NewOrder, Body(openapi_examples={"usual": {"value": REQUEST}})],
    idempotency_key: IdempotencyKey = None,
) -> Started:
    """Start an order, optionally with its first event.

    If the response is lost or is 503, repeat the request with the same Idempotency-Key: only one order is started.
    """
    scopes.refuse_unfit_order(who, order)
    await sources.check(request, order)
    first = await _first(request, order.event, who) if order.event else None
    wanted = _WantedOrder(request, order, first)
    started = await once.start(request, who, idempotency_key, wanted)
    request.scope["order_id"] = started.order_id  # for the access log
    response.headers["Location"] = f"/api/orders/{started.order_id}"
    return started


async def _first(request: Request, event: FirstEvent, who: ApiKey) -> tuple[str, Event]:
    """Parse the first event. Raises RequestValidationError, NotAllowed."""
    kind = SIGNALS[UPDATES.get(event.type, event.type)]
    try:
        message = kind.model_validate(event.payload)
    except ValidationError as error:
        place = ("body", "event", "payload")
        faults = [fault | {"loc": (*place, *fault["loc"])} for fault in error.errors(include_url=False)]
        raise RequestValidationError(faults) from error
    scopes.refuse_unfit(who, event.type, message)
    await sources.check(request, message, "body", "event", "payload")
    return event.type, message


class _WantedOrder:
    """An order to be started in Temporal."""

    kind = "new orders"

    def __init__(self, request: Request, order: NewOrder, first: tuple[str, Event] | None) -> None:
        self._state = request.state
        self._order = OrderRequest.model_validate(order.model_dump(exclude={"event"}))
        self.fingerprint = sha256(order.model_dump_json().encode()).hexdigest()
        self._first = first

    def new_id(self) -> str:
        """Return a fresh id for the order."""
        return orders.new_order_id(self._state.timezone)

    def workflow_id(self, name: str) -> str:
        """Return its workflow id."""
        return ids.workflow_id(name)

    async def start(self, name: str, *, must_be_new: bool) -> Started:
        """Start it with its first event."""
        if self._first and not self._first[1].event_id:
            self._first[1].event_id = f"first-{name}"  # the same for a repeated request
        client = await self._state.temporal.client()
        answer = await orders.start(client, name, self._order, first=self._first, must_be_new=must_be_new)
        if answer is None or self._first is None:
            return self.started(name)
        return self.started(name, answered(name, self._first[1].event_id, answer, self._state.phrases))

    def started(self, name: str, answer: Answered | None = None) -> Started:
        """Return the response for the caller."""
        tasks = [ids.task_id(name, number) for number in range(1, len(self._order.pictures) + 1)]
        url = self._state.views.workflow_url(ids.workflow_id(name))
        return Started(order_id=name, tasks=tasks, workflow_id=ids.workflow_id(name), workflow_url=url, answer=answer)
