"""The drill of a release: orders parked in every state move to the new build, back, and forward again."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from temporalio.client import WorkflowHandle
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from temporalio.worker import UnsandboxedWorkflowRunner

from domain.vocabulary.status import Status
from stack.servers.temporal import bootstrap
from starter import deployments
from starter.client import connect
from starter.deployments import CannotDeploy, VersioningRunner, versioned
from tests import states
from tests.patience import pauses
from tests.shop import TIMEOUT_SECONDS, FakeShop, OrderInHand
from workflows import options

OLD, NEW = "2026-12-01.1", "2026-12-02.1"


@asynccontextmanager
async def workers(shop: FakeShop, build_id: str) -> AsyncIterator[None]:
    """Workers of all queues, of one build."""
    async with AsyncExitStack() as stack:
        for queue in shop.activities():
            runner = (
                {"workflow_runner": VersioningRunner(UnsandboxedWorkflowRunner())} if queue == options.ORDERS else {}
            )
            await stack.enter_async_context(shop.worker(queue, deployment_config=versioned(build_id), **runner))
        yield


async def until_known(shop: FakeShop, build_id: str) -> None:
    """Wait until Temporal has seen the workers of a build poll."""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        for pause in pauses():
            try:
                if build_id in {one.build_id for one in (await deployments.described(shop.client)).builds}:
                    return
            except CannotDeploy:
                pass
            await asyncio.sleep(pause)


async def promoted(shop: FakeShop, build_id: str) -> None:
    """Make a build current once its workers poll every queue."""
    await until_known(shop, build_id)
    async with asyncio.timeout(TIMEOUT_SECONDS):
        for pause in pauses():
            try:
                await deployments.promote(shop.client, build_id)
                break
            except CannotDeploy:  # its workers have not polled all queues yet
                await asyncio.sleep(pause)


async def build_of(handle: WorkflowHandle[Any, Any]) -> str:
    """The build that ran the last workflow task."""
    events = (await handle.fetch_history()).events
    done = [event for event in events if event.HasField("workflow_task_completed_event_attributes")]
    return str(done[-1].workflow_task_completed_event_attributes.deployment_version.build_id)


async def told(order: OrderInHand) -> str:
    """Say something harmless to an order, and return the build that heard it."""
    await order.signal("no_such_signal")
    async with asyncio.timeout(TIMEOUT_SECONDS):
        for pause in pauses():
            events = (await order.handle.fetch_history()).events
            kinds = [event.WhichOneof("attributes") for event in events]
            heard = max(n for n, kind in enumerate(kinds) if kind == "workflow_execution_signaled_event_attributes")
            if "workflow_task_completed_event_attributes" in kinds[heard:]:
                return await build_of(order.handle)
            await asyncio.sleep(pause)
    raise AssertionError


async def all_go_on(orders: list[OrderInHand], build_id: str) -> None:
    """Wait until each order is run by a build: a change of the deployment reaches the queues a moment later."""
    for order in orders:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            for pause in pauses():
                if await told(order) == build_id:
                    break
                await asyncio.sleep(pause)


async def test_orders_in_every_state_move_to_a_build_and_back_and_forward_again(closed_shop: FakeShop) -> None:
    shop = closed_shop
    async with workers(shop, OLD):
        await promoted(shop, OLD)
        parked = [
            await park(shop)
            for park in (
                states.pending, states.with_designer, states.awaiting_confirm, states.revision, states.completed,
                states.failed, states.paid, states.processing,
            )
        ]  # fmt: skip
        await all_go_on(parked, OLD)
        async with workers(shop, NEW):
            await until_known(shop, NEW)
            await all_go_on(parked, OLD)
            await deployments.ramp(shop.client, NEW, 100)
            await all_go_on(parked, NEW)
            assert await deployments.roll_back(shop.client) == OLD
            await all_go_on(parked, OLD)
            await promoted(shop, NEW)
            await all_go_on(parked, NEW)
            assert await deployments.roll_back(shop.client) == OLD
            await promoted(shop, NEW)
            assert shop.model.gate
            shop.model.gate.set()
            await finish(parked)
            found = await deployments.described(shop.client)
            assert {one.build_id: one.status for one in found.builds} == {NEW: "current", OLD: "draining"}


async def finish(parked: list[OrderInHand]) -> None:
    """Bring the orders that a customer can still bring to an end there, on the build that has them now."""
    pending, with_designer, awaiting, revision, completed, *_, processing = parked
    await pending.signal("payment_received", payment_id="pay-2", amount="18.00")
    await revision.signal("customer_message", text="脸再亮一点")
    for order in (pending, awaiting, revision, processing):
        await order.reaches(Status.AWAITING_CONFIRM)
        await order.signal("customer_message", text="可以,wang@example.com")
        await order.reaches(Status.COMPLETED)
    assert (await with_designer.now()).live[0].dispatch
    assert (await completed.now()).status is Status.COMPLETED


async def test_a_search_ends_on_the_build_on_which_it_began(closed_shop: FakeShop) -> None:
    shop = closed_shop
    async with workers(shop, OLD):
        await promoted(shop, OLD)
        handle = (await states.find_image(shop)).handle
        await handle.result()
        described = await handle.describe()
        info = described.raw_description.workflow_execution_info.versioning_info
        assert (info.behavior, info.deployment_version.build_id) == (1, OLD)  # pinned


@pytest.fixture
async def new_shop(temporal_address: str) -> FakeShop:
    """A shop on a namespace that no build has polled."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    await bootstrap(temporal_address, name)
    return FakeShop(TimeSkipper(await connect(temporal_address, name), config=TimeSkippingConfig(enabled=False)))


async def test_a_build_that_nobody_runs_gets_no_orders(new_shop: FakeShop) -> None:
    with pytest.raises(CannotDeploy, match="no worker with a WORKER_BUILD_ID has polled yet"):
        await deployments.described(new_shop.client)
    async with workers(new_shop, OLD):
        await promoted(new_shop, OLD)
        with pytest.raises(CannotDeploy, match="no worker of the build 1999 has polled"):
            await deployments.promote(new_shop.client, "1999")
        with pytest.raises(CannotDeploy, match="no worker of the build 1999 has polled"):
            await deployments.ramp(new_shop.client, "1999", 10)
        with pytest.raises(CannotDeploy, match="nothing to roll back to"):
            await deployments.roll_back(new_shop.client)
