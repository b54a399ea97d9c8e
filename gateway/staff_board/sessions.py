"""Where a staff member is signed in, and ending that elsewhere."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from gateway.staff import session_of
from gateway.staff_board.context import context
from gateway.staff_board.routes import show
from gateway.staff_board.session import Changing, SignedIn
from gateway.task_history.context import context as history_context

PATH = "/staff/sessions"

router = APIRouter(prefix=PATH, include_in_schema=False)


@router.get("")
async def page(request: Request, session: SignedIn) -> HTMLResponse:
    """Show the browsers in which the staff member is signed in."""
    this = await session_of(request)
    return await show(
        request, session, "sessions.html", this=this, sessions=await history_context(request).sessions.of(this),
        figures=await context(request).board.figures(datetime.now(UTC)),
    )  # fmt: skip


@router.post("/end")
async def end(request: Request, _: Changing, session_id: Annotated[UUID | None, Form()] = None) -> RedirectResponse:
    """End a session of the staff member; without an id all but this one."""
    book, this = history_context(request).sessions, await session_of(request)
    await book.end(this, [session_id] if session_id else await book.others(this))
    return RedirectResponse(PATH, HTTPStatus.SEE_OTHER)
