"""Where a user is signed in, and ending that elsewhere."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from gateway.history_page import rendering
from gateway.history_page.session import Changing, SignedIn
from gateway.task_history.context import context

PATH = "/history/sessions"

router = APIRouter(prefix=PATH, include_in_schema=False)


@router.get("")
async def page(request: Request, session: SignedIn) -> HTMLResponse:
    """Show the browsers in which the user is signed in."""
    found = await context(request).sessions.of(session.found)
    return rendering.render(request, "sessions.html", csrf=session.csrf, this=session.found, sessions=found)


@router.post("/end")
async def end(
    request: Request, session: Changing, session_id: Annotated[UUID | None, Form()] = None
) -> RedirectResponse:
    """End a session of the user; without an id all but this one."""
    book, this = context(request).sessions, session.found
    await book.end(this, [session_id] if session_id else await book.others(this))
    return RedirectResponse(PATH, HTTPStatus.SEE_OTHER)
