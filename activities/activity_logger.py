"""One log line per finished activity: its type, task, duration, and why it failed."""

import time
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from domain.texts.masking import redacted


class ActivityLogger(Interceptor):
    """Logs finished activities. Inputs are not logged, since they hold addresses and texts of customers."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        """Wrap an activity."""
        return _Logging(next)


class _Logging(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        info, started = activity.info(), time.monotonic()
        facts: dict[str, Any] = {"activity": info.activity_type, "attempt": info.attempt}
        facts |= {"order_id": info.workflow_id, "task_id": getattr(next(iter(input.args), None), "task_id", None)}
        try:
            result = await super().execute_activity(input)
        except Exception as error:
            words = redacted(f"{type(error).__name__}: {error}")
            facts |= {"seconds": round(time.monotonic() - started, 3), "error": words}
            activity.logger.base_logger.warning("activity failed", extra=facts)
            raise
        facts["seconds"] = round(time.monotonic() - started, 3)
        activity.logger.base_logger.info("activity done", extra=facts)
        return result
