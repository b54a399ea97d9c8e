"""Heartbeats beside a long step, so that a dead worker is noticed in seconds and a cancellation arrives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity

BEAT_SECONDS = 3.0


@asynccontextmanager
async def heartbeats(doing: str) -> AsyncIterator[None]:
    """Beat while the body runs, telling the Web UI what is being done; nothing is sent for a step of an instant."""
    beating = asyncio.create_task(_beat(doing))
    try:
        yield
    finally:
        beating.cancel()


async def _beat(doing: str) -> None:
    seconds = 0.0
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        seconds += BEAT_SECONDS
        activity.heartbeat({"doing": doing, "seconds": seconds})
