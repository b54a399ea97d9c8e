"""The floor of an order: a bare workflow that waits for two signals and runs five activities."""

from datetime import timedelta
from functools import partial

from temporalio import activity, workflow

BARE_QUEUE = "bare"
STEPS, SIGNALS = 5, 2


@activity.defn
async def step() -> None:
    """Return at once."""


@workflow.defn
class BareWorkflow:
    """Waits for a signal before each of its first activities."""

    def __init__(self) -> None:
        self._signals = 0

    @workflow.run
    async def run(self) -> None:
        """Run to the end."""
        for number in range(STEPS):
            if number < SIGNALS:
                await workflow.wait_condition(partial(self._has_more_than, number))
            await workflow.execute_activity(step, start_to_close_timeout=timedelta(seconds=10))

    @workflow.signal
    def go_on(self) -> None:
        """Count a signal."""
        self._signals += 1

    def _has_more_than(self, signals: int) -> bool:
        return self._signals > signals
