"""Exports of a user's records: CSV and JSON, streamed row by row, and a ZIP of the results."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import structlog
from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse
from zipstream import ZipStream

from adapters.storage.files import S3Files
from domain.task_history.plans import check_export
from domain.task_history.records import Task, TaskFilter
from domain.task_history.users import User
from gateway.errors import OF_ANY_CALLER, problems
from gateway.head import is_head
from gateway.task_history.bodies import TaskView, task_view
from gateway.task_history.context import HistoryContext, context
from gateway.task_history.filters import Filter
from gateway.task_history.signing_in import SignedIn

S = HTTPStatus
MOST_PICTURES = 2000  # in a ZIP
LINES_AT_ONCE = 100  # rows written to the client together
BOM = "\ufeff"  # without it Excel takes UTF-8 for another encoding
# Excel takes a cell that begins so for a formula, also after blanks or in full width (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
COLUMNS = (
    "created_at", "status", "task_type", "prompt", "aspect_ratio", "model_version", "tokens_used", "credits_deducted",
    "generation_time_ms", "favourite", "rating", "rating_comment", "error_message", "completed_at", "order_id", "id",
)  # fmt: skip
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
CANNOT_EXPORT = problems(*OF_ANY_CALLER, FORBIDDEN="The plan does not include exports")

log = structlog.get_logger("gateway")
router = APIRouter(prefix="/api/task-history", tags=["task history"])


@router.get(
    "/export",
    response_class=Response,
    responses={
        200: {
            "description": "All records that match, newest first",
            "content": {"text/csv": {"schema": {"type": "string"}}, "application/json": {"schema": {"type": "array"}}},
        },
        **CANNOT_EXPORT,
    },
)
async def export_tasks(
    request: Request,
    user: SignedIn,
    which: Filter,
    format: Annotated[Literal["csv", "json"], Query(description="csv opens in Excel.")] = "csv",  # noqa: A002 - in the URL
) -> Response:
    """Export all records that match as CSV or JSON, streamed."""
    history = context(request)
    check_export(history.plan(user))
    texts = _csv(request, user, which) if format == "csv" else _json(request, user, which)
    return await _streamed(request, texts, f"task-history.{format}", TYPES[format])


async def _streamed(request: Request, pieces: AsyncIterator[str], name: str, media_type: str) -> Response:
    """Return a file that is written while it is read. An error before its first piece is a problem, not half a file."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Accel-Buffering": "no"}
    if is_head(request):
        return Response(headers=headers, media_type=media_type)
    first = await anext(pieces)

    async def whole() -> AsyncIterator[str]:
        yield first
        async for piece in pieces:
            yield piece

    return StreamingResponse(whole(), headers=headers, media_type=media_type)


async def _csv(request: Request, user: User, which: TaskFilter) -> AsyncIterator[str]:
    zone = ZoneInfo(request.state.timezone)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    text.write(BOM)
    writer.writerow(COLUMNS)
    async for tasks in _portions(context(request), user, which):
        writer.writerows([defused(_shown(getattr(task, name), zone)) for name in COLUMNS] for task in tasks)
        yield _taken(text)
    yield _taken(text)  # the head, if there are no records


def _taken(text: io.StringIO) -> str:
    taken = text.getvalue()
    text.seek(0)
    text.truncate()
    return taken


async def _json(request: Request, user: User, which: TaskFilter) -> AsyncIterator[str]:
    history, separator = context(request), "[\n"
    async for tasks in _portions(history, user, which):
        yield separator + ",\n".join(_json_of(task_view(history, task)) for task in tasks)
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def _json_of(view: TaskView) -> str:
    return json.dumps(view.model_dump(mode="json"), ensure_ascii=False)


async def _portions(history: HistoryContext, user: User, which: TaskFilter) -> AsyncIterator[Sequence[Task]]:
    portion: list[Task] = []
    async for task in history.reader.stream(user, which):
        portion.append(task)
        if len(portion) == LINES_AT_ONCE:
            yield portion
            portion = []
    if portion:
        yield portion


def _shown(value: object, zone: ZoneInfo) -> str:
    """Return a cell: times without a zone, as Excel reads them, in the shop's zone."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else ""
        case datetime():
            return f"{value.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    return str(value)


def defused(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: with an apostrophe in front, if it could be one."""
    return f"'{cell}" if cell.lstrip(" \u3000").startswith(FORMULA) or cell.startswith(FORMULA) else cell


@router.get(
    "/export/images.zip",
    response_class=Response,
    responses={200: {"description": "The results", "content": {"application/zip": {}}}, **CANNOT_EXPORT},
)
async def export_images(request: Request, user: SignedIn, which: Filter) -> Response:
    """Export the results of all records that match as a ZIP, streamed. Images that storage lacks are left out."""
    history = context(request)
    check_export(history.plan(user))
    named = await _named(history, user, which, ZoneInfo(request.state.timezone))
    headers = {"Content-Disposition": 'attachment; filename="task-history-images.zip"', "X-Accel-Buffering": "no"}
    if is_head(request):
        return Response(headers=headers, media_type="application/zip")
    pieces = zipped(request.state.files, named)  # read in a thread, as it is not asynchronous
    first = await asyncio.to_thread(next, pieces, b"")
    return StreamingResponse(_beginning_with(first, pieces), headers=headers, media_type="application/zip")


def _beginning_with(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


async def _named(history: HistoryContext, user: User, which: TaskFilter, zone: ZoneInfo) -> list[tuple[str, str]]:
    """Return the keys of the results with their names in the ZIP. Raises HTTPException if there are too many."""
    found: list[tuple[str, str]] = []
    async for task in history.reader.stream(user, which):
        if task.aws_generated_key:
            found.append((task.aws_generated_key, _name(task, zone)))
        if len(found) > MOST_PICTURES:
            told = f"more than {MOST_PICTURES:,} images match: choose fewer days, and export them one after another"
            raise HTTPException(S.UNPROCESSABLE_ENTITY, told)
    return found


def _name(task: Task, zone: ZoneInfo) -> str:
    """Return `2026-11-30_142501_image_edit_1a2b3c4d.png`: when and what, and enough of the id to be unique."""
    assert task.aws_generated_key
    ending = task.aws_generated_key.rpartition(".")[2]
    return f"{task.created_at.astimezone(zone):%Y-%m-%d_%H%M%S}_{task.task_type}_{task.id.hex[-8:]}.{ending}"


def zipped(files: S3Files, named: Sequence[tuple[str, str]]) -> Iterator[bytes]:
    """Yield a ZIP of files in storage, uncompressed, as images are compressed already. One piece is held at a time."""
    archive = ZipStream()
    for key, name in named:
        with suppress(KeyError):
            archive.add(files.pieces(key), name)
            yield from archive.file()
    yield from archive.finalize()
