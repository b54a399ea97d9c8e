"""What Temporal would be: it keeps the clock and the runs, and hands out tasks, signals, timers and children."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial, singledispatchmethod
from typing import Any

from temporalio import activity
from temporalio.bridge.proto.child_workflow import child_workflow_pb2 as child_proto
from temporalio.bridge.proto.workflow_activation import workflow_activation_pb2 as activation_proto
from temporalio.bridge.proto.workflow_commands import workflow_commands_pb2 as command_proto
from temporalio.exceptions import ApplicationError
from temporalio.workflow import ActivityCancellationType

from domain.attempts.work import LateEvent
from domain.order.messages import Answer
from starter.client import CONVERTER
from starter.late import _workflow_id as late_workflow_id
from tests.shop import FakeShop
from tests.simulation.activities import Resolution, Scheduled
from tests.simulation.faults import Faults
from tests.simulation.runs import Command, Job, Run, Violation, told

TAKEN = child_proto.StartChildWorkflowExecutionFailedCause.Value(
    "START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS"
)
BEGIN = datetime(2026, 11, 22, 1, tzinfo=UTC)  # nine in the morning at the shop

LONGEST_HISTORY = 12_000  # events of a run


class Server:
    """A world with one shop. Every step is chosen by the faults' random numbers, so a seed gives the same run."""

    def __init__(self, shop: FakeShop, faults: Faults) -> None:
        self.shop, self.faults, self.random, self.now = shop, faults, faults.random, BEGIN
        self.runs: dict[str, Run] = {}  # the newest of each workflow
        self.past: list[Run] = []
        self.timers: dict[tuple[str, int], datetime] = {}  # by run id and seq
        self.scheduled: list[Scheduled] = []
        self.unsent: list[Scheduled] = []  # of them, those of the present workflow task
        self.ghosts: list[Scheduled] = []  # called off without waiting: they may have their effect all the same
        self.children: dict[str, tuple[Run, int]] = {}  # who waits for the end of a workflow, by its id
        self.tale: list[str] = []
        self.answered: Callable[[str, Answer | None], None] = lambda _name, _answer: None
        self.functions = {
            activity._Definition.must_from_callable(function).name or "": function
            for functions in shop.activities().values()
            for function in functions
        }
        self.runs_begun = 0

    # ---- what callers do ---------------------------------------------------------------------------------------------

    def start(self, kind: str, workflow_id: str, *arguments: Any) -> Run:
        """Start a workflow, unless its id is taken."""
        if workflow_id not in self.runs:
            self._begin(kind, workflow_id, CONVERTER.payload_converter.to_payloads(arguments), None)
        return self.runs[workflow_id]

    def signal(self, workflow_id: str, name: str, payload: Any) -> bool:
        """Send a signal; return False if the workflow is closed or was never started."""
        run = self.runs.get(workflow_id)
        if run is None or run.is_closed:
            return False
        data = CONVERTER.payload_converter.to_payloads([payload])
        run.inbox.append(Job(signal_workflow=activation_proto.SignalWorkflow(signal_name=name, input=data)))
        return True

    def keep_late(self, order_id: str, signal: str, payload: dict[str, Any]) -> bool:
        """Record an event for an order that is closed, as starter/late.py does; return False for a repeat."""
        late = LateEvent(order_id=order_id, signal=signal, payload=payload)
        event_id = str(payload.get("event_id") or f"late-{len(self.runs)}")
        workflow_id = late_workflow_id(late, event_id)
        is_new = workflow_id not in self.runs
        self.start("LateEventWorkflow", workflow_id, late.model_dump(mode="json"))
        return is_new

    def update(self, workflow_id: str, name: str, payload: Any, update_id: str) -> bool:
        """Send an update; `answered` hears of its end. Return False if the workflow is closed."""
        run = self.runs[workflow_id]
        if run.is_closed:
            return False
        data = CONVERTER.payload_converter.to_payloads([payload])
        asked = activation_proto.DoUpdate(
            id=update_id, protocol_instance_id=update_id, name=name, input=data, run_validator=True
        )
        asked.meta.update_id = update_id
        run.inbox.append(Job(do_update=asked))
        return True

    def cancel(self, workflow_id: str) -> None:
        """Cancel a workflow, as in the Web UI, if it runs."""
        run = self.runs.get(workflow_id)
        if run and not run.is_closed:
            run.inbox.append(Job(cancel_workflow=activation_proto.CancelWorkflow(reason="by hand")))

    # ---- a step ------------------------------------------------------------------------------------------------------

    def step(self, patience: timedelta = timedelta.max) -> bool:
        """Do something that can be done now or within this time; return False if nothing can."""
        self.now += timedelta(milliseconds=self.random.randrange(1, 2000))
        if self.faults.happens("clock jumps"):
            self.now += timedelta(hours=self.random.randrange(1, 30))
        self._fire_timers()
        choices = [*self._tasks(), *self._tries(), *self._late_effects()]
        if choices:
            self.random.choice(choices)()
            return True
        return self._wait(patience)

    def _tasks(self) -> Iterator[Callable[[], None]]:
        for run in list(self.runs.values()):
            if run.inbox and not run.is_closed:
                yield partial(self._workflow_task, run)

    def _tries(self) -> Iterator[Callable[[], None]]:
        for one in self.scheduled:
            if one.is_called_off or one.not_before is None or one.not_before <= self.now:
                yield partial(self._try, one)

    def _late_effects(self) -> Iterator[Callable[[], None]]:
        for ghost in self.ghosts:
            yield partial(self._haunt, ghost)

    def _wait(self, patience: timedelta) -> bool:
        """Let time pass until a retry or a timer is due."""
        due = [*(one.not_before for one in self.scheduled if one.not_before), *self.timers.values()]
        if not due or min(due) - self.now > patience:
            return False
        self.now = max(self.now, min(due))
        if self.faults.happens("timer late"):
            self.now += timedelta(minutes=self.random.randrange(1, 120))
        return True

    def _fire_timers(self) -> None:
        for (run_id, seq), due in sorted(self.timers.items(), key=lambda timer: timer[1]):
            if due <= self.now:
                del self.timers[run_id, seq]
                run = next(run for run in self.runs.values() if run.run_id == run_id)
                run.inbox.append(Job(fire_timer=activation_proto.FireTimer(seq=seq)))

    # ---- workflow tasks ----------------------------------------------------------------------------------------------

    def _workflow_task(self, run: Run) -> None:
        is_long = self.faults.happens("continued as new")
        if run.activations and self.faults.happens("workflow task lost"):
            run.lose_task(self.now, is_long=is_long)
        elif run.activations and self.faults.happens("evicted from the cache"):
            run.rebuild()
        self.note(run, "task: " + ", ".join(filter(None, (told(job) for job in run.inbox))))
        self.unsent = []
        for command in run.take(self.now, is_long=is_long):
            self._obey(getattr(command, command.WhichOneof("variant") or ""), run, command)
        if run.events > LONGEST_HISTORY:
            raise Violation(f"the history of {run.workflow_id} grows without limit")

    @singledispatchmethod
    def _obey(self, command: Any, run: Run, _whole: Command) -> None:
        """Do what a command says; the rest is only shown to people."""

    @_obey.register
    def _(self, command: command_proto.ScheduleActivity, run: Run, _whole: Command) -> None:
        self.unsent.append(Scheduled(run, command, self.now))
        self.scheduled.append(self.unsent[-1])

    @_obey.register
    def _(self, command: command_proto.StartTimer, run: Run, _whole: Command) -> None:
        self.timers[run.run_id, command.seq] = self.now + command.start_to_fire_timeout.ToTimedelta()

    @_obey.register
    def _(self, command: command_proto.CancelTimer, run: Run, _whole: Command) -> None:
        self.timers.pop((run.run_id, command.seq), None)

    @_obey.register
    def _(self, command: command_proto.RequestCancelActivity, run: Run, _whole: Command) -> None:
        (one,) = [one for one in self.scheduled if one.run is run and one.command.seq == command.seq] or (None,)
        if one is None:
            return
        if one in self.unsent:  # the SDK takes it back and sends neither command
            self._resolve(one, one.cancellation())
            return
        if one.command.cancellation_type == ActivityCancellationType.WAIT_CANCELLATION_COMPLETED.value:
            one.is_called_off = True
            return
        self._resolve(one, one.cancellation())
        if self.faults.happens("called off, and done all the same"):
            self.ghosts.append(one)

    @_obey.register
    def _(self, command: command_proto.StartChildWorkflowExecution, run: Run, _whole: Command) -> None:
        job = activation_proto.ResolveChildWorkflowExecutionStart(seq=command.seq)
        if command.workflow_id in self.runs:
            job.failed.workflow_id, job.failed.workflow_type = command.workflow_id, command.workflow_type
            job.failed.cause = TAKEN
        else:
            child = self._begin(command.workflow_type, command.workflow_id, list(command.input), None)
            self.children[command.workflow_id] = (run, command.seq)
            job.succeeded.run_id = child.run_id
        run.inbox.append(Job(resolve_child_workflow_execution_start=job))

    @_obey.register
    def _(self, command: command_proto.SignalExternalWorkflowExecution, run: Run, _whole: Command) -> None:
        (payload,) = CONVERTER.payload_converter.from_payloads(list(command.args))
        job = activation_proto.ResolveSignalExternalWorkflow(seq=command.seq)
        target = command.child_workflow_id or command.workflow_execution.workflow_id
        if not self.signal(target, command.signal_name, payload):
            failure = ApplicationError("external workflow execution not found", type="ExternalWorkflowNotFound")
            CONVERTER.failure_converter.to_failure(failure, CONVERTER.payload_converter, job.failure)
        run.inbox.append(Job(resolve_signal_external_workflow=job))

    @_obey.register
    def _(self, command: command_proto.UpdateResponse, run: Run, _whole: Command) -> None:
        what = command.WhichOneof("response")
        if what == "completed":
            answer = CONVERTER.payload_converter.from_payload(command.completed, Answer)
            self.answered(command.protocol_instance_id, answer)
        elif what == "rejected":
            self.answered(command.protocol_instance_id, None)

    @_obey.register
    def _(self, command: command_proto.ContinueAsNewWorkflowExecution, run: Run, _whole: Command) -> None:
        unread, run.inbox = [job for job in run.inbox if job.HasField("signal_workflow")], []
        self._close(run)
        begun = self._begin(run.kind, run.workflow_id, list(command.arguments), run.run_id)
        begun.inbox += unread

    @_obey.register
    def _(self, command: command_proto.CompleteWorkflowExecution, run: Run, _whole: Command) -> None:
        self._close(run)
        if parent := self.children.get(run.workflow_id):
            self._tell_parent(*parent, command)

    @_obey.register
    def _(self, command: command_proto.FailWorkflowExecution, run: Run, _whole: Command) -> None:
        raise Violation(f"{run.workflow_id} failed: {command.failure.message} {command.failure.cause.message}")

    def _tell_parent(self, parent: Run, seq: int, command: command_proto.CompleteWorkflowExecution) -> None:
        if parent is self.runs.get(parent.workflow_id) and not parent.is_closed:  # a run that ended hears nothing
            job = activation_proto.ResolveChildWorkflowExecution(seq=seq)
            job.result.completed.result.CopyFrom(command.result)
            parent.inbox.append(Job(resolve_child_workflow_execution=job))

    def _begin(self, kind: str, workflow_id: str, arguments: list[Any], continued_from: str | None) -> Run:
        self.runs_begun += 1
        run = Run(kind, workflow_id, f"run-{self.runs_begun}", arguments, self.now, continued_from)
        self.runs[workflow_id] = run
        return run

    def _close(self, run: Run) -> None:
        run.is_closed = True
        self.past.append(run)
        self.timers = {key: due for key, due in self.timers.items() if key[0] != run.run_id}
        self.ghosts += [one for one in self.scheduled if one.run is run]
        self.scheduled = [one for one in self.scheduled if one.run is not run]

    # ---- activities --------------------------------------------------------------------------------------------------

    def _try(self, one: Scheduled) -> None:
        """Let a worker try an activity, with everything that may go wrong."""
        is_waiting = one.not_before is not None and one.not_before > self.now
        if one.is_called_off and (is_waiting or not self.faults.happens("called off, and done all the same")):
            self._resolve(one, one.cancellation())
            return
        if not one.is_called_off and self.faults.happens("worker dies before the effect"):
            self._after(one, None)
            return
        try:
            result = self._perform(one)
        except ApplicationError as error:
            self.note(one.run, f"{one.name} try {one.attempt} fails: {error.type}: {error.message}")
            self._resolve(one, one.cancellation()) if one.is_called_off else self._after(one, error)
            return
        if one.is_called_off and self.faults.happens("called off, and the worker dies after the effect"):
            self.note(one.run, f"{one.name} is called off, takes effect, and its worker dies")
            self._resolve(one, one.cancellation())
        elif not one.is_called_off and self.faults.happens("worker dies after the effect"):
            self.note(one.run, f"{one.name} try {one.attempt} takes effect, and its worker dies")
            self._after(one, None)
        else:
            self.note(one.run, f"{one.name} try {one.attempt} done")
            self._resolve(one, one.resolution_of(result))

    def _perform(self, one: Scheduled) -> Any:
        self.faults.trip(self.shop)
        return one.perform(self.functions[one.name], self.now)

    def _haunt(self, ghost: Scheduled) -> None:
        self.ghosts.remove(ghost)
        self.note(ghost.run, f"{ghost.name}, which was called off, takes effect")
        with suppress(ApplicationError):
            self._perform(ghost)

    def _after(self, one: Scheduled, error: ApplicationError | None) -> None:
        if resolution := one.after(error, self.now):
            self._resolve(one, resolution)

    def _resolve(self, one: Scheduled, resolution: Resolution) -> None:
        self.scheduled.remove(one)
        resolved = activation_proto.ResolveActivity(seq=one.command.seq, result=resolution)
        one.run.inbox.append(Job(resolve_activity=resolved))

    def note(self, run: Run, what: str) -> None:
        """Add a line to the tale."""
        self.tale.append(f"{self.now:%m-%d %H:%M:%S} {run.workflow_id}: {what}")
