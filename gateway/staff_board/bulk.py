"""One action on several orders: first what will happen to each, then what happened to each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from domain.bounds.limits import Line
from domain.order.staff_acts import Action
from domain.vocabulary.errors import MalformedRequest, OrderMovedOn, OutsideUnavailable
from gateway.bodies import OrderId
from gateway.staff_board.context import context
from gateway.staff_board.offers import offers
from gateway.staff_board.routes import BULK, needs_of, show
from gateway.staff_board.session import Changing, Session
from starter import acting
from starter.failures import NoSuchOrder

MOST = 50  # orders at once
FAILED: Mapping[type[Exception], str] = {  # texts of what came of an action, by the error
    OrderMovedOn: "moved_on",
    NoSuchOrder: "gone",
    MalformedRequest: "refused",
    TimeoutError: "no_answer",
    ConnectionError: "no_answer",
    OutsideUnavailable: "no_answer",
}

log = structlog.get_logger("gateway")
router = APIRouter(prefix="/staff/bulk", include_in_schema=False)


@dataclass(frozen=True)
class Planned:
    """An order of a bulk action: what will happen to it, or did; `outcome` is the key of a text."""

    order_id: str
    version: int
    task_id: str
    outcome: str
    why: str = ""


@router.post("/{action}")
async def preview(
    request: Request, session: Changing, action: Action, order: Annotated[list[OrderId], Form(max_length=MOST)]
) -> HTMLResponse:
    """Show what an action will do to each of these orders, and ask for the reason."""
    plans = [await _planned(request, _allowed(action), name) for name in dict.fromkeys(order)]
    return await _page(request, session, action, plans, is_done=False)


@router.post("/{action}/confirmed")
async def act(
    request: Request,
    session: Changing,
    action: Action,
    act_id: Annotated[str, Form(pattern=r"^[0-9a-f-]{8,40}$")],
    plan: Annotated[list[str], Form(max_length=MOST)],
    reason: Annotated[Line, Form(min_length=1)],
) -> HTMLResponse:
    """Do an action to each order as it was shown, one after the other, and show what came of each."""
    done = []
    for one in map(_read, plan):
        said = {"reason": reason, "task_id": one.task_id}
        done.append(await _done(request, session, _allowed(action), f"{act_id}-{one.order_id}", one, **said))
    log.info("staff acted on several orders", action=action, orders=len(done), user=str(session.user.user_id))
    return await _page(request, session, action, done, is_done=True)


def _allowed(action: Action) -> Action:
    if action not in BULK:
        raise MalformedRequest(f"{action} is for one order at a time")
    return action


async def _planned(request: Request, action: Action, order_id: str) -> Planned:
    """Return what will happen to an order. One in which several pictures could be meant is left out."""
    found = await context(request).board.order(order_id)
    if found is None:
        return Planned(order_id, 0, "", "gone")
    kinds = [need.kind for need in await needs_of(request, found, datetime.now(UTC))]
    offer = next((one for one in offers(found.order, found.pictures, kinds) if one.action is action), None)
    if offer is None:
        return Planned(order_id, 0, "", "senseless")
    if len(offer.tasks) > 1:
        return Planned(order_id, 0, "", "several_pictures")
    return Planned(order_id, found.order["version"], next(iter(offer.tasks), ""), "planned")


async def _done(
    request: Request, session: Session, action: Action, act_id: str, plan: Planned, **fields: Any
) -> Planned:
    try:
        made = acting.act(action, act_id, seen_version=plan.version, by=session.name, **fields)
        answer = await acting.send(await request.state.temporal.client(), plan.order_id, made)
    except tuple(FAILED) as error:
        return replace(plan, outcome=next(text for kind, text in FAILED.items() if isinstance(error, kind)))
    if answer.accepted:
        return replace(plan, outcome="finished")
    return replace(plan, outcome="refused", why=request.state.phrases.said(answer.reason) if answer.reason else "")


def _read(written: str) -> Planned:
    """Return a plan as the page wrote it: order, version, task. Raises MalformedRequest."""
    order_id, _, rest = written.partition(" ")
    version, _, task_id = rest.partition(" ")
    if not (version.isdecimal() and len(written) <= MOST * 10 and order_id.isprintable()):
        raise MalformedRequest("a plan is an order, its version and a task")
    return Planned(order_id, int(version), task_id, "")


async def _page(
    request: Request, session: Session, action: Action, plans: list[Planned], *, is_done: bool
) -> HTMLResponse:
    figures = await context(request).board.figures(datetime.now(UTC))
    values = {"action": action, "plans": plans, "is_done": is_done, "act_id": str(uuid4()), "figures": figures}
    return await show(request, session, "bulk.html", 200, **values)
