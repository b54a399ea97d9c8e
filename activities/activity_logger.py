"""What each log line is about, and one line per finished activity: its duration, and why it failed."""

import time
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

from temporalio import activity, workflow
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from domain.texts.masking import redacted
from domain.vocabulary import ids

# Never reset: each activity runs in a context of its own, in which the SDK logs after our interceptors have ended.
_task_id: ContextVar[str | None] = ContextVar("task_id", default=None)


def work_here() -> dict[str, Any]:
    """Return what a line logged here is about: its workflow, order and task, the activity and its attempt.

    Empty outside of workflows and activities.
    """
    if activity.in_activity():
        info = activity.info()
        about = {"activity": info.activity_type, "attempt": info.attempt, "task_id": _task_id.get()}
        return about | _of_workflow(info.workflow_id or "")
    return _of_workflow(workflow.info().workflow_id) if workflow.in_workflow() else {}


def _of_workflow(workflow_id: str) -> dict[str, Any]:
    order_id = ids.order_of_task(workflow_id.removeprefix("dispatch-"))
    with suppress(ValueError):
        order_id = ids.order_of(workflow_id)
    return {"workflow_id": workflow_id} | ({"order_id": order_id} if ids.is_order_id(order_id) else {})


class ActivityLogger(Interceptor):
    """Logs finished activities. Inputs are not logged, since they hold addresses and texts of customers."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        """Wrap an activity."""
        return _Logging(next)


class _Logging(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        started = time.monotonic()
        _task_id.set(getattr(next(iter(input.args), None), "task_id", None))
        try:
            result = await super().execute_activity(input)
        except Exception as error:
            words = redacted(f"{type(error).__name__}: {error}")
            facts = {"seconds": round(time.monotonic() - started, 3), "error": words}
            activity.logger.base_logger.warning("activity failed", extra=facts)
            raise
        activity.logger.base_logger.info("activity done", extra={"seconds": round(time.monotonic() - started, 3)})
        return result
