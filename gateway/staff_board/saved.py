"""Saved views: filters under a name, with how many orders match each."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qsl
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse

from adapters.db.saved_views import SavedView
from domain.bounds.limits import Line
from domain.vocabulary.errors import MalformedRequest
from gateway.staff_board import filters
from gateway.staff_board.context import context
from gateway.staff_board.session import Changing, Session

LONGEST_QUERY = 2000  # characters
ORDERS = "/staff/orders"

router = APIRouter(prefix="/staff/views", include_in_schema=False)


@dataclass(frozen=True)
class Counted:
    """A saved view, and how many orders match it now."""

    view: SavedView
    count: int


async def counted(request: Request, session: Session) -> Sequence[Counted]:
    """Return the views that a staff member sees."""
    shop = context(request)
    views = await shop.views.of(session.user.user_id)
    return [Counted(view, await shop.board.count(_address(request, view.query).wanted)) for view in views]


@router.post("")
async def save(
    request: Request,
    session: Changing,
    name: Annotated[Line, Form(min_length=1)],
    query: Annotated[str, Form(max_length=LONGEST_QUERY)],
    shared: Annotated[bool, Form()] = False,
) -> RedirectResponse:
    """Save the filters of an address under a name. Raises MalformedRequest if there are none."""
    address = _address(request, query)
    if not address.typed or not name.strip():
        raise MalformedRequest("set a filter and a name first")
    kept = address.query()
    await context(request).views.save(session.user.user_id, name.strip(), kept, is_shared=shared)
    return RedirectResponse(f"{ORDERS}?{kept}", HTTPStatus.SEE_OTHER)


@router.post("/{view_id}/delete")
async def delete(request: Request, session: Changing, view_id: UUID) -> RedirectResponse:
    """Delete a view."""
    await context(request).views.delete(session.user.user_id, view_id)
    return RedirectResponse(ORDERS, HTTPStatus.SEE_OTHER)


def _address(request: Request, query: str) -> filters.Address:
    return filters.read(dict(parse_qsl(query)), ZoneInfo(request.state.timezone))
