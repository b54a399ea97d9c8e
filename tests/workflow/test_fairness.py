"""A rush at the queue of pictures: paid high-value orders go first, and no shop starves behind a large one."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import Priority
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from domain.order.order import Order
from stack.programs import program
from stack.servers.temporal import DYNAMIC_CONFIG
from tests.patience import pauses
from tests.shop import TIMEOUT_SECONDS
from tests.unit.workflows.test_options import order
from workflows import options
from workflows.options import Step

QUEUE = "pictures"
LARGE, SMALL = 40, 4  # paid orders of a large shop, which come first, and of a small one
SWITCH = "matching.enableFairness"


@dataclass
class Asked:
    """An order's step on a picture, as `options.priority` ranks it."""

    name: str
    priority_key: int
    shop: str


@workflow.defn(sandboxed=False)
class MakePicture:
    """Makes one picture on a queue that all orders share."""

    @workflow.run
    async def run(self, asked: Asked) -> None:
        await workflow.execute_activity(
            "make",
            asked.name,
            task_queue=QUEUE,
            start_to_close_timeout=timedelta(minutes=1),
            priority=Priority(priority_key=asked.priority_key, fairness_key=asked.shop),
        )


@pytest.fixture(params=[True, False], ids=["fair", "in order of arrival"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Client, bool]]:
    """A Temporal server of its own, as we start it, and one whose fairness is switched off."""
    config = DYNAMIC_CONFIG | {SWITCH: str(request.param).lower()}
    extra = [part for key, value in config.items() for part in ("--dynamic-config-value", f"{key}={value}")]
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=program("temporal"), dev_server_extra_args=extra, dev_server_log_level="error"
    )
    async with environment:
        yield environment.client, request.param


def asked(of: Order, shop: str, count: int, kind: str) -> list[Asked]:
    of.acc_id = shop
    ranked = options.priority(of, Step.MAKING)
    assert ranked.priority_key
    return [Asked(f"{kind} {number}", ranked.priority_key, ranked.fairness_key or "") for number in range(count)]


async def rush(client: Client, wanted: Sequence[Asked]) -> list[str]:
    """Queue all steps before a worker that does one at a time begins, and return their order."""
    done: list[str] = []

    @activity.defn(name="make")
    async def make(name: str) -> None:
        done.append(name)

    async with Worker(client, task_queue="orders", workflows=[MakePicture], disable_eager_activity_execution=True):
        handles = []
        for one in wanted:
            handles.append(await client.start_workflow(MakePicture.run, one, id=one.name, task_queue="orders"))
            async with asyncio.timeout(TIMEOUT_SECONDS):
                for pause in pauses():
                    if (await handles[-1].describe()).raw_description.pending_activities:
                        break
                    await asyncio.sleep(pause)
        one_at_a_time = Worker(
            client, task_queue=QUEUE, activities=[make], max_concurrent_activities=1,
            max_concurrent_activity_task_polls=1,
        )  # fmt: skip
        async with one_at_a_time:
            await asyncio.gather(*(handle.result() for handle in handles))
    return done


async def test_high_value_goes_first_and_a_small_shop_is_served_between(server: tuple[Client, bool]) -> None:
    client, is_fair = server
    done = await rush(
        client,
        [
            *asked(order(), "large", 3, "unpaid"),
            *asked(order(paid=True), "large", LARGE, "paid large"),
            *asked(order(paid=True), "small", SMALL, "paid small"),
            *asked(order(paid=True, high_value=True), "large", 2, "high value"),
        ],
    )
    assert [name.rpartition(" ")[0] for name in done[:2]] == ["high value"] * 2
    assert [name.rpartition(" ")[0] for name in done[-3:]] == ["unpaid"] * 3
    last_small = max(index for index, name in enumerate(done) if name.startswith("paid small")) - 2
    # Shares are equal: when the last order of the small shop is done, about as many of the large one are.
    assert (last_small < 3 * SMALL) is is_fair
