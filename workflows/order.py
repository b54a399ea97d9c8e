"""The workflow of an order: its main loop. Its signals, updates and queries are in workflows/contract.py."""

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
    from domain.order.journal import Lines
    from domain.order.messages import OrderOutcome
    from domain.order.picture import Picture
    from domain.story import consequences, deadlines, delivering, hearing, previews, progress
    from domain.story.bugs import explain, report_bug
    from domain.story.opening import Carried, open_order
    from domain.vocabulary.errors import DarkroomError, MalformedRequest
    from domain.vocabulary.status import AT_WORK, FINISHED
    from workflows.contract import OrderContract
    from workflows.designers import tell_designers
    from workflows.failures import as_own_error
    from workflows.letter import deliver, deliver_despite_failures
    from workflows.picture import PictureRounds
    from workflows.tasks import Alarm, TaskSet
    from workflows.telling import alert, report, show, write_rows

RESULT_OF, TELL_DESIGNERS = "result of ", "word to the designers of "  # in task names
REPORTS = {"report", "rows"}
ENDLESS = {"alert", "delivery in trouble"}  # tasks that an outage may hold up for days
LONG_REPORT = timedelta(minutes=1)
MOST_PICTURES_AT_ONCE = 10  # pictures of an order
LONGEST_HISTORY = 9000  # events; beyond that, continue as new even if tasks are running


