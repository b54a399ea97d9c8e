"""The page itself, and the parts of it that its scripts ask for."""

from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from itertools import groupby
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.responses import Response

from domain.task_history.records import Task, TaskRef, TaskStatus, TaskType
from gateway.history_page import figures, filters, images, rendering, views
from gateway.history_page.session import SignedIn
from gateway.task_history.context import context

PAGE_SIZE = 50
MOST_IDS = 10_000  # in the list; older records are found by dates
MOST_CARDS = 200  # in one request

router = APIRouter(prefix="/history", include_in_schema=False)


@router.get("/")
async def index(request: Request, session: SignedIn) -> HTMLResponse:
    """Show the page, with the records of one page; scripts fill in the rest of the list."""
    asked = filters.read(request.query_params)
    query = filters.query_of(asked.filter)
    revision = await context(request).reader.latest_revision(session.user)  # before the records: changes are told twice
    page = await context(request).reader.page(session.user, asked.filter, limit=PAGE_SIZE, page=asked.page)
    usage = await context(request).usage.of(session.user, session.plan)
    return rendering.render(
        request,
        "page.html",
        storage=await images.origin(request),
        csrf=session.csrf,
        user_tag=sha256(f"tag {session.user.user_id}".encode()).hexdigest()[:16],
        revision=revision,
        page=page,
        days=list(views.by_days(page.tasks, request.state.timezone)),
        page_size=PAGE_SIZE,
        page_query=partial(_page_query, asked),
        filter=asked.filter,
        misread=asked.misread,
        query=query,
        quick=filters.quick_choices(asked.filter, rendering.today(request)),
        statuses=list(TaskStatus),
        types=list(TaskType),
        may_export=session.plan.may_export,
        plan_name=context(request).plan_name(session.user),
        usage=usage,
        **await views.statistics(request, session, asked.filter),
    )


@router.get("/statistics")
async def statistics(request: Request, session: SignedIn) -> HTMLResponse:
    """Return the statistics anew."""
    asked = filters.read(request.query_params)
    return rendering.render(request, "statistics.html", **await views.statistics(request, session, asked.filter))


@router.get("/ids")
async def ids(request: Request, session: SignedIn) -> Response:
    """Return the ids of all records that match, newest first, by days with their headings."""
    asked = filters.read(request.query_params)
    found: Sequence[TaskRef] = await context(request).reader.ids(session.user, asked.filter, MOST_IDS)
    texts, today = rendering.texts_of(request), rendering.today(request)
    days = [
        {
            "name": figures.day_name(texts, day, today),
            "day": day.isoformat(),
            "ids": [str(one.task_id) for one in of_day],
        }
        for day, of_day in groupby(found, lambda one: one.day)
    ]
    return JSONResponse(days, headers={"Vary": "Accept-Language, Cookie"})


@router.get("/cards")
async def cards(
    request: Request, session: SignedIn, ids: Annotated[str, Query(max_length=40 * MOST_CARDS)] = ""
) -> HTMLResponse:
    """Return the cards of these records, those that exist, in this order."""
    found: Sequence[Task] = await context(request).reader.range(session.user, filters.ids_of(ids, MOST_CARDS))
    return rendering.render(request, "cards.html", tasks=found)


@router.get("/records/{task_id}")
async def record(request: Request, session: SignedIn, task_id: UUID) -> HTMLResponse:
    """Show a record: its images side by side, and what is known of it."""
    task: Task = await context(request).tasks.task(session.user, task_id)
    values: dict[str, Any] = {"task": task, "csrf": session.csrf, "is_rated": False}
    if rendering.is_fragment(request):
        return rendering.render(request, "record.html", **values)
    before, after = await context(request).reader.around(session.user, filters.read({}).filter, task_id)
    values |= {"before": before, "after": after, "storage": await images.origin(request)}
    return rendering.render(request, "record_page.html", **values)


def _page_query(asked: filters.Address, page: int) -> str:
    return filters.query_of(asked.filter, page=page)
