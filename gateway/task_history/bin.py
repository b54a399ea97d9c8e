"""Deletes several records at once, which can be undone for ten seconds."""

import asyncio
from datetime import timedelta
from http import HTTPStatus

import structlog
from fastapi import APIRouter, Request

from adapters.storage.files import S3Files
from domain.task_history.records import GRACE, UNDO
from domain.task_history.users import User
from domain.vocabulary.errors import OutsideRefused, OutsideUnavailable
from gateway.errors import OF_ANY_CALLER, problems
from gateway.task_history.bodies import BinnedView, RestoredView, TaskIds, binned_view
from gateway.task_history.context import HistoryContext, context
from gateway.task_history.pictures import delete_folders, folder
from gateway.task_history.signing_in import SignedIn

S = HTTPStatus
AFTER = UNDO + GRACE + timedelta(seconds=1)

log = structlog.get_logger("gateway")
router = APIRouter(prefix="/api/task-history", tags=["task history"])
_emptying: set[asyncio.Task[None]] = set()  # the event loop holds only weak references


@router.post("/tasks/bulk-delete", responses=problems(*OF_ANY_CALLER))
async def delete_tasks(request: Request, user: SignedIn, body: TaskIds) -> BinnedView:
    """Delete records with their files. For ten seconds `bulk-restore` brings them back."""
    history = context(request)
    binned = await history.tasks.put_in_bin(user, body.ids)
    if binned.count:
        emptying = asyncio.create_task(_empty_later(history, request.state.files, user))
        _emptying.add(emptying)
        emptying.add_done_callback(_emptying.discard)
    return binned_view(binned)


@router.post(
    "/tasks/bulk-restore",
    responses=problems(*OF_ANY_CALLER, S.CONFLICT, CONFLICT="The ten seconds are over"),
)
async def restore_tasks(request: Request, user: SignedIn, body: TaskIds) -> RestoredView:
    """Bring records back that were deleted less than ten seconds ago."""
    return RestoredView(count=await context(request).tasks.take_out_of_bin(user, body.ids))


async def _empty_later(history: HistoryContext, files: S3Files, user: User) -> None:
    """Delete what is in the bin for good. If this gateway stops before, upkeep does it."""
    await asyncio.sleep(AFTER.total_seconds())
    await empty(history, files, user)


async def empty(history: HistoryContext, files: S3Files, user: User) -> None:
    """Delete the records whose ten seconds are over, and their files. Best effort: upkeep deletes what is left."""
    try:
        gone = await history.tasks.empty_bin(user)
    except (OutsideUnavailable, OutsideRefused) as error:
        log.warning("the bin of a user is left to upkeep", error=repr(error))
        return
    await delete_folders(files, [folder(user, task.id) for task in gone])
