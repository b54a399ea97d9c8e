"""What users do with their records: favourite, rate, delete, undo."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from domain.task_history.records import LONGEST_COMMENT
from gateway.history_page import rendering
from gateway.history_page.session import Changing
from gateway.task_history import bin as bin_routes
from gateway.task_history.bodies import BinnedView, RestoredView, TaskIds
from gateway.task_history.context import context

router = APIRouter(prefix="/history", include_in_schema=False)


@router.post("/records/{task_id}/favourite")
async def mark_favourite(
    request: Request, session: Changing, task_id: UUID, favourite: Annotated[bool, Form()]
) -> HTMLResponse:
    """Mark a record as a favourite or not; return its card, and to the viewer also its button."""
    task = await context(request).tasks.mark_favourite(session.user, task_id, favourite)
    return rendering.render(request, "favourite.html", task=task, is_card=rendering.target(request).startswith("t"))


@router.post("/records/{task_id}/rating")
async def rate(
    request: Request,
    session: Changing,
    task_id: UUID,
    rating: Annotated[int, Form(ge=1, le=5)],
    comment: Annotated[str, Form(max_length=LONGEST_COMMENT)] = "",
) -> HTMLResponse:
    """Rate a result."""
    task = await context(request).tasks.rate(session.user, task_id, rating, comment.strip() or None)
    return rendering.render(request, "rating.html", task=task, csrf=session.csrf, is_rated=True)


@router.post("/bin")
async def delete(request: Request, session: Changing, chosen: TaskIds) -> BinnedView:
    """Delete records; for ten seconds they can be taken back."""
    return await bin_routes.delete_tasks(request, session.user, chosen)


@router.post("/bin/undo")
async def undo(request: Request, session: Changing, chosen: TaskIds) -> RestoredView:
    """Take deleted records back. Raises UndoExpired."""
    return await bin_routes.restore_tasks(request, session.user, chosen)
