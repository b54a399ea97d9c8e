"""An order as a durable workflow: its story, what may be sent to it, and what it answers."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.delivery import Delivery
    from domain import handling, progress
    from domain.errors import MalformedRequest
    from domain.inbox import Inbox
    from domain.messages import MailInput, OrderOutcome
    from domain.money import Quote
    from domain.opening import open_order
    from domain.order import Order, Status
    from workflows import options
    from workflows.picture import PictureRounds
    from workflows.telling import report, show


@workflow.defn
class OrderWorkflow:
    """One order, from the first picture to the end of after-care."""

    order: Order  # there from the first step of `run`; signals that come before it wait in the inbox

    def __init__(self) -> None:
        self.inbox = Inbox()
        self.at_work: dict[str, asyncio.Task[None]] = {}

    # ---- the story ---------------------------------------------------------------------------------------------------

    @workflow.run
    async def run(self, request: Any = None, *extra: Any) -> OrderOutcome:
        """Live through the order; each line waits for its part, hearing whatever comes meanwhile."""
        self.order = _open([request, *extra] if extra else request)
        await self.take_in()
        await self.agree_on_price()
        await self.produce_and_deliver()
        await self.care_afterwards()
        return self.outcome()

    async def take_in(self) -> None:
        """Every picture is fetched, stored and looked at."""
        await self.until(lambda: progress.is_taken_in(self.order))

    async def agree_on_price(self) -> None:
        """The order is quoted, quoted anew when its pictures change, and paid."""
        await self.until(lambda: self.order.paid_at is not None)

    async def produce_and_deliver(self) -> None:
        """Every picture goes through its rounds, side by side, until the customer accepts and the letter is out."""
        await self.until(lambda: self.order.status is Status.COMPLETED)

    async def care_afterwards(self) -> None:
        """The order stays open for rework for a while; what was still sent is read before it closes."""
        await self.until(lambda: self.is_over() and not self.inbox, self.closes_at)

    # ---- how time passes ---------------------------------------------------------------------------------------------

    async def until(self, reached: Callable[[], bool], deadline: Callable[[], datetime | None] = lambda: None) -> None:
        """Hear and work until the condition is reached."""
        while True:
            self.hear()
            self.start_work()
            show(self.order)
            if reached():
                return
            await self.something_happens(deadline())

    async def something_happens(self, deadline: datetime | None) -> None:
        """Wait for a message, the end of some work, or the deadline."""
        timeout = deadline - workflow.now() if deadline else None
        try:
            await workflow.wait_condition(
                lambda: bool(self.inbox) or any(work.done() for work in self.at_work.values()),
                timeout=max(timeout, timedelta(0)) if timeout is not None else None,
                timeout_summary="after-care ends",
            )
        except TimeoutError:
            return

    def hear(self) -> None:
        """Let everything that was sent change the order, and everything that was finished."""
        for name in [name for name, work in self.at_work.items() if work.done()]:
            self.at_work.pop(name).result()
        while heard := self.inbox.take():
            message, received_at = heard
            handling.handle(message, self.order, received_at)

    def start_work(self) -> None:
        """Start whatever the state of the order calls for and is not at work yet."""
        for picture in self.order.live:
            rounds = PictureRounds(self.order, picture)
            if not picture.is_examined:
                self.work_on(picture.task_id, rounds.examine)
            elif picture.status in progress.AT_WORK:
                progress.start(self.order, picture, workflow.now())
                self.work_on(picture.task_id, rounds.round)
        if progress.is_taken_in(self.order):
            progress.quote(self.order, workflow.now())
        if progress.is_deliverable(self.order):
            self.work_on("delivery", self.deliver)
        if self.order.outbox or (self.order.has_news and not self.at_work):
            self.work_on("report", partial(report, self.order))  # otherwise what is at work brings the news along

    def work_on(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Let a piece of work run beside the story, once at a time."""
        if name not in self.at_work:
            self.at_work[name] = asyncio.create_task(work(), name=name)

    async def deliver(self) -> None:
        """Mail the finished files."""
        assert self.order.email is not None
        letter = MailInput(
            order_id=self.order.order_id,
            delivery=self.order.deliveries + 1,
            to=self.order.email,
            customer_name=self.order.customer_name,
            files=progress.files(self.order),
        )
        outcome = await workflow.execute_activity_method(
            Delivery.mail,
            letter,
            **options.MAIL,
            summary=f"{self.order.order_id}: letter {letter.delivery}",
            priority=options.priority(self.order),
        )
        progress.mailed(self.order, letter, outcome, workflow.now())

    def closes_at(self) -> datetime | None:
        """When after-care ends; not while something is still at work."""
        if self.at_work or self.order.status is not Status.COMPLETED or self.order.completed_at is None:
            return None
        return self.order.completed_at + timedelta(days=self.order.known_rules.aftercare_days)

    def is_over(self) -> bool:
        """Whether after-care has ended."""
        closes_at = self.closes_at()
        return closes_at is not None and workflow.now() >= closes_at

    def outcome(self) -> OrderOutcome:
        """How the order ended."""
        return OrderOutcome(
            order_id=self.order.order_id,
            status=self.order.status,
            amount_paid=self.order.amount_paid,
            pictures={picture.task_id: picture.status for picture in self.order.pictures},
        )

    # ---- the contract: what may be sent. Whatever comes is kept; the story reads it. ---------------------------------

    @workflow.signal(description="The customer sent a picture: image_url or image_key, note, operation.")
    def image_received(self, payload: Any = None, *extra: Any) -> None:
        self._receive("image_received", payload, extra)

    @workflow.signal(description="The bot looked at a picture itself: the fields of the analysis.")
    def analysis_received(self, payload: Any = None, *extra: Any) -> None:
        self._receive("analysis_received", payload, extra)

    @workflow.signal(description="Money came in: payment_id (a repeat is harmless), amount, currency, paid_at.")
    def payment_received(self, payload: Any = None, *extra: Any) -> None:
        self._receive("payment_received", payload, extra)

    @workflow.signal(description="Words of the customer, to be read by the shop's rules: text.")
    def customer_message(self, payload: Any = None, *extra: Any) -> None:
        self._receive("customer_message", payload, extra)

    @workflow.signal(description="The customer wants changes: note, task_id where there are several pictures.")
    def revision_requested(self, payload: Any = None, *extra: Any) -> None:
        self._receive("revision_requested", payload, extra)

    @workflow.signal(description="The customer's e-mail address: email.")
    def email_provided(self, payload: Any = None, *extra: Any) -> None:
        self._receive("email_provided", payload, extra)

    @workflow.signal(dynamic=True, description="Anything else: kept on record as not understood.")
    def unknown_signal(self, name: str, args: Sequence[RawValue]) -> None:
        self._receive(name, [arg.payload.data.decode(errors="replace") for arg in args], ())

    def _receive(self, signal: str, payload: Any, extra: tuple[Any, ...]) -> None:
        self.inbox.put(signal, payload, extra, workflow.now())

    @workflow.query(name="order", description="The whole order as it stands.")
    def snapshot(self) -> Order:
        return self.order

    @workflow.query(description="The last quote, with the factors behind it; null while there is none.")
    def quote(self) -> Quote | None:
        return self.order.quote


def _open(request: Any) -> Order:
    try:
        return open_order(workflow.info().workflow_id, request, workflow.now())
    except MalformedRequest as error:
        raise ApplicationError(str(error), type=type(error).__name__, non_retryable=True) from error
