"""What changes in a user's records, as Server-Sent Events: ids and revisions, from which the page shows cards anew."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.responses import Response, StreamingResponse

from domain.task_history.records import Task
from domain.vocabulary.errors import OutsideUnavailable, TokenRefused
from gateway.head import is_head
from gateway.history_page.session import Session, SignedIn, session_of
from gateway.stream import AFTER_FAILURE_SECONDS, LOOK_SECONDS, STREAM_TYPE
from gateway.task_history.context import context

MOST = 100  # records in one event
REVISION = re.compile(r"[0-9]{1,18}")
Revision = Annotated[int, Query(ge=0, lt=10**18)]

router = APIRouter(prefix="/history", include_in_schema=False)


@router.get("/changes")
async def changes(request: Request, session: SignedIn, after: Revision) -> Response:
    """Return what has changed after a revision, at most 100 records."""
    return JSONResponse(_told(await context(request).reader.changes(session.user, after, MOST)))


@router.get("/live")
async def live(
    request: Request, session: SignedIn, after: Revision, last_event_id: Annotated[str, Header()] = ""
) -> Response:
    """Follow the changes after a revision: `records` events, whose id is the newest revision, and `end` at sign-out."""
    last = int(last_event_id) if REVISION.fullmatch(last_event_id) else after
    headers = {"X-Accel-Buffering": "no"}  # else nginx buffers it
    lines = iter(()) if is_head(request) else _stream(request, session, last)
    return StreamingResponse(lines, headers=headers, media_type=STREAM_TYPE)


async def _stream(request: Request, session: Session, told: int) -> AsyncIterator[bytes]:
    feed = request.state.history_feed
    yield KEEPALIVE_COMMENT  # headers and this at once: the browser knows that it is connected
    with feed.watching(str(session.user.user_id)) as changed:
        while not feed.is_stopping:
            changed.clear()
            try:
                await session_of(request)  # it may have ended
                # Shielded: cancelling a read midway (the client left) would drop the database connection from the pool.
                found = await asyncio.shield(context(request).reader.changes(session.user, told, MOST))
            except TokenRefused:
                yield format_sse_event(data_str="{}", event="end")
                return
            except (OutsideUnavailable, ConnectionError, TimeoutError):
                yield KEEPALIVE_COMMENT
                await _news(changed, AFTER_FAILURE_SECONDS)
                continue
            if found:
                told = found[-1].revision
                yield format_sse_event(data_str=json.dumps(_told(found)), event="records", id=str(told))
            if len(found) < MOST and not await _news(changed, LOOK_SECONDS):
                yield KEEPALIVE_COMMENT


def _told(tasks: Sequence[Task]) -> list[dict[str, Any]]:
    return [
        {"id": str(one.id), "revision": one.revision, "status": one.status, "is_deleted": one.deleted_at is not None}
        for one in tasks
    ]


async def _news(changed: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
    except TimeoutError:
        return False
    return True
