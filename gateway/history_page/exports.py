"""Exports of what the page's filters show, as the API makes them."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.history_page import filters
from gateway.history_page.session import SignedIn
from gateway.task_history import exports

router = APIRouter(prefix="/history", include_in_schema=False)


@router.get("/export.csv")
async def csv(request: Request, session: SignedIn) -> Response:
    """Export records as CSV. Raises PlanForbids, MalformedRequest."""
    return await exports.export_tasks(request, session.user, filters.read_strictly(request.query_params), "csv")


@router.get("/export.json")
async def json(request: Request, session: SignedIn) -> Response:
    """Export records as JSON. Raises PlanForbids, MalformedRequest."""
    return await exports.export_tasks(request, session.user, filters.read_strictly(request.query_params), "json")


@router.get("/images.zip")
async def images(request: Request, session: SignedIn) -> Response:
    """Export the results as a ZIP. Raises PlanForbids, MalformedRequest."""
    return await exports.export_images(request, session.user, filters.read_strictly(request.query_params))
