"""The progress of an order, for the waiting customer."""

import time
from dataclasses import asdict
from typing import Literal

import structlog
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from domain.vocabulary.errors import DarkroomError
from domain.vocabulary.status import Status
from gateway.auth import Caller
from gateway.bodies import OrderId
from gateway.reading import UNKNOWN, view_of
from gateway.temporal import Temporal
from gateway.views import OrderView
from starter import progress

AT_WORK = {Status.PAID, Status.PROCESSING}  # a paid order may be queued
BACKLOG_SECONDS = 2.0  # for which the queue length is cached

log = structlog.get_logger("gateway")
router = APIRouter(prefix="/api", tags=["orders"])


class PictureProgressView(BaseModel):
    """The estimated progress of a picture."""

    task_id: str
    number: int = Field(description="Number of the picture, from 1.")
    step: Literal["queued", "making", "checking"]
    percent: int = Field(description="0 to 99, estimated from the recent durations of such work.", ge=0, le=100)
    seconds_left: int | None = Field(
        default=None, description="Remaining time for making and checking; null if unknown."
    )


class ProgressView(BaseModel):
    """The progress of an order; `pictures` is empty while nothing is being made."""

    pictures: list[PictureProgressView]
    ahead: int | None = Field(default=None, description="Approximate number of queued steps, of all orders.")


class Queue:
    """The length of the work queue, read at most every two seconds for all callers."""

    def __init__(self, temporal: Temporal) -> None:
        self._temporal = temporal
        self._read_at, self._length = float("-inf"), 0

    async def length(self) -> int:
        """Return the approximate number of queued steps. Raises ConnectionError, TimeoutError, OutsideUnavailable."""
        if time.monotonic() - self._read_at > BACKLOG_SECONDS:
            self._length = await progress.backlog(await self._temporal.client())
            self._read_at = time.monotonic()
        return self._length


@router.get("/orders/{order_id}/progress", responses=UNKNOWN)
async def read_progress(request: Request, _: Caller, order_id: OrderId) -> ProgressView:
    """Return the progress of an order's pictures; the event stream of the order has it as `progress`."""
    return await look(request, await view_of(request, order_id))


def is_at_work(order: OrderView) -> bool:
    """Whether an order's pictures may be queued or in work."""
    return any(picture.status in AT_WORK for picture in order.pictures)


async def look(request: Request, order: OrderView) -> ProgressView:
    """Return the progress of an order; an empty one if it cannot be read now."""
    numbers = {picture.task_id: picture.number for picture in order.pictures if picture.status in AT_WORK}
    if not numbers:
        return ProgressView(pictures=[])
    try:
        temporal: Temporal = request.state.temporal
        found = await progress.of_order(await temporal.client(), order.order_id, list(numbers))
        is_queued = any(picture.step == "queued" for picture in found)
        ahead = await request.state.queue.length() if is_queued else None
    except (DarkroomError, ConnectionError, TimeoutError) as error:
        log.info("cannot read progress", order_id=order.order_id, error=str(error))
        return ProgressView(pictures=[])
    pictures = [PictureProgressView(**asdict(one), number=numbers[one.task_id]) for one in found]
    return ProgressView(pictures=pictures, ahead=ahead)
