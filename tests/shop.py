"""A whole shop on fakes around a real Temporal server: what workflow tests talk to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import AsyncMock

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper, WorkflowEnvironment
from temporalio.worker import Worker

from activities.adoption import Adoption
from activities.alerting import Alerting
from activities.call_recorder import CallRecorder
from activities.checking import Checking
from activities.delivery import Delivery
from activities.dispatching import Dispatching
from activities.failures import FailureInterceptor
from activities.finding import Finding
from activities.intake import Intake
from activities.late import LateEvents
from activities.production import Production
from activities.reporting import Reporting
from activities.retention import Retention
from activities.speaking import Speaking
from activities.upkeep import Upkeep
from domain.order.lineup import Lineup, Offer
from domain.order.messages import OrderRequest, RequestedPicture
from domain.order.order import Order
from domain.upkeep.ports import OldRows
from domain.vocabulary import ids
from domain.vocabulary.costs import Costs
from domain.vocabulary.rules import DesignerRules
from domain.vocabulary.status import Status
from starter import orders
from tests import fakes, skipping
from tests.fake_designers import FakeDispatch, FakeDispatchRecords
from tests.fake_history import FakeFigures, FakeFolder, FakeHistory
from tests.fake_records import FakeRecords
from tests.patience import pauses
from workflows import options
from workflows.dispatch import DispatchWorkflow
from workflows.find_image import FindImageWorkflow
from workflows.late_event import LateEventWorkflow
from workflows.order import OrderWorkflow
from workflows.upkeep import UpkeepWorkflow

WORKFLOWS = [OrderWorkflow, DispatchWorkflow, FindImageWorkflow, LateEventWorkflow, UpkeepWorkflow]
LAST_WORDS = 60  # seconds that workers have to end: one that never does must not hold up all other tests
TIMEOUT_SECONDS = 60.0  # seconds a test waits for an order to get somewhere, on a busy machine


def page_of(name: str) -> str:
    """Where staff open an order."""
    return f"https://ui.example/{name}"


class FakeShop:
    """The fakes, the activities on them, and handles to steer orders."""

    def __init__(self, env: TimeSkipper | WorkflowEnvironment) -> None:
        self.env = env
        self.client: Client = env.client
        self.files, self.web, self.imaging = fakes.FakeFiles(), fakes.FakeWeb(), fakes.FakeImaging()
        self.model, self.vision = fakes.FakeModel(), fakes.FakeVision()
        self.stronger, self.other = fakes.FakeModel(model="fake-image-2"), fakes.FakeModel("other", "other-image")
        self.models = [self.model]  # those that are set up
        self.cost_limit: Decimal | None = None
        self.other_cost = fakes.COST
        self.records, self.chat, self.mail = FakeRecords(), fakes.FakeChat(), fakes.FakeMail()
        self.staff, self.library = fakes.FakeStaff(), fakes.FakeLibrary()
        self.designers: FakeDispatch | None = FakeDispatch()
        self.roster, self.designer_rules = FakeDispatchRecords(), DesignerRules()
        self.first_look = timedelta(seconds=0.1)  # at a task of the designers; the next ones come later and later
        self.history, self.folder, self.figures = FakeHistory(), FakeFolder(), FakeFigures()
        self.kept_days, self.storage_quota = 0, 50_000_000
        self.phrases = fakes.DefaultPhrases()
        self.settings = fakes.FakeSettings()

    @asynccontextmanager
    async def open(self, *queues: str) -> AsyncIterator["FakeShop"]:
        """Run the workers of these queues, of all where none is named."""
        stack = AsyncExitStack()
        try:
            for queue in queues or self.activities():
                await stack.enter_async_context(self.worker(queue))
            yield self
            await self.end_dispatches()
        finally:
            async with asyncio.timeout(LAST_WORDS):
                await stack.aclose()

    async def end_dispatches(self) -> None:
        """End what would go on asking the designers of the next test's shop."""
        running = "WorkflowType = 'DispatchWorkflow' AND ExecutionStatus = 'Running'"
        async for dispatch in self.client.list_workflows(running):
            with suppress(RPCError):  # it is over already
                await self.client.get_workflow_handle(dispatch.id).terminate()

    def worker(self, queue: str, **limits: Any) -> Worker:
        """A worker of one queue."""
        worker = Worker(
            self.client,
            task_queue=queue,
            workflows=WORKFLOWS if queue == options.ORDERS else [],
            activities=self.activities()[queue],
            interceptors=[FailureInterceptor()],
            **limits,
        )
        if worker._workflow_worker:  # a busy machine is no deadlock
            worker._workflow_worker._deadlock_timeout_seconds = LAST_WORDS
        return worker

    def activities(self) -> dict[str, list[Callable[..., Any]]]:
        """The activities on the fakes, by their queue."""
        files, imaging, records = self.files, self.imaging, self.records
        recorder, lineup = CallRecorder(records, Costs()), self.lineup
        delivery = Delivery(
            files, self.mail, self.phrases, 18_000_000, "darkroom.example", imaging=imaging, shop="修图小店"
        )
        speaking = Speaking(self.chat, self.phrases, files)
        checking = Checking(files, imaging, self.vision, recorder)
        finding = Finding(files, self.web, imaging, self.library)
        dispatching = Dispatching(
            self.designers, self.roster, files, self.phrases, self.designer_rules, self.first_look
        )
        upkeep = Upkeep(
            self.history, self.folder, self.figures, Retention(AsyncMock(spec=OldRows), self.folder, {}),
            kept_days=self.kept_days, storage_quota=self.storage_quota, timezone="Asia/Shanghai",
        )  # fmt: skip
        production = Production(
            files, self.models, imaging, records, recorder, lineup, speaking, checking, self.settings
        )
        return {
            options.ORDERS: [
                *(upkeep.remove_records, upkeep.remove_orphans, upkeep.check_statistics, upkeep.check_storage),
                upkeep.gather_digest,
                Reporting(records, speaking).report,
                speaking.speak,
                *(dispatching.open, dispatching.look, dispatching.assign, dispatching.watch, dispatching.close),
                delivery.mail,
                LateEvents(records).keep,
                finding.search,
            ],
            options.IMAGES: [
                Intake(files, self.web, imaging, self.vision, records, recorder, self.settings, lineup).examine,
                production.produce,
                Adoption(files, self.web, imaging).adopt,
                finding.look,
                checking.check,
            ],
            options.PIXELS: [production.produce],
            options.STAFF: [Alerting(self.staff, self.phrases, files, page_of).tell_staff],
        }

    @property
    def lineup(self) -> Lineup:
        """The models that are set up."""
        return Lineup(offers=list(map(self._offer, self.models)), cost_limit=self.cost_limit)

    def _offer(self, model: fakes.FakeModel) -> Offer:
        cost = self.other_cost if model is self.other else fakes.COST
        return Offer(provider=model.provider, model=model.model, is_stronger=model is self.stronger, cost=cost)

    async def order(self, *pictures: RequestedPicture, **facts: Any) -> "OrderInHand":
        """Start an order of these pictures, one photograph if none is named."""
        order_id = orders.new_order_id("Asia/Shanghai")
        wanted = list(pictures) or [RequestedPicture(image_url="https://shop.example/1.jpg")]
        request = OrderRequest(**{"customer_id": "customer-1", "acc_id": "shop-1", "pictures": wanted, **facts})
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

    async def until(
        self, condition: Callable[[Order], Any], *, told: bool = True, patience: float = TIMEOUT_SECONDS
    ) -> Order:
        """Wait until the order is as the condition says and, unless `told` is False, the outside knows all of it."""
        async with asyncio.timeout(patience):
            for pause in pauses():
                order = await self.now()
                if condition(order) and not (told and (order.has_unreported or order.outbox)):
                    break
                await asyncio.sleep(pause)
        return order

    async def reaches(self, status: Status) -> Order:
        return await self.until(lambda order: order.status is status)

    async def until_listed(self, status: str) -> None:
        """Wait until lists show the order with a status: they lag behind."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            for pause in pauses():
                async for line in orders.listing(self.shop.client, limit=1000, OrderStatus=status):
                    if line.order_id == self.order_id:
                        return
                await asyncio.sleep(pause)

    @property
    def task_id(self) -> str:
        """The task of its first picture."""
        return ids.task_id(self.order_id, 1)

    async def pass_time(self, duration: timedelta) -> None:
        await skipping.pass_time(self.shop.env, self.handle, duration)
