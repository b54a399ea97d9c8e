"""Starting an order, once for each Idempotency-Key."""

from contextlib import suppress
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError
from temporalio.exceptions import WorkflowAlreadyStartedError

from adapters.db.idempotency import IdempotencyKeys
from adapters.db.keys import ApiKey
from domain import ids
from domain.errors import IdempotencyKeyReused, OutsideUnavailable
from domain.messages import SIGNALS, UPDATES, Event, OrderRequest
from gateway import sources
from gateway.auth import Caller, refuse_unfit
from gateway.bodies import Answered, FirstEvent, NewOrder, Printable, answered
from gateway.errors import OF_ANY_CALLER, problems
from starter import orders
from starter.contract_examples import ORDER, REQUEST, TASK

S = HTTPStatus
TRIES = 3  # at an id that no other order has: there are a thousand million a day
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Chosen by the caller: the same key again changes nothing and is answered the same, for 30 days.",
        examples=["chat-4711-order-1"],
    ),
    Printable,
]

router = APIRouter(prefix="/api", tags=["orders"])


class Started(BaseModel):
    """An order that was started."""

    order_id: str = Field(examples=[ORDER])
    tasks: list[str] = Field(description="Ids of its pictures, in the order they were named.", examples=[[TASK]])
    workflow_id: str = Field(description="Its workflow in Temporal.", examples=[ids.workflow_id(ORDER)])
    workflow_url: str = Field(description="Where Temporal's Web UI shows it.")
    answer: Answered | None = Field(default=None, description="What the update that came with it is answered.")


@router.post(
    "/orders",
    status_code=S.CREATED,
    responses=problems(
        *OF_ANY_CALLER,
        S.FORBIDDEN,
        S.CONFLICT,
        CONFLICT="The Idempotency-Key was used for another order",
    ),
)
async def start_order(
    request: Request,
    response: Response,
    who: Caller,
    order: Annotated[NewOrder, Body(openapi_examples={"usual": {"value": REQUEST}})],
    idempotency_key: IdempotencyKey = None,
) -> Started:
    """Start an order; its first event may come in the same call.

    Where the answer is lost, or says 503, ask again with the same Idempotency-Key: there will be one order.
    """
    sources.check(order)
    first = _first(order.event, who) if order.event else None
    wanted = _WantedOrder(request, who, order, first)
    started = await (wanted.start_once(idempotency_key) if idempotency_key else wanted.start())
    response.headers["Location"] = f"/api/orders/{started.order_id}"
    return started


def _first(event: FirstEvent, who: ApiKey) -> tuple[str, Event]:
    """Read the first event. Raises RequestValidationError, NotAllowed."""
    kind = SIGNALS[UPDATES.get(event.type, event.type)]
    try:
        message = kind.model_validate(event.payload)
    except ValidationError as error:
        place = ("body", "event", "payload")
        faults = [fault | {"loc": (*place, *fault["loc"])} for fault in error.errors(include_url=False)]
        raise RequestValidationError(faults) from error
    sources.check(message, "body", "event", "payload")
    refuse_unfit(who, event.type, message)
    return event.type, message


class _WantedOrder:
    """One request for an order, on its way to Temporal."""

    def __init__(self, request: Request, who: ApiKey, order: NewOrder, first: tuple[str, Event] | None) -> None:
        self._state = request.state
        self._who = who
        self._order = OrderRequest.model_validate(order.model_dump(exclude={"event"}))
        self._fingerprint = sha256(order.model_dump_json().encode()).hexdigest()
        self._first = first

    async def start(self) -> Started:
        """Start it under an id that no other order has."""
        for _ in range(TRIES):
            order_id = self._new_id()
            with suppress(WorkflowAlreadyStartedError):
                return await self._start(order_id, must_be_new=True)
        raise OutsideUnavailable("no free id for an order was found; ask again")

    async def start_once(self, key: str) -> Started:
        """Start it, unless the same key has started it already. Raises IdempotencyKeyReused."""
        keys: IdempotencyKeys = self._state.idempotency_keys
        scope = f"{self._who.name}: new orders"
        for _ in range(TRIES):
            use = await keys.remember(scope, key, self._fingerprint, self._new_id())
            if use.fingerprint != self._fingerprint:
                raise IdempotencyKeyReused(
                    f"the Idempotency-Key {key!r} was used for another order; choose another one"
                )
            try:
                return await self._start(use.order_id, must_be_new=use.is_new)
            except WorkflowAlreadyStartedError:
                if not use.is_new:  # it has lived and ended meanwhile
                    return self._started(use.order_id, None)
                await keys.forget(scope, key)  # another order bears that id
        raise OutsideUnavailable("no free id for an order was found; ask again")

    def _new_id(self) -> str:
        return orders.new_order_id(self._state.timezone)

    async def _start(self, order_id: str, *, must_be_new: bool) -> Started:
        if self._first and not self._first[1].event_id:
            self._first[1].event_id = f"first-{order_id}"  # the same when it is asked again
        client = await self._state.temporal.client()
        answer = await orders.start(client, order_id, self._order, first=self._first, must_be_new=must_be_new)
        if answer is None or self._first is None:
            return self._started(order_id, None)
        return self._started(order_id, answered(order_id, self._first[1].event_id, answer, self._state.phrases))

    def _started(self, order_id: str, answer: Answered | None) -> Started:
        tasks = [ids.task_id(order_id, number) for number in range(1, len(self._order.pictures) + 1)]
        url = self._state.views.workflow_url(order_id)
        return Started(
            order_id=order_id, tasks=tasks, workflow_id=ids.workflow_id(order_id), workflow_url=url, answer=answer
        )
