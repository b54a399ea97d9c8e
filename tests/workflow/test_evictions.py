"""What a worker drops from its cache leaves its memory at once, and goes on later from its history."""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner

from domain.vocabulary.status import Status
from runtime.evictions import ReleasingRunner
from tests.patience import pauses
from tests.shop import TIMEOUT_SECONDS, FakeShop
from workflows import options
from workflows.order import OrderWorkflow

CACHED, ORDERS = 2, 8


@pytest.fixture
def no_collection() -> Iterator[None]:
    """No garbage is collected: only what nothing refers to leaves the memory."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def in_memory() -> int:
    """The number of workflows whose order is in memory."""
    return sum(isinstance(one, OrderWorkflow) and bool(vars(one)) for one in gc.get_objects())


@pytest.mark.usefixtures("no_collection")
async def test_an_evicted_order_leaves_the_memory_and_goes_on(closed_shop: FakeShop) -> None:
    async with AsyncExitStack() as stack:
        for queue in closed_shop.activities():
            runner = (
                {"workflow_runner": ReleasingRunner(UnsandboxedWorkflowRunner()), "max_cached_workflows": CACHED}
                if queue == options.ORDERS
                else {}
            )
            await stack.enter_async_context(closed_shop.worker(queue, **runner))
        before = in_memory()
        orders = [await closed_shop.order() for _ in range(ORDERS)]
        for order in orders:
            await order.until(lambda now: now.quote)
        async with asyncio.timeout(TIMEOUT_SECONDS):
            for pause in pauses():
                if in_memory() - before <= CACHED:
                    break
                await asyncio.sleep(pause)
        await orders[0].signal("payment_received", payment_id="p1", amount="18.00")
        await orders[0].reaches(Status.AWAITING_CONFIRM)
