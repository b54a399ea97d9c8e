"""A whole shop on fakes around a real Temporal server: what workflow tests talk to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.testing import TimeSkipper, WorkflowEnvironment
from temporalio.worker import Worker

from activities.checking import Checking
from activities.delivery import Delivery
from activities.failures import FailureInterceptor
from activities.intake import Intake
from activities.production import Production
from activities.reporting import Reporting
from domain import ids
from domain.messages import OrderRequest, RequestedPicture
from domain.order import Order, Status
from domain.rules import ShopRules
from starter import orders
from tests import fakes
from workflows import options
from workflows.order import OrderWorkflow

PATIENCE = 20.0  # seconds a test waits for an order to get somewhere


class FakeShop:
    """The fakes, the activities on them, and handles to steer orders."""

    def __init__(self, env: TimeSkipper | WorkflowEnvironment) -> None:
        self.env = env
        self.client: Client = env.client
        self.files, self.web, self.imaging = fakes.FakeFiles(), fakes.FakeWeb(), fakes.FakeImaging()
        self.model, self.vision = fakes.FakeModel(), fakes.FakeVision()
        self.records, self.chat, self.mail = fakes.FakeRecords(), fakes.FakeChat(), fakes.FakeMail()
        self.phrases = fakes.DefaultPhrases()
        self.rules = ShopRules()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["FakeShop"]:
        """Run the workers of both queues."""
        orders_worker = Worker(
            self.client,
            task_queue=options.ORDERS,
            workflows=[OrderWorkflow],
            activities=[
                Reporting(self.records, self.chat, self.phrases, self.files).report,
                Delivery(self.files, self.mail, self.phrases, 18_000_000, "darkroom.example").mail,
            ],
            interceptors=[FailureInterceptor()],
        )
        images_worker = Worker(
            self.client,
            task_queue=options.IMAGES,
            activities=[
                Intake(self.files, self.web, self.imaging, self.vision, self.rules).examine,
                Production(self.files, self.model, self.imaging, self.records).produce,
                Checking(self.files, self.imaging, self.vision, self.records).check,
            ],
            interceptors=[FailureInterceptor()],
        )
        async with orders_worker, images_worker:
            yield self

    async def order(self, *pictures: RequestedPicture, **facts: Any) -> "OrderInHand":
        """Start an order of these pictures, one photograph if none is named."""
        order_id = orders.new_order_id("Asia/Shanghai")
        wanted = list(pictures) or [RequestedPicture(image_url="https://shop.example/1.jpg")]
        request = OrderRequest(customer_id="customer-1", acc_id="shop-1", pictures=wanted, **facts)
        await orders.start(self.client, order_id, request)
        return OrderInHand(self, order_id)


class OrderInHand:
    """One order under test."""

    def __init__(self, shop: FakeShop, order_id: str) -> None:
        self.shop = shop
        self.order_id = order_id
        self.handle: WorkflowHandle[Any, Any] = shop.client.get_workflow_handle(ids.workflow_id(order_id))

    async def signal(self, name: str, **payload: Any) -> None:
        await self.handle.signal(name, payload)

    async def now(self) -> Order:
        return await orders.snapshot(self.shop.client, self.order_id)

    async def until(self, condition: Callable[[Order], Any], *, told: bool = True) -> Order:
        """Wait until the order is as the condition says and, unless `told` is False, the outside knows all of it."""
        async with asyncio.timeout(PATIENCE):
            while True:
                order = await self.now()
                if condition(order) and not (told and order.has_news):
                    return order
                await asyncio.sleep(0.02)

    async def reaches(self, status: Status) -> Order:
        return await self.until(lambda order: order.status is status)

    async def pass_time(self, duration: timedelta) -> None:
        await self.shop.env.fast_forward(self.handle, duration)
