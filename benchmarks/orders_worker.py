"""The worker process of an arm of `benchmarks.orders`: orders on fakes and a real Postgres, or bare workflows."""

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    from activities.failures import FailureInterceptor
    from adapters.db.engine import create_engine
    from adapters.db.ledger import PostgresLedger
    from adapters.db.records import PostgresRecords
    from starter.client import connect
    from tests.shop import WORKFLOWS, FakeShop
    from workflows import options

BARE_QUEUE = "bare"
STEPS = 5


@activity.defn
async def step() -> None:
    """Return at once."""


@workflow.defn
class BareWorkflow:
    """Waits for two signals, and runs five activities."""

    def __init__(self) -> None:
        self._signals = 0

    @workflow.run
    async def run(self) -> None:
        """Run to the end."""
        for number in range(STEPS):
            if number < 2:  # noqa: PLR2004 - the two signals
                await workflow.wait_condition(lambda: self._signals > number)  # noqa: B023 - awaited at once
            await workflow.execute_activity(step, start_to_close_timeout=timedelta(seconds=10))

    @workflow.signal
    def go_on(self) -> None:
        """Count a signal."""
        self._signals += 1


class PostgresBooks(PostgresRecords):
    """Records and ledger in one, as the fakes have it."""

    def __init__(self, database_url: str) -> None:
        engine = create_engine(database_url)
        super().__init__(engine)
        self._ledger = PostgresLedger(engine)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)


def workers_of_orders(client: Client) -> list[Worker]:
    """Return the workers of all queues, as worker.py makes them, on fakes and a real Postgres."""
    shop = FakeShop(SimpleNamespace(client=client))  # type: ignore[arg-type]
    shop.records = PostgresBooks(os.environ["DATABASE_URL"])  # type: ignore[assignment]
    return [
        Worker(
            client,
            task_queue=queue,
            workflows=WORKFLOWS if queue == options.ORDERS else [],
            activities=activities,
            interceptors=[FailureInterceptor()],
        )
        for queue, activities in shop.activities().items()
    ]


async def work(arm: str) -> None:
    """Run the workers of an arm until the process is stopped."""
    client = await connect(os.environ["TEMPORAL_ADDRESS"], os.environ["TEMPORAL_NAMESPACE"])
    bare = [Worker(client, task_queue=BARE_QUEUE, workflows=[BareWorkflow], activities=[step])]
    async with AsyncExitStack() as stack:
        for worker in bare if arm == "floor" else workers_of_orders(client):
            await stack.enter_async_context(worker)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
