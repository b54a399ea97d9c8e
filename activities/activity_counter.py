"""Counting the activities that run on each task queue."""

from collections import Counter
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor


class ActivityCounter(Interceptor):
    """Counts running activities, since a worker at capacity stops polling but is healthy."""

    def __init__(self) -> None:
        self.running: Counter[str] = Counter()

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        """Wrap an activity."""
        return _Counting(next, self.running)


class _Counting(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, running: Counter[str]) -> None:  # noqa: A002 - the SDK's name
        super().__init__(next)
        self._running = running

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        queue = activity.info().task_queue
        self._running[queue] += 1
        try:
            return await super().execute_activity(input)
        finally:
            self._running[queue] -= 1
