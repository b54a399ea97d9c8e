"""What changes in an order while somebody looks at it, as Server-Sent Events, and who else looks at it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

from fastapi import APIRouter, Request
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.responses import StreamingResponse

from adapters.db.viewers import Viewer
from domain.vocabulary.errors import OutsideUnavailable, TokenRefused
from gateway.bodies import OrderId
from gateway.head import is_head
from gateway.staff import session_of
from gateway.staff_board.context import context
from gateway.staff_board.session import Session, SignedIn
from gateway.stream import AFTER_FAILURE_SECONDS, LOOK_SECONDS, STREAM_TYPE

router = APIRouter(prefix="/staff", include_in_schema=False)


@router.get("/orders/{order_id}/live")
async def live(request: Request, session: SignedIn, order_id: OrderId) -> StreamingResponse:
    """Follow an order: `version` when its row changes, `viewers` when somebody comes or goes, `end` at sign-out."""
    headers = {"X-Accel-Buffering": "no"}  # else nginx buffers it
    lines = iter(()) if is_head(request) else _stream(request, session, order_id)
    return StreamingResponse(lines, headers=headers, media_type=STREAM_TYPE)


async def _stream(request: Request, session: Session, order_id: str) -> AsyncIterator[bytes]:
    feed, shop = request.state.feed, context(request)
    me, told = Viewer(session.user.user_id, session.name), dict[str, str]()
    yield KEEPALIVE_COMMENT  # headers and this at once: the browser knows that it is connected
    with feed.watching(order_id) as changed:
        try:
            while not feed.is_stopping:
                changed.clear()
                try:
                    await session_of(request)  # it may have ended
                    # Shielded: a read cancelled midway would drop its database connection from the pool.
                    news = await asyncio.shield(_news(request, order_id, me))
                except TokenRefused:
                    yield format_sse_event(data_str="{}", event="end")
                    return
                except (OutsideUnavailable, ConnectionError, TimeoutError):
                    yield KEEPALIVE_COMMENT
                    await _wait(changed, AFTER_FAILURE_SECONDS)
                    continue
                for event, data in news.items():
                    if told.get(event) != data:
                        yield format_sse_event(data_str=data, event=event)
                told = news
                if not await _wait(changed, LOOK_SECONDS):
                    yield KEEPALIVE_COMMENT
        finally:
            with suppress(OutsideUnavailable):
                await asyncio.shield(shop.viewers.left(order_id, me))


async def _news(request: Request, order_id: str, me: Viewer) -> dict[str, str]:
    shop = context(request)
    await shop.viewers.seen(order_id, me)
    others = [viewer.name for viewer in await shop.viewers.of(order_id) if viewer.user_id != me.user_id]
    version = await shop.board.version(order_id)
    return {"version": json.dumps(version), "viewers": json.dumps(others, ensure_ascii=False)}


async def _wait(changed: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
    except TimeoutError:
        return False
    return True
