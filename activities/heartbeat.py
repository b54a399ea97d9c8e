"""Heartbeats during a long step, so that a dead worker is noticed in seconds and cancellations arrive."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from temporalio import activity

from domain.story import estimates

BEAT_SECONDS = 3.0
LEAST_PACE, MOST_PACE = 0.1, 10.0  # limits of a machine's speed against the usual


@dataclass(frozen=True)
class Step:
    """A step of the work on a picture whose progress is shown, and its usual duration."""

    task_id: str
    name: Literal["making", "checking"]
    usual_seconds: float


class Pace:
    """How much slower or faster than usual recent steps of each kind were here: an estimate for the next."""

    def __init__(self) -> None:
        self._shares: dict[str, float] = {}

    def expected(self, kind: str, step: Step) -> float:
        """Return the expected duration of a step in seconds."""
        return step.usual_seconds * self._shares.get(kind, 1.0)

    def note(self, kind: str, step: Step, seconds: float) -> None:
        """Record the duration of a step in seconds. It makes up half of the next estimate."""
        share = min(MOST_PACE, max(LEAST_PACE, seconds / step.usual_seconds))
        self._shares[kind] = (self._shares.get(kind, share) + share) / 2


@asynccontextmanager
async def heartbeats(doing: str, step: Step | None = None, expected: float = 0) -> AsyncIterator[None]:
    """Send heartbeats that say what is being done while the body runs; none if it takes less than 3 seconds."""
    beating = asyncio.create_task(_beat(doing, step, expected))
    try:
        yield
    finally:
        beating.cancel()


@asynccontextmanager
async def paced(doing: str, kind: str, step: Step, pace: Pace) -> AsyncIterator[None]:
    """Send heartbeats with the progress of a step. A step that succeeds updates the pace of its kind."""
    expected, begun = pace.expected(kind, step), time.monotonic()
    async with heartbeats(doing, step, expected):
        yield
    pace.note(kind, step, time.monotonic() - begun)


def is_cancel_requested() -> bool:
    """Whether the workflow cancels the running activity, as opposed to a shutdown of this worker."""
    details = activity.cancellation_details()
    return bool(details and details.cancel_requested)


async def _beat(doing: str, step: Step | None, expected: float) -> None:
    seconds = 0.0
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        seconds += BEAT_SECONDS
        told = {"doing": doing, "seconds": seconds}
        if step:
            told |= {"task_id": step.task_id, "step": step.name, "expected": round(expected, 1)}
            told |= {"percent": estimates.percent(seconds, expected)}
        activity.heartbeat(told)
