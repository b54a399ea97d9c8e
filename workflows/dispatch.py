"""A dispatch to human designers as a durable workflow: the child of an order, or alone for a question."""

import asyncio
from collections.abc import Callable
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.adoption import Adoption
    from activities.dispatching import Dispatching
    from activities.speaking import Speaking
    from domain.attempts.work import Adopted, AdoptInput
    from domain.designers import assignment, deadlines, details, questions
    from domain.designers.assignment import Step
    from domain.designers.dispatch import (
        AssignInput,
        CloseInput,
        DispatchOutcome,
        DispatchState,
        LookInput,
        OpenInput,
        Speech,
        WatchInput,
    )
    from domain.order.inbox import whole
    from domain.order.journal import Lines
    from domain.order.messages import DesignerFinished
    from domain.vocabulary import ids
    from domain.vocabulary.errors import MalformedRequest
    from workflows import options
    from workflows.failures import raise_if_cancelled, reason_of
    from workflows.step_retries import StepRetries
    from workflows.tasks import Alarm, TaskSet
    from workflows.telling import tell_staff

BESIDE = {"tell staff", "tell the order", "speak"}  # tasks that run beside the steps


@workflow.defn
class DispatchWorkflow(StepRetries):
    """One picture with the designers, from its transfer until the customer's reply. Its state gives the next step."""

    @workflow.init
    def __init__(self, request: Any = None, *extra: Any) -> None:
        self.received: list[tuple[str, Any]] = []
        self.tasks, self.alarm, self.has_update = TaskSet(), Alarm(), False
        self.lines = Lines()
        self.refusal = ""
        if workflow.info().continued_run_id:
            self.state = DispatchState.model_validate(request.pop("carried"))
            return
        try:
            self.state = assignment.open_dispatch(workflow.info().workflow_id, whole(request, extra), workflow.now())
        except MalformedRequest as error:
            self.refusal = str(error)

    # ---- the story ---------------------------------------------------------------------------------------------------

    @workflow.run
    async def run(self, request: Any = None, *extra: Any) -> DispatchOutcome:  # noqa: ARG002 - `__init__` reads them
        """Create the task, find a designer, wait for the result, and close the task once it is no longer needed."""
        if self.refusal:
            raise ApplicationError(self.refusal, type=MalformedRequest.__name__, non_retryable=True)
        while True:
            self.collect_finished()
            self.handle_signals()
            deadlines.expire_due(self.state, workflow.now())
            self.take_step()
            self.tell()
            workflow.set_current_details(details.markdown(self.state, lines=self.lines))
            if self.state.is_closed and not self.tasks and not self.received:
                return self.outcome()
            self.continue_as_new_when_long()
            await self.wait_for_event()

    def handle_signals(self) -> None:
        """Handle the signals received."""
        received, self.received = self.received, []
        for signal, payload in received:
            assignment.handle_signal(self.state, signal, payload, workflow.now())

    def take_step(self) -> None:
        """Start the next step, once a cancelled step has really ended."""
        step = assignment.next_step(self.state)
        for other in sorted(set(self.tasks) - BESIDE - {step}):
            self.tasks.cancel(other)
        doing: dict[Step, Callable[[], Any]] = {
            Step.OPEN: self.open,
            Step.LOOK: self.look,
            Step.ASSIGN: self.assign,
            Step.WATCH: self.watch,
            Step.ANSWER: self.answer,
            Step.CLOSE: self.close,
        }
        if step in doing and not set(self.tasks) - BESIDE:
            self.tasks.start(step, doing[step])

    def tell(self) -> None:
        """Start the tasks that send pending messages to staff, the order and the customer."""
        if self.state.notices:
            self.tasks.start("tell staff", self.tell_staff)
        if self.state.for_order:
            self.tasks.start("tell the order", self.tell_order)
        if self.state.outbox:
            self.tasks.start("speak", self.speak)

    async def wait_for_event(self) -> None:
        """Wait for a signal, a finished task or a deadline. A cancellation in the Web UI counts as staff's request."""
        self.alarm.set(deadlines.next_deadline(self.state), self.state.language)
        self.has_update = False
        try:
            await workflow.wait_condition(
                lambda: bool(self.received) or self.has_update or self.alarm.is_due() or self.tasks.has_finished()
            )
        except asyncio.CancelledError:
            cancelled = {"requested_by": "staff", "reason": assignment.CANCELLED_IN_TEMPORAL}
            self.received.append(("cancel_requested", cancelled))

    def collect_finished(self) -> None:
        """Remove finished tasks. An unexpected error is raised: the workflow task is retried until it is fixed."""
        for _, work in self.tasks.pop_finished():
            if not work.cancelled() and (error := work.exception()) and not is_cancelled_exception(error):
                raise error

    # ---- the steps ---------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Create the task in the dispatch system."""
        state = self.state
        wanted = OpenInput(dispatch_id=state.dispatch_id, request=state.request)
        opened = await self.run_step(Dispatching.open, wanted, "create_task")
        assignment.on_opened(state, opened, workflow.now())

    async def look(self) -> None:
        """Look up the task whose picture is to be revised."""
        wanted = LookInput(dispatch_task_id=self.state.dispatch_task_id)
        looked = await self.run_step(Dispatching.look, wanted, "look_at_task")
        assignment.on_looked(self.state, looked, workflow.now())

    async def assign(self) -> None:
        """Find a designer who is online, and assign the task."""
        state = self.state
        wanted = AssignInput(
            dispatch_id=state.dispatch_id,
            dispatch_task_id=state.dispatch_task_id,
            request=state.request,
            holder=state.designer,
            had_it=state.had_it,
            known_result=state.known_result,
            wish=state.wish,
            is_for_holder=bool(state.designer) and not state.is_wish_told,
            is_patient=state.is_nobody_there,
        )
        waiting = options.DISPATCH_PATIENTLY if wanted.is_patient else None
        assigned = await self.run_step(Dispatching.assign, wanted, "find_designer", waiting)
        assignment.on_assigned(state, assigned, workflow.now(), wanted.wish)

    async def watch(self) -> None:
        """Wait until the designer has accepted, then until they have submitted a result."""
        state = self.state
        is_awaited = bool(state.rules and state.rules.is_acceptance_told and not state.is_accepted)
        wanted = WatchInput(
            dispatch_id=state.dispatch_id,
            dispatch_task_id=state.dispatch_task_id,
            is_acceptance_awaited=is_awaited,
            known_result=state.known_result,
        )
        watched = await self.run_step(Dispatching.watch, wanted, "watch", options.WATCH)
        assignment.on_watched(state, watched, workflow.now())

    async def answer(self) -> None:
        """Send a designer's picture or answer to a customer who has no order."""
        state, result, made = self.state, self.state.results[0], None
        try:
            if result.result_url or result.result_key:
                made = await self._adopted(result)
        except ActivityError as error:
            raise_if_cancelled(error)
            questions.reject_result(state, result, reason_of(error)[0], workflow.now())
            return
        questions.answer(state, result, made, workflow.now())

    async def _adopted(self, result: DesignerFinished) -> Adopted:
        request = self.state.request
        offered = AdoptInput(
            task_id=request.task_id,
            folder=ids.folder(request.customer_id, request.task_id),
            attempt=1,
            image_url=result.result_url,
            image_key=result.result_key,
        )
        return await workflow.execute_activity_method(
            Adoption.adopt, offered, **options.EXAMINE, summary=self.doing("designers_picture")
        )

    async def close(self) -> None:
        """Close the task in the dispatch system."""
        state = self.state
        wanted = CloseInput(
            dispatch_id=state.dispatch_id,
            request=state.request,
            dispatch_task_id=state.dispatch_task_id,
            is_finished_there=state.is_finished_there,
            closing=state.closing,
        )
        await self.run_step(Dispatching.close, wanted, "close_task")
        assignment.on_closed(state, workflow.now())

    # ---- telling -----------------------------------------------------------------------------------------------------

    async def tell_staff(self) -> None:
        """Send pending notices to staff."""
        told = await tell_staff(self.state.dispatch_id, self.state.notices, self.state.language)
        self.state.notices = self.state.notices[told:]

    async def tell_order(self) -> None:
        """Send the next signal to the order. If the order has closed, staff get it instead."""
        assert self.state.request.order_id is not None
        order = workflow.get_external_workflow_handle(ids.workflow_id(self.state.request.order_id))
        news = self.state.for_order[0]
        try:
            await order.signal(news.signal, news.payload)
        except FailureError as error:
            raise_if_cancelled(error)
            assignment.on_order_gone(self.state, news, workflow.now())
        else:
            self.state.for_order.remove(news)

    async def speak(self) -> None:
        """Send pending messages to a customer who has no order."""
        outbox = list(self.state.outbox)
        try:
            reported = await workflow.execute_activity_method(
                Speaking.speak,
                Speech(to=self.state.request.recipient, outbox=outbox),
                **options.REPORT,
                summary=self.doing("messages", count=len(outbox)),
            )
        except ActivityError as error:
            raise_if_cancelled(error)
            reported = questions.undelivered(outbox, reason_of(error)[0])
        self.state.outbox = self.state.outbox[len(outbox) :]
        questions.report_undelivered(self.state, reported, workflow.now())

    # ---- signals and queries -----------------------------------------------------------------------------------------

    @workflow.signal(description="The state of the picture in its order; sent by OrderWorkflow.")
    def picture_changed(self, payload: Any = None, *extra: Any) -> None:
        self.received.append(("picture_changed", whole(payload, extra)))

    @workflow.signal(description="The designer's result: result_url or result_key, notes.")
    def designer_finished(self, payload: Any = None, *extra: Any) -> None:
        self.received.append(("designer_finished", whole(payload, extra)))

    @workflow.signal(description="Cancel the dispatch: requested_by, reason.")
    def cancel_requested(self, payload: Any = None, *extra: Any) -> None:
        self.received.append(("cancel_requested", whole(payload, extra)))

    @workflow.query(name="dispatch", description="The whole current dispatch.")
    def snapshot(self) -> DispatchState:
        return self.state

    # ---- ends --------------------------------------------------------------------------------------------------------

    def continue_as_new_when_long(self) -> None:
        """Continue as new before the history grows too long. The new run goes on watching the task."""
        is_free = set(self.tasks) <= {Step.WATCH} and workflow.all_handlers_finished()
        if workflow.info().is_continue_as_new_suggested() and is_free and not self.received:
            workflow.continue_as_new({"carried": self.state.model_dump(mode="json", exclude_defaults=True)})

    def outcome(self) -> DispatchOutcome:
        """Return how the dispatch ended."""
        return DispatchOutcome(
            task_id=self.state.request.task_id,
            dispatch_task_id=self.state.dispatch_task_id,
            designer=self.state.designer,
            closing=self.state.closing,
        )
