"""The progress of an order's pictures, read from activity heartbeats, and the length of the queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from domain.story import estimates
from starter import orders
from starter.failures import RPC_TIMEOUT, translated
from workflows import options

MAKING_SHARE = 0.85  # of the work on a picture; the rest is the check
STEPS = {"produce": "making", "check": "checking"}


@dataclass(frozen=True)
class PictureProgress:
    """The progress of one picture."""

    task_id: str
    step: Literal["queued", "making", "checking"]
    percent: int
    seconds_left: int | None = None  # None if unknown


async def of_order(client: Client, order_id: str, at_work: Sequence[str]) -> list[PictureProgress]:
    """Return the progress of these pictures (task ids, in order). Raises NoSuchOrder, ConnectionError."""
    return progress(await orders.pending_activities(client, order_id), at_work, datetime.now(UTC))


def progress(pending: Sequence[dict[str, Any]], at_work: Sequence[str], now: datetime) -> list[PictureProgress]:
    """Derive the progress of pictures from an order's pending activities.

    An activity without a heartbeat does not name its picture: those still queued are assumed to be the last ones.
    """
    known = [one for one in pending if one["activity"] in STEPS]
    told = {one["heartbeat"]["task_id"]: _begun(one, now) for one in known if one["is_begun"] and _names_picture(one)}
    silent = [task_id for task_id in at_work if task_id not in told]
    waiting = sum(not one["is_begun"] for one in known)
    queued = set(silent[len(silent) - waiting :]) if waiting else set()
    begun = sum(one["is_begun"] and not _names_picture(one) for one in known)
    found = [told.get(task_id) or _silent(task_id, is_queued=task_id in queued) for task_id in at_work]
    return found if told or queued or begun else []


async def backlog(client: Client) -> int:
    """Return the approximate number of queued steps of paid orders. Raises ConnectionError, TimeoutError."""
    return sum([await _backlog(client, queue) for queue in (options.IMAGES, options.PIXELS)])


async def _backlog(client: Client, queue: str) -> int:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        report_stats=True,
    )
    try:
        described = await client.workflow_service.describe_task_queue(request, timeout=RPC_TIMEOUT)
    except RPCError as error:
        raise translated(error, "") from error
    paid = [stats for key, stats in described.stats_by_priority_key.items() if key < options.UNPAID_LOOK]
    return sum(int(stats.approximate_backlog_count) for stats in paid)


def _names_picture(one: dict[str, Any]) -> bool:
    return isinstance(one["heartbeat"], dict) and "task_id" in one["heartbeat"]


def _begun(one: dict[str, Any], now: datetime) -> PictureProgress:
    heartbeat, began_at = one["heartbeat"], one["began_at"] or now
    expected, seconds = float(heartbeat["expected"]), max(0.0, (now - began_at).total_seconds())
    share, is_check = estimates.percent(seconds, expected) / 100, heartbeat["step"] == "checking"
    whole = MAKING_SHARE + (1 - MAKING_SHARE) * share if is_check else MAKING_SHARE * share
    left = expected - seconds + (0 if is_check else estimates.CHECKING_SECONDS)
    return PictureProgress(
        task_id=heartbeat["task_id"],
        step=heartbeat["step"],
        percent=min(estimates.MOST_PERCENT, int(100 * whole)),
        seconds_left=round(left) if left > 0 else None,
    )


def _silent(task_id: str, *, is_queued: bool) -> PictureProgress:
    return PictureProgress(task_id=task_id, step="queued" if is_queued else "making", percent=0)
