"""Dispatches under test: handles to them, and orders that lead to one."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle
from temporalio.service import RPCError

from domain.designers.dispatch import DispatchState
from domain.vocabulary import ids
from domain.vocabulary.errors import ModelRefused
from tests.patience import pauses
from tests.shop import TIMEOUT_SECONDS, FakeShop, OrderInHand
from workflows.dispatch import DispatchWorkflow

FIVE_TRIES = timedelta(seconds=22)  # 15 seconds between them, and what a first look came late
RESULT = "https://designer.example/1.png"


class DispatchInHand:
    """One dispatch under test."""

    def __init__(self, shop: FakeShop, dispatch_id: str) -> None:
        self.shop = shop
        self.handle: WorkflowHandle[Any, Any] = shop.client.get_workflow_handle(dispatch_id)

    async def now(self) -> DispatchState:
        return await self.handle.query(DispatchWorkflow.snapshot)

    async def until(
        self, condition: Callable[[DispatchState], Any], patience: float = TIMEOUT_SECONDS
    ) -> DispatchState:
        """Wait until the dispatch is as the condition says, and everybody knows."""
        async with asyncio.timeout(patience):
            for pause in pauses():
                with suppress(RPCError):  # its order is about to begin it
                    state = await self.now()
                    if condition(state) and not (state.notices or state.for_order or state.outbox):
                        break
                await asyncio.sleep(pause)
        return state

    async def gets_into_trouble(self) -> None:
        """Let a step fail until staff hear of it."""
        await self.until(lambda _: True)  # its order may be about to begin it
        await self.pass_time(FIVE_TRIES)
        await self.until(lambda state: state.is_in_trouble)

    async def pass_time(self, duration: timedelta) -> None:
        await self.shop.env.fast_forward(self.handle, duration)


async def refused(shop: FakeShop, **facts: Any) -> tuple[OrderInHand, DispatchInHand]:
    """An order whose picture the machine refuses."""
    shop.model.failures = [ModelRefused("SAFETY")]
    order = await shop.order(**facts)
    await order.until(lambda o: o.quote)
    await order.signal("payment_received", payment_id="p1", amount="18.00")
    return order, DispatchInHand(shop, ids.dispatch_id(order.task_id))


async def given(shop: FakeShop, **facts: Any) -> tuple[OrderInHand, DispatchInHand]:
    """The same once a designer has it."""
    order, dispatch = await refused(shop, **facts)
    await order.until(lambda o: o.live[0].dispatch and o.live[0].dispatch.designer)
    return order, dispatch
