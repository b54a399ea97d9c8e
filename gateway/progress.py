"""How far the work on an order is, for whoever waits for it."""

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

AT_WORK = {Status.PAID, Status.PROCESSING}  # paid: it may wait in the queue
BACKLOG_SECONDS = 2.0  # that a look at the queue is good for

log = structlog.get_logger("gateway")
router = APIRouter(prefix="/api", tags=["orders"])


class PictureProgressView(BaseModel):
    """How far the work on a picture is, about."""

    task_id: str
    number: int = Field(description="As people count them, from 1.")
    step: Literal["queued", "making", "checking"]
    percent: int = Field(description="0 to 99, by how long such work took lately.", ge=0, le=100)
    seconds_left: int | None = Field(default=None, description="Of the making and the check; null where unknown.")


class ProgressView(BaseModel):
    """How far the machine is with an order; `pictures` is empty while it is not at work."""

    pictures: list[PictureProgressView]
    ahead: int | None = Field(default=None, description="About how many steps wait for the machine, of all orders.")


class Queue:
    """The length of the machine's queue, looked up at most every two seconds, whoever asks."""

    def __init__(self, temporal: Temporal) -> None:
        self._temporal = temporal
        self._read_at, self._length = float("-inf"), 0

    async def length(self) -> int:
        """Return about how many steps wait. Raises ConnectionError, TimeoutError, OutsideUnavailable."""
        if time.monotonic() - self._read_at > BACKLOG_SECONDS:
            self._length = await progress.backlog(await self._temporal.client())
            self._read_at = time.monotonic()
        return self._length


@router.get("/orders/{order_id}/progress", responses=UNKNOWN)
async def read_progress(request: Request, _: Caller, order_id: OrderId) -> ProgressView:
    """Return how far the machine is with an order's pictures; the stream of the order tells it as `progress`."""
    return await look(request, await view_of(request, order_id))


def is_at_work(order: OrderView) -> bool:
    """Whether the machine may be at work on an order."""
    return any(picture.status in AT_WORK for picture in order.pictures)


async def look(request: Request, order: OrderView) -> ProgressView:
    """Return how far an order is; nothing where that cannot be told now."""
    numbers = {picture.task_id: picture.number for picture in order.pictures if picture.status in AT_WORK}
    if not numbers:
        return ProgressView(pictures=[])
    try:
        temporal: Temporal = request.state.temporal
        found = await progress.of_order(await temporal.client(), order.order_id, list(numbers))
        is_queued = any(picture.step == "queued" for picture in found)
        ahead = await request.state.queue.length() if is_queued else None
    except (DarkroomError, ConnectionError, TimeoutError) as error:
        log.info("progress cannot be told now", order_id=order.order_id, error=str(error))
        return ProgressView(pictures=[])
    pictures = [PictureProgressView(**asdict(one), number=numbers[one.task_id]) for one in found]
    return ProgressView(pictures=pictures, ahead=ahead)
