"""An order's live stream as Server-Sent Events: its journal lines, and its state after each."""

import asyncio
import re
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from adapters.db.feed import OrderFeed
from adapters.db.reading import MOST_LINES, OrderReader
from domain.vocabulary.errors import OutsideUnavailable
from domain.vocabulary.trail import JournalEntry
from gateway import progress
from gateway.auth import Caller
from gateway.bodies import OrderId
from gateway.errors import OF_ANY_CALLER, problems
from gateway.head import is_head
from gateway.reading import view, view_of
from gateway.views import OrderView

LOOK_SECONDS = 15.0  # without news: a comment keeps the connection open, and missed changes are found
PROGRESS_SECONDS = 1.5  # between progress updates
IDLE_SECONDS = 5.0  # the same while nothing is being made
AFTER_FAILURE_SECONDS = 2.0
CLOSED = "closed"  # the last line of a journal; only late events follow
SERIAL = re.compile(r"[1-9][0-9]{0,8}")
STREAM_TYPE = "text/event-stream"
STREAM = {STREAM_TYPE: {"schema": {"type": "string"}, "example": "id: 3\nevent: journal\ndata: {...}\n\n"}}

router = APIRouter(prefix="/api", tags=["orders"])


@router.get(
    "/orders/{order_id}/events",
    response_class=StreamingResponse,  # with FastAPI's own class a route could not answer 204 or 404
    responses={
        200: {
            "description": "`journal`, `order` and `progress` events, and `end` when the order closes",
            "content": STREAM,
        },
        204: {"description": "The order has closed, and all lines were sent"},
        **problems(*OF_ANY_CALLER, HTTPStatus.NOT_FOUND),
    },
)
async def follow_order(
    request: Request,
    _: Caller,
    order_id: OrderId,
    last_event_id: Annotated[
        str, Header(description="Resume after this line; browsers send it automatically.", examples=["3"])
    ] = "",
) -> Response:
    """Follow an order: each journal line as a `journal` event (its id is the serial), then the whole `order`.

    The stream starts with the whole journal, or after `Last-Event-ID`. Without news a comment is sent every 15 s.
    """
    await view_of(request, order_id)  # 404 for an unknown order
    reader: OrderReader = request.state.reader
    last = await _last_heard(reader, order_id, last_event_id)
    if last and last.what == CLOSED:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    headers = {"X-Accel-Buffering": "no"}  # else nginx buffers it
    if is_head(request):
        return StreamingResponse(iter(()), headers=headers, media_type=STREAM_TYPE)
    lines = _stream(request, order_id, last.serial if last else 0)
    return StreamingResponse(lines, headers=headers, media_type=STREAM_TYPE)


async def _last_heard(reader: OrderReader, order_id: str, named: str) -> JournalEntry | None:
    """Return the client's last line; None, which restarts the stream, if there is no such line.

    An EventSource that gets an error gives up, and one ahead of the journal would receive nothing.
    """
    if not SERIAL.fullmatch(named):
        return None
    found = await reader.journal(order_id, int(named) - 1)
    return found[0] if found and found[0].serial == int(named) else None


async def _stream(request: Request, order_id: str, told: int) -> AsyncIterator[bytes]:
    feed: OrderFeed = request.state.feed
    reader: OrderReader = request.state.reader
    shown = ""
    with feed.watching(order_id) as changed:
        while not feed.is_stopping:
            changed.clear()
            try:
                # Shielded: cancelling a read midway (the client left) would drop the database connection from the pool.
                lines, found = await asyncio.shield(reader.news(order_id, told))
                found_view = await view(request, order_id, found)
            except (OutsideUnavailable, ConnectionError, TimeoutError):
                yield KEEPALIVE_COMMENT
                await _news(changed, AFTER_FAILURE_SECONDS)
                continue
            for entry in lines:
                yield _event("journal", request.state.views.line(entry), str(entry.serial))
                told = entry.serial
            order = found_view.model_dump_json()
            if order != shown:
                yield format_sse_event(data_str=order, event="order")
                shown = order
            if any(entry.what == CLOSED for entry in lines):
                yield format_sse_event(data_str="{}", event="end")
                return
            if len(lines) < MOST_LINES:  # else more lines follow
                async for meanwhile in _meanwhile(request, found_view, changed):
                    yield meanwhile


async def _meanwhile(request: Request, order: OrderView, changed: asyncio.Event) -> AsyncIterator[bytes]:
    """Send progress until there is news or it is time to look again."""
    left, pause, told = LOOK_SECONDS, LOOK_SECONDS, ""
    while left > 0:
        if progress.is_at_work(order):
            now = await progress.look(request, order)
            pause = PROGRESS_SECONDS if now.pictures else IDLE_SECONDS
            if (text := now.model_dump_json()) != told:
                yield format_sse_event(data_str=text, event="progress")
                told = text
        if await _news(changed, min(pause, left)):
            return
        left -= pause
    yield KEEPALIVE_COMMENT


def _event(name: str, data: BaseModel, event_id: str) -> bytes:
    return format_sse_event(data_str=data.model_dump_json(), event=name, id=event_id)


async def _news(changed: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
    except TimeoutError:
        return False
    return True