@workflow.defn
class OrderWorkflow(OrderContract):
    """One order, from the first picture to the end of after-care."""

    @workflow.init
    def __init__(self, request: Any = None, *extra: Any) -> None:
        self.inbox, self.has_update = Inbox(), False
        self.tasks, self.alarm, self.pause = TaskSet(), Alarm(), Alarm()
        self.lines = Lines()
        self.refusal, self.report_started = "", workflow.now()
        self._begin([request, *extra] if extra else request)

    # ---- the story ---------------------------------------------------------------------------------------------------

    @workflow.run
    async def run(self, request: Any = None, *extra: Any) -> OrderOutcome:  # noqa: ARG002 - `__init__` reads them
        """Run the order. Each line waits until its stage is reached, handling messages meanwhile."""
        if self.refusal:
            raise ApplicationError(self.refusal, type=MalformedRequest.__name__, non_retryable=True)
        await self.examine_pictures()
        await self.agree_on_price()
        await self.produce_and_deliver()
        await self.provide_aftercare()
        return self.outcome()

    async def examine_pictures(self) -> None:
        """Wait until every picture is fetched, stored and examined."""
        await self.run_until(lambda: consequences.all_examined(self.order) or self.order.status in FINISHED)

    async def agree_on_price(self) -> None:
        """Wait until the order, quoted again after each change, is paid; or until it expires or is cancelled."""
        await self.run_until(lambda: self.order.paid_at is not None or self.order.status in FINISHED)

    async def produce_and_deliver(self) -> None:
        """Wait until every picture has gone through its rounds, in parallel, and the customer has the files."""
        await self.run_until(lambda: self.order.status in FINISHED)

    async def provide_aftercare(self) -> None:
        """Stay open for payment, refund, resend and rework. At the end, pending messages are still handled."""
        await self.run_until(lambda: self.order.is_over and not self.has_unread() and not self.tasks)

    # ---- how time passes ---------------------------------------------------------------------------------------------

    async def run_until(self, reached: Callable[[], bool]) -> None:
        """Handle messages and deadlines, apply the rules and run tasks until the condition holds."""
        while True:
            self.collect_finished()
            hearing.process_inbox(self.inbox, self.order, workflow.now())
            deadlines.expire_due(self.order, workflow.now())
            consequences.apply_rules(self.order, workflow.now())
            capacity.shrink(self.order)
            self.order.outbox = unsent.merge_messages(self.order.outbox)
            self.order.notices = unsent.merge_notices(self.order.notices)
            self.continue_as_new_when_long()
            self.start_tasks()
            show(self.order, self.lines)
            if reached():
                return
            await self.wait_for_event()

    async def wait_for_event(self) -> None:
        """Wait for a message, a finished task or a deadline. A cancellation in the Web UI counts as staff's request."""
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
        """Set the timer for the end of a row of messages. It is separate because the alarm's is kept for days."""
        until = hearing.row_due_at(self.inbox, self.order)
        self.pause.set((until, "words_pause") if until else None, self.order.language)

    def is_time_up(self) -> bool:
        """Whether a deadline or the end of a pause has come."""
        return self.alarm.is_due() or self.pause.is_due()

    def has_unread(self) -> bool:
        """Whether messages are still to be handled."""
        return bool(self.inbox) or self.inbox.row.is_held

    def can_read(self) -> bool:
        """Whether there are messages, and enough earlier changes are reported to leave room for more."""
        return bool(self.inbox) and not self.order.has_report_backlog

    def next_deadline(self) -> tuple[datetime, str] | None:
        """Return the next deadline; in a flood that waits for a report, also when rows are written without it."""
        known = [deadline] if (deadline := deadlines.next_deadline(self.order)) else []
        if "report" in self.tasks and "rows" not in self.tasks and self.order.has_report_backlog:
            known.append((self.report_started + LONG_REPORT, "long_report"))
        return min(known, default=None)

    # ---- work --------------------------------------------------------------------------------------------------------

    def start_tasks(self) -> None:
        """Start the tasks that the state of the order requires, and cancel those it no longer does."""
        for picture in self.order.pictures:
            self.work_on_picture(picture)
            if transfers.is_dispatch_outdated(picture):
                self.tasks.start(f"{TELL_DESIGNERS}{picture.task_id}", partial(tell_designers, self.order, picture))
        self.work_on_mail()
        deadlines = {picture.task_id for picture in self.order.live if progress.is_waiting_for_model(picture)}
        is_due = self.order.serial > self.order.broken_report  # else the report failed, and nothing has happened since
        is_idle = self.order.has_unreported and set(self.tasks) <= ENDLESS | deadlines and not self.inbox.row.is_held
        if is_due and (self.has_messages() or is_idle or self.order.has_report_backlog):
            self.start_report()  # otherwise a running task reports the changes
        if self.order.notices:
            self.tasks.start("alert", partial(alert, self.order))

    def has_messages(self) -> bool:
        """Whether a message to the customer should not wait."""
        return any(not previews.is_held(self.order, message) for message in self.order.outbox)

    def start_report(self) -> None:
        """Start a report. While the bot cannot be reached, write the rows without it after a minute."""
        if "report" not in self.tasks:
            self.report_started = workflow.now()
            self.tasks.start("report", partial(report, self.order))
        elif workflow.now() - self.report_started >= LONG_REPORT and self.order.has_unreported:
            self.tasks.start("rows", partial(write_rows, self.order))

    def work_on_picture(self, picture: Picture) -> None:
        """Examine or make a picture, or accept an external result of it: one at a time."""
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
        """Whether work on a picture runs or may start: few run at a time, not counting those waiting for a model."""
        busy = [one for one in self.order.live if one.task_id in self.tasks and not progress.is_waiting_for_model(one)]
        return picture in busy or len(busy) < MOST_PICTURES_AT_ONCE

    def work_on_mail(self) -> None:
        """Send the e-mail that is due; cancel one that is no longer due or must go to another address."""
        if delivering.is_mail_cancelled(self.order):
            self.tasks.cancel("delivery")
        if delivering.is_mail_failing(self.order):
            self.tasks.start("delivery in trouble", partial(deliver_despite_failures, self.order))
            return
        self.tasks.cancel("delivery in trouble")
        if delivering.is_deliverable(self.order):
            self.tasks.start("delivery", partial(deliver, self.order))

    def collect_finished(self) -> None:
        """Remove finished tasks. A bug that ended one is reported to staff, and its picture waits for them."""
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
                self.order.broken_report = self.order.serial  # retried after the next change, or when staff resume
            else:
                raise error  # a bug in a report or an alert: nothing can be reported before it is fixed

    # ---- beginnings and ends -----------------------------------------------------------------------------------------

    def _begin(self, request: Any) -> None:
        info = workflow.info()
        if info.continued_run_id:
            carried = Carried.model_validate(request.pop("carried"))  # else Temporal would keep it in memory
            self.order, self.inbox = carried.order, carried.inbox
            return
        try:
            self.order = open_order(info.workflow_id, request, workflow.now())
        except MalformedRequest as error:
            self.refusal = str(error)

    def continue_as_new_when_long(self) -> None:
        """Continue as new before the history grows too long, keeping the inbox; running pictures and e-mails end first.

        The new run restarts a report, an alert or a failing e-mail. The bot drops repeats and an e-mail keeps its
        Message-ID, but staff may be told something twice.
        """
        info = workflow.info()
        is_free = set(self.tasks) <= {"report", "rows", *ENDLESS} and workflow.all_handlers_finished()
        if info.get_current_history_length() > LONGEST_HISTORY or (info.is_continue_as_new_suggested() and is_free):
            carried = Carried(order=self.order, inbox=self.inbox)
            if budgets.size(carried) > budgets.STATE:
                return  # a flood is handled first
            workflow.continue_as_new({"carried": carried.model_dump(mode="json", exclude_defaults=True)})

    def outcome(self) -> OrderOutcome:
        """Return how the order ended."""
        return OrderOutcome(
            order_id=self.order.order_id,
            status=self.order.status,
            amount_paid=self.order.amount_paid,
            pictures={picture.task_id: picture.status for picture in self.order.pictures},
        )
