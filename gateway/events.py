"""Routes for events to an order, or to a customer's order: one route per signal and per update."""

from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, cast
from uuid import uuid4

from fastapi import APIRouter, Body, Request

from adapters.db.keys import ApiKey
from domain.order.messages import SIGNALS, UPDATES, Event
from gateway import scopes, sources
from gateway.auth import Caller
from gateway.bodies import EVENTS, Answered, CustomerId, Heard, OrderId, ShopId, answered, kept
from gateway.customers_order import order_of_customer
from gateway.errors import OF_ANY_CALLER, problems
from starter import orders, routing
from starter.contract.examples import SIGNAL_EXAMPLES, UPDATE_EXAMPLES
from starter.failures import NoSuchOrder

S = HTTPStatus
OF_AN_ORDER = problems(*OF_ANY_CALLER)
OF_A_CUSTOMER = OF_AN_ORDER | problems(
    S.NOT_FOUND,
    S.CONFLICT,
    NOT_FOUND="No order of the customer waits for this event",
    CONFLICT="Several orders started at the same moment wait for it: name one",
)
Send = Callable[[Request, str, str, Any], Awaitable[Any]]


async def signal(request: Request, order_id: str, name: str, event: Event) -> Heard:
    """Send a signal; if no such order is open, the event is kept for staff."""
    client = await request.state.temporal.client()
    is_heard = await orders.send_or_keep(client, order_id, name, event)
    return Heard(order_id=order_id, event_id=event.event_id, outcome="heard" if is_heard else "kept")


async def update(request: Request, order_id: str, name: str, event: Event) -> Answered:
    """Send an update and return its outcome; if no such order is open, the event is kept for staff."""
    client = await request.state.temporal.client()
    try:
        answer = await orders.update(client, order_id, name, event)
    except NoSuchOrder:
        await orders.keep(client, order_id, UPDATES[name], event)
        return kept(order_id, event.event_id)
    return answered(order_id, event.event_id, answer, request.state.phrases)


async def _check(request: Request, who: ApiKey, name: str, event: Event) -> None:
    scopes.refuse_unfit(who, name, event)
    event.event_id = event.event_id or f"api-{uuid4()}"
    await sources.check(request, event)


def _to_an_order(name: str, body: Any, send: Send) -> Callable[..., Awaitable[Any]]:
    async def take(request: Request, who: Caller, order_id: OrderId, event: body) -> Any:
        await _check(request, who, name, cast("Event", event))
        return await send(request, order_id, name, event)

    return take


def _to_a_customers_order(name: str, body: Any, send: Send) -> Callable[..., Awaitable[Any]]:
    async def take(
        request: Request,
        who: Caller,
        customer_id: CustomerId,
        event: body,
        acc_id: ShopId = None,
    ) -> Any:
        await _check(request, who, name, cast("Event", event))
        said = UPDATES.get(name, name)  # an update is routed like its signal
        key = cast("Event", event).event_id
        reach = None if scopes.is_bot(who) else partial(scopes.own, request, who)
        order_id = await order_of_customer(request, who.name, said, customer_id, acc_id, key, reach)
        request.scope["order_id"] = order_id  # for the access log
        return await send(request, order_id, name, event)

    return take


def _add(router: APIRouter, path: str, name: str, send: Send, example: dict[str, Any]) -> None:
    kind = SIGNALS[UPDATES.get(name, name)]
    body = Annotated[kind, Body(openapi_examples={"usual": {"value": example}})]  # type: ignore[valid-type] # a type from a table
    of_a_customer = "{customer_id" in path
    make = _to_a_customers_order if of_a_customer else _to_an_order
    router.add_api_route(
        f"{path}/{name}",
        make(name, body, send),
        methods=["POST"],
        status_code=S.ACCEPTED if send is signal else S.OK,
        response_model=Heard if send is signal else Answered,
        responses=OF_A_CUSTOMER if of_a_customer else OF_AN_ORDER,
        name=f"{name}_of_customer" if of_a_customer else name,
        summary=name.replace("_", " ").capitalize() + (" (the customer's order)" if of_a_customer else ""),
        description=kind.__doc__,
        tags=[tag_of(send)],
    )


def tag_of(send: Send) -> str:
    """Return the OpenAPI tag of the routes."""
    return "events" if send is signal else "updates (answered)"


def build() -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/api")
    for name in EVENTS:
        _add(router, "/orders/{order_id}/events", name, signal, SIGNAL_EXAMPLES[name])
    for name in UPDATES:
        _add(router, "/orders/{order_id}/updates", name, update, UPDATE_EXAMPLES[name])
    for name in EVENTS:
        if name in routing.ROUTES:
            _add(router, "/customers/{customer_id:path}/events", name, signal, SIGNAL_EXAMPLES[name])
    for name, says in UPDATES.items():
        if says in routing.ROUTES:
            _add(router, "/customers/{customer_id:path}/updates", name, update, UPDATE_EXAMPLES[name])
    return router


router = build()
