"""Routes to create, list, read, mark and delete records."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError

from adapters.storage.files import S3Files
from domain.task_history import cursor as cursors
from domain.task_history.records import MOST_IDS
from gateway.errors import OF_ANY_CALLER, problems
from gateway.once import IdempotencyKey
from gateway.task_history import creating
from gateway.task_history.bodies import (
    TASK_ID,
    FavouriteBody,
    NewTaskBody,
    RatingBody,
    TaskList,
    TaskPlace,
    TaskPlaces,
    TaskView,
    task_list,
    task_view,
)
from gateway.task_history.context import context
from gateway.task_history.filters import Filter
from gateway.task_history.pictures import delete_folders
from gateway.task_history.signing_in import SignedIn

S = HTTPStatus
TaskId = Annotated[UUID, Path(description="Id of a record.", examples=[TASK_ID])]
UNKNOWN = problems(*OF_ANY_CALLER, S.NOT_FOUND, NOT_FOUND="The user has no such record")

router = APIRouter(prefix="/api/task-history", tags=["task history"])


@router.post(
    "/tasks",
    status_code=S.CREATED,
    responses=problems(
        *OF_ANY_CALLER,
        S.PAYMENT_REQUIRED,
        S.CONFLICT,
        PAYMENT_REQUIRED="The plan's records or credits of this month are used up",
        CONFLICT="The Idempotency-Key was already used for another record",
    ),
)
async def create_task(
    request: Request,
    response: Response,
    user: SignedIn,
    task: Annotated[NewTaskBody, Body()],
    idempotency_key: IdempotencyKey = None,
) -> TaskView:
    """Create a pending record. It is charged by the shop's price list; if the task fails, that is refunded."""
    created = await creating.create(request, user, task.task(), idempotency_key)
    response.headers["Location"] = f"/api/task-history/tasks/{created.id}"
    return task_view(context(request), created)


@router.get("/tasks", responses=problems(*OF_ANY_CALLER))
async def list_tasks(
    request: Request,
    user: SignedIn,
    which: Filter,
    page: Annotated[int | None, Query(ge=1, le=1_000_000, description="Number of the page; 1 is the newest.")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Records on a page.")] = 50,
    cursor: Annotated[
        str | None,
        Query(max_length=200, description="`next_cursor` of the previous page: as quick and stable on any page."),
    ] = None,
) -> TaskList:
    """List the user's records, newest first."""
    history = context(request)
    _check(page, cursor)
    found = await history.reader.page(user, which, limit=limit, page=None if cursor else page or 1, cursor=cursor)
    return task_list(history, found, limit)


def _check(page: int | None, cursor: str | None) -> None:
    """Raise RequestValidationError for an invalid cursor, or one together with a page."""
    told = "send either `page` or `cursor`" if page and cursor else ""
    if cursor and not told:
        try:
            cursors.decode(cursor)
        except ValueError:
            told = "invalid cursor (use `next_cursor` of the previous page)"
    if told:
        raise RequestValidationError([{"loc": ("query", "cursor"), "msg": told, "type": "value_error"}])


@router.get("/tasks/ids", responses=problems(*OF_ANY_CALLER))
async def list_ids(request: Request, user: SignedIn, which: Filter) -> TaskPlaces:
    """List the ids of all records that match, newest first, with the day and shape of each."""
    found = await context(request).reader.ids(user, which, most=MOST_IDS)
    places = [TaskPlace(id=one.task_id, day=one.day, aspect_ratio=one.aspect_ratio) for one in found]
    return TaskPlaces(tasks=places, total=len(places), is_complete=len(places) < MOST_IDS)


@router.get("/tasks/{task_id}", responses=UNKNOWN)
async def read_task(request: Request, user: SignedIn, task_id: TaskId) -> TaskView:
    """Return a record."""
    history = context(request)
    return task_view(history, await history.tasks.task(user, task_id))


@router.delete("/tasks/{task_id}", status_code=S.NO_CONTENT, responses=UNKNOWN)
async def delete_task(request: Request, user: SignedIn, task_id: TaskId) -> None:
    """Delete a record and its files. It cannot be undone, and gives no quota back."""
    files: S3Files = request.state.files
    await delete_folders(files, await context(request).tasks.delete(user, task_id))


@router.put("/tasks/{task_id}/favourite", responses=UNKNOWN)
async def mark_favourite(request: Request, user: SignedIn, task_id: TaskId, body: FavouriteBody) -> TaskView:
    """Mark a record as a favourite, or remove the mark."""
    history = context(request)
    return task_view(history, await history.tasks.mark_favourite(user, task_id, body.favourite))


@router.put("/tasks/{task_id}/rating", responses=UNKNOWN)
async def rate_task(request: Request, user: SignedIn, task_id: TaskId, body: RatingBody) -> TaskView:
    """Rate a result from 1 to 5, with a comment. Ratings count in the staff's quality figures."""
    history = context(request)
    return task_view(history, await history.tasks.rate(user, task_id, body.rating, body.comment))
