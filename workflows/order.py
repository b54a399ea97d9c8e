"""An order as a durable workflow: its story. What may be sent to it stands in workflows/contract.py."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from domain.bounds import budgets
    from domain.designers import transfers
    from domain.order import capacity, unsent
    from domain.order.inbox import Inbox
    from domain.order.messages import OrderOutcome
    from domain.order.picture import Picture
    from domain.story import consequences, delivering, hearing, previews, progress, waiting
    from domain.story.bugs import explain, report_bug
    from domain.story.opening import Carried, open_order
    from domain.vocabulary.errors import DarkroomError, MalformedRequest
    from domain.vocabulary.status import AT_WORK, FINISHED
    from workflows.contract import OrderContract
    from workflows.designers import tell_designers
    from workflows.letter import deliver, deliver_despite_failures
    from workflows.picture import PictureRounds, as_own_error
    from workflows.telling import alert, report, show, write_rows
    from workflows.workbench import Alarm, TaskSet

RESULT_OF, TELL_DESIGNERS = "result of ", "word to the designers of "  # in names of work
REPORTS = {"report", "rows"}
ENDLESS = {"alert", "delivery in trouble"}  # work that others hold up, for days if need be
LONG_REPORT = timedelta(minutes=1)
MOST_PICTURES_AT_ONCE = 10  # pictures of an order
LONGEST_HISTORY = 9000  # events; then the order goes on in a new run whatever is at work


@workflow.defn
class OrderWorkflow(OrderContract):
    """One order, from the first picture to the end of after-care."""

    @workflow.init
    def __init__(self, request: Any = None, *extra: Any) -> None:
        self.inbox, self.has_update = Inbox(), False
        self.tasks, self.alarm, self.pause = TaskSet(), Alarm(), Alarm()
        self.refusal, self.report_started = "", workflow.now()
        self._begin([request, *extra] if extra else request)

    # ---- the story ---------------------------------------------------------------------------------------------------

    @workflow.run
    async def run(self, request: Any = None, *extra: Any) -> OrderOutcome:  # noqa: ARG002 - `__init__` reads them
        """Live through the order; each line waits for its part, hearing whatever comes meanwhile."""
        if self.refusal:
            raise ApplicationError(self.refusal, type=MalformedRequest.__name__, non_retryable=True)
        await self.examine_pictures()
        await self.agree_on_price()
        await self.produce_and_deliver()
        await self.provide_aftercare()
        return self.outcome()

    async def examine_pictures(self) -> None:
        """Every picture is fetched, stored and looked at."""
        await self.run_until(lambda: consequences.all_examined(self.order) or self.order.status in FINISHED)

    async def agree_on_price(self) -> None:
        """The order is quoted, quoted anew when what is wanted changes, and paid; or it expires or is cancelled."""
        await self.run_until(lambda: self.order.paid_at is not None or self.order.status in FINISHED)

    async def produce_and_deliver(self) -> None:
        """Every picture goes through its rounds, side by side, until the customer has the files."""
        await self.run_until(lambda: self.order.status in FINISHED)

    async def provide_aftercare(self) -> None:
        """The order stays open for payment, refund, another letter and rework; whatever was sent is read at its end."""
        await self.run_until(lambda: self.order.is_over and not self.has_unread() and not self.tasks)

    # ---- how time passes ---------------------------------------------------------------------------------------------

    async def run_until(self, reached: Callable[[], bool]) -> None:
        """Hear, let time do its part and work until the condition is reached."""
        while True:
            self.collect_finished()
            hearing.process_inbox(self.inbox, self.order, workflow.now())
            waiting.expire_due(self.order, workflow.now())
            consequences.apply_rules(self.order, workflow.now())
            capacity.shrink(self.order)
            self.order.outbox = unsent.merge_messages(self.order.outbox)
            self.order.notices = unsent.merge_notices(self.order.notices)
            self.continue_as_new_when_long()
            self.start_tasks()
            show(self.order)
            if reached():
                return
            await self.wait_for_event()

    async def wait_for_event(self) -> None:
        """Wait for a message, the end of some work, or the alarm. A cancellation in the Web UI is the staff's word."""
        self.alarm.set(self.next_deadline(), self.order.language)
        self.set_pause_timer()
        self.has_update = False
        try:
            await workflow.wait_condition(
                lambda: self.can_read() or self.has_update or self.is_time_up() or self.tasks.has_finished()
            )
        except asyncio.CancelledError:
            cancelled = {"requested_by": "staff", "reason": "Temporal"}
            self.inbox.put("cancel_requested", cancelled, (), workflow.now())

    def set_pause_timer(self) -> None:
        """Let a timer of its own say when a row of words is over: the alarm's is kept for days."""
        until = hearing.row_due_at(self.inbox, self.order)
        self.pause.set((until, "words_pause") if until else None, self.order.language)

    def is_time_up(self) -> bool:
        """Whether a deadline has come, or the end of a pause."""
        return self.alarm.is_due() or self.pause.is_due()

    def has_unread(self) -> bool:
        """Whether something that was sent is not read yet."""
        return bool(self.inbox) or self.inbox.row.is_held

    def can_read(self) -> bool:
        """Whether something was sent, and the outside knows so much of what was heard that there is room for more."""
        return bool(self.inbox) and not self.order.has_report_backlog

    def next_deadline(self) -> tuple[datetime, str] | None:
        """Return the order's next deadline, or when the rows go on by themselves where a flood waits for a report."""
        known = [deadline] if (deadline := waiting.next_deadline(self.order)) else []
        if "report" in self.tasks and "rows" not in self.tasks and self.order.has_report_backlog:
            known.append((self.report_started + LONG_REPORT, "long_report"))
        return min(known, default=None)

    # ---- work --------------------------------------------------------------------------------------------------------

    def start_tasks(self) -> None:
        """Start whatever the state of the order calls for and is not at work yet, and stop what it calls off."""
        for picture in self.order.pictures:
            self.work_on_picture(picture)
            if transfers.is_dispatch_outdated(picture):
                self.tasks.start(f"{TELL_DESIGNERS}{picture.task_id}", partial(tell_designers, self.order, picture))
        self.work_on_mail()
        waiting = {picture.task_id for picture in self.order.live if progress.is_waiting_for_model(picture)}
        is_due = self.order.serial > self.order.broken_report  # else it was broken off, and nothing happened since
        is_idle = self.order.has_unreported and set(self.tasks) <= ENDLESS | waiting and not self.inbox.row.is_held
        if is_due and (self.has_messages() or is_idle or self.order.has_report_backlog):
            self.start_report()  # otherwise what is at work brings the news along
        if self.order.notices:
            self.tasks.start("alert", partial(alert, self.order))

    def has_messages(self) -> bool:
        """Whether the customer is to hear something that is not to wait."""
        return any(not previews.is_held(self.order, message) for message in self.order.outbox)

    def start_report(self) -> None:
        """Tell the outside. While the bot cannot be reached the rows go on by themselves."""
        if "report" not in self.tasks:
            self.report_started = workflow.now()
            self.tasks.start("report", partial(report, self.order))
        elif workflow.now() - self.report_started >= LONG_REPORT and self.order.has_unreported:
            self.tasks.start("rows", partial(write_rows, self.order))

    def work_on_picture(self, picture: Picture) -> None:
        """Let a picture be looked at, made, or taken over from somebody else; one thing at a time."""
        rounds = PictureRounds(self.order, picture)
        if picture.is_restarted:
            self.tasks.cancel(picture.task_id)
            picture.is_restarted = picture.task_id in self.tasks
        if picture in self.order.live and not picture.is_examined:
            if not picture.look_failed and self.has_capacity(picture):
                self.tasks.start(picture.task_id, rounds.examine)
        elif picture.submission or picture.stopped or picture.status not in AT_WORK:
            self.tasks.cancel(picture.task_id)
        elif progress.is_workable(self.order, picture) and self.has_capacity(picture):
            progress.start(self.order, picture, workflow.now())
            self.tasks.start(picture.task_id, rounds.run_round)
        if picture.submission and picture.task_id not in self.tasks:
            self.tasks.start(f"{RESULT_OF}{picture.task_id}", rounds.accept_external_result)

    def has_capacity(self, picture: Picture) -> bool:
        """Whether a picture is at work, or may be: many begin a few at a time. What waits for a model holds up none."""
        busy = [one for one in self.order.live if one.task_id in self.tasks and not progress.is_waiting_for_model(one)]
        return picture in busy or len(busy) < MOST_PICTURES_AT_ONCE

    def work_on_mail(self) -> None:
        """Mail what is due; a letter is called off once it is due no more, or to another address."""
        if delivering.is_mail_cancelled(self.order):
            self.tasks.cancel("delivery")
        if delivering.is_mail_failing(self.order):
            self.tasks.start("delivery in trouble", partial(deliver_despite_failures, self.order))
            return
        self.tasks.cancel("delivery in trouble")
        if delivering.is_deliverable(self.order):
            self.tasks.start("delivery", partial(deliver, self.order))

    def collect_finished(self) -> None:
        """Take in what has ended; a bug of ours that broke it off reaches staff, and its picture waits for them."""
        for name, work in self.tasks.pop_finished():
            if work.cancelled() or (error := work.exception()) is None or is_cancelled_exception(error):
                continue
            task_id = name.removeprefix(RESULT_OF)
            picture = next((picture for picture in self.order.pictures if picture.task_id == task_id), None)
            if not isinstance(error, Exception):
                raise error
            error = as_own_error(error)
            report_bug(self.order, name, error, workflow.now())
            if picture:
                progress.hand_to_staff(self.order, picture, explain(error), workflow.now())
            elif name.startswith("delivery"):
                self.order.is_letter_broken = True
            elif name in REPORTS and isinstance(error, DarkroomError):
                self.order.broken_report = self.order.serial  # told again with whatever happens next, or resumed
            else:
                raise error  # of our own in a report or an alert: nothing can be told before that is mended

    # ---- beginnings and ends -----------------------------------------------------------------------------------------

    def _begin(self, request: Any) -> None:
        info = workflow.info()
        if info.continued_run_id:
            carried = Carried.model_validate(request["carried"])
            self.order, self.inbox = carried.order, carried.inbox
            return
        try:
            self.order = open_order(info.workflow_id, request, workflow.now())
        except MalformedRequest as error:
            self.refusal = str(error)

    def continue_as_new_when_long(self) -> None:
        """Continue as new before the history grows too long, with all that was sent; pictures and letters come first.

        A report, alert or letter in trouble is begun again by the new run. The bot drops what it has had, and a letter
        keeps its Message-ID; staff may hear something twice.
        """
        info = workflow.info()
        is_free = set(self.tasks) <= {"report", "rows", *ENDLESS} and workflow.all_handlers_finished()
        if info.get_current_history_length() > LONGEST_HISTORY or (info.is_continue_as_new_suggested() and is_free):
            carried = Carried(order=self.order, inbox=self.inbox)
            if budgets.size(carried) > budgets.STATE:
                return  # a flood is heard first
            workflow.continue_as_new({"carried": carried.model_dump(mode="json", exclude_defaults=True)})

    def outcome(self) -> OrderOutcome:
        """How the order ended."""
        return OrderOutcome(
            order_id=self.order.order_id,
            status=self.order.status,
            amount_paid=self.order.amount_paid,
            pictures={picture.task_id: picture.status for picture in self.order.pictures},
        )
