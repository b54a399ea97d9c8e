"""What staff do with an order on the board: a form becomes an action on the version of the order that they saw."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from domain.bounds.limits import Line
from domain.order.staff_acts import Action
from domain.vocabulary.errors import MalformedRequest, OrderMovedOn
from gateway.bodies import OrderId
from gateway.staff_board import filters, rendering
from gateway.staff_board.offers import FIELDS
from gateway.staff_board.routes import needing, order_page
from gateway.staff_board.session import Changing
from gateway.uploads import UploadedFile, take_finished
from starter import acting
from starter.failures import NoSuchOrder

S = HTTPStatus

log = structlog.get_logger("gateway")
router = APIRouter(prefix="/staff", include_in_schema=False)


@router.post("/orders/{order_id}/actions/{action}")
async def act(
    request: Request,
    session: Changing,
    order_id: OrderId,
    action: Action,
    act_id: Annotated[str, Form(pattern=r"^[0-9a-f-]{8,40}$")],
    seen_version: Annotated[int, Form(ge=0)],
    seen_serial: Annotated[int, Form(ge=0)],
    reason: Annotated[Line, Form()] = "",
    task_id: Annotated[str, Form(max_length=100)] = "",
    then: Annotated[Literal["", "next"], Form()] = "",
) -> Response:
    """Do an action, and show the order: as it is afterwards, or what changed meanwhile if it was refused."""
    form = await request.form()
    fields = {name: str(form.get(name, ""))[:2048] for name in FIELDS.get(action, ())}
    typed = {**fields, "reason": reason, "task_id": task_id, "action": str(action)}
    try:
        made = acting.act(
            action, act_id, seen_version=seen_version, by=session.name, reason=reason, task_id=task_id, **fields
        )
        answer = await acting.send(await request.state.temporal.client(), order_id, made)
    except OrderMovedOn:
        return await order_page(request, session, order_id, S.CONFLICT, seen_serial=seen_serial, typed=typed)
    except MalformedRequest as error:
        return await order_page(request, session, order_id, S.UNPROCESSABLE_ENTITY, refused=str(error), typed=typed)
    except NoSuchOrder:
        closed = rendering.own(request).text("closed")
        return await order_page(request, session, order_id, S.CONFLICT, refused=closed, typed=typed)
    log.info("staff acted", order_id=order_id, action=action, user=str(session.user.user_id))
    if not answer.accepted:
        why = request.state.phrases.said(answer.reason) if answer.reason else ""
        return await order_page(request, session, order_id, S.CONFLICT, refused=why or "-", typed=typed)
    place = await _next(request, order_id) if then == "next" else f"/staff/orders/{order_id}"
    return RedirectResponse(f"{place}?done={action}", S.SEE_OTHER)


@router.post("/uploads")
async def upload(request: Request, _: Changing) -> UploadedFile:
    """Store a finished file, for an action that submits it. The form is read only once its sender is known."""
    return await take_finished(request)


async def _next(request: Request, order_id: str) -> str:
    """Return the address of the order that needs staff next; that of the queue if there is no other."""
    address = filters.read({}, ZoneInfo(request.state.timezone))
    cards = await needing(request, address, datetime.now(UTC))
    others = [name for card in cards if (name := card.order["order_id"]) != order_id]
    return f"/staff/orders/{others[0]}" if others else "/staff/"
