"""One run of a workflow, driven by activations through the SDK's own runner, as a worker does.

The SDK's classes used here are private: tests/simulation/test_simulation.py runs one order to notice when they change.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Any

import temporalio.api.common.v1 as common_proto
from temporalio import workflow
from temporalio.bridge.proto.workflow_activation import workflow_activation_pb2 as activation_proto
from temporalio.bridge.proto.workflow_commands import workflow_commands_pb2 as command_proto
from temporalio.common import Priority, TypedSearchAttributes
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails

from starter.client import CONVERTER
from workflows.dispatch import DispatchWorkflow
from workflows.find_image import FindImageWorkflow
from workflows.late_event import LateEventWorkflow
from workflows.order import OrderWorkflow

Job = activation_proto.WorkflowActivationJob
Activation = activation_proto.WorkflowActivation
Command = command_proto.WorkflowCommand
WORKFLOWS = {
    one.__name__: workflow._Definition.must_from_class(one)
    for one in (OrderWorkflow, DispatchWorkflow, FindImageWorkflow, LateEventWorkflow)
}
RUNNER = UnsandboxedWorkflowRunner()
LOOP = asyncio.new_event_loop()  # workflows only look whether there is one; activities run on it
EVENTS_A_TASK = 3


class Violation(AssertionError):
    """Something that must never happen has happened."""


class Run:
    """One run: its instance, and its history as the activations and the commands that answered them."""

    def __init__(
        self,
        kind: str,
        workflow_id: str,
        run_id: str,
        arguments: Sequence[common_proto.Payload],
        now: datetime,
        continued_from: str | None = None,
    ) -> None:
        self.kind, self.workflow_id, self.run_id, self.started_at = kind, workflow_id, run_id, now
        self.continued_from = continued_from
        self.activations: list[Activation] = []
        self.commands: list[list[Command]] = []
        self.flags: set[int] = set()  # of the SDK's behaviour, as its history keeps them
        self.inbox = [Job(initialize_workflow=self._beginning(arguments))]
        self.is_closed = False
        self._instance = self._new_instance()
        self.steps = 0  # activations, those of rebuilt instances included

    def _beginning(self, arguments: Sequence[common_proto.Payload]) -> activation_proto.InitializeWorkflow:
        return activation_proto.InitializeWorkflow(
            workflow_type=self.kind, workflow_id=self.workflow_id, randomness_seed=1, arguments=arguments
        )

    def _new_instance(self) -> WorkflowInstance:
        info = workflow.Info(
            attempt=1, continued_run_id=self.continued_from, cron_schedule=None, execution_timeout=None,
            first_execution_run_id=self.run_id, headers={}, namespace="simulation",
            original_execution_run_id=self.run_id, parent=None, root=None, priority=Priority.default, raw_memo={},
            retry_policy=None, run_id=self.run_id, run_timeout=None, search_attributes={},
            start_time=self.started_at, task_queue="orders", task_timeout=timedelta(seconds=10),
            typed_search_attributes=TypedSearchAttributes([]), workflow_id=self.workflow_id,
            workflow_start_time=self.started_at, workflow_type=self.kind,
        )  # fmt: skip
        details = WorkflowInstanceDetails(
            payload_converter_factory=CONVERTER._new_payload_converter,
            failure_converter_class=CONVERTER.failure_converter_class,
            interceptor_classes=[], defn=WORKFLOWS[self.kind], info=info, randomness_seed=1, extern_functions={},
            disable_eager_activity_execution=False, worker_level_failure_exception_types=[],
            patch_activation_callback=None, last_completion_result=common_proto.Payloads(), last_failure=None,
        )  # fmt: skip
        asyncio._set_running_loop(LOOP)
        try:
            return RUNNER.create_instance(details)
        finally:
            asyncio._set_running_loop(None)

    @property
    def events(self) -> int:
        """About how many events its history has."""
        return sum(
            EVENTS_A_TASK + len(activation.jobs) + len(commands)
            for activation, commands in zip(self.activations, self.commands, strict=True)
        )

    def take(self, now: datetime, *, is_long: bool) -> list[Command]:
        """Do a workflow task: hand over what is in the inbox, and return the commands."""
        jobs, self.inbox = self.inbox, []
        activation = self._activation(jobs, now, is_long=is_long)
        commands = self._activate(self._instance, activation)
        self.activations.append(activation)
        self.commands.append(commands)
        return commands

    def lose_task(self, now: datetime, *, is_long: bool) -> None:
        """Do a workflow task whose outcome never arrives; it is done again, in a new instance."""
        self._activate(self._instance, self._activation(self.inbox, now, is_long=is_long))
        self.rebuild()

    def rebuild(self) -> None:
        """Replay the history in a new instance. Raises Violation if any command differs."""
        self._instance = self._new_instance()
        for number, (recorded, commands) in enumerate(zip(self.activations, self.commands, strict=True)):
            activation = Activation()
            activation.CopyFrom(recorded)
            activation.is_replaying = True
            activation.available_internal_flags.extend(self.flags)
            if number == 0:
                activation.jobs.extend(self._patches())
            replayed = self._activate(self._instance, activation)
            if list(map(_bytes, replayed)) != list(map(_bytes, commands)):
                raise Violation(
                    f"{self.workflow_id} replays differently in task {number + 1}: {_difference(commands, replayed)}"
                )

    def _patches(self) -> list[Job]:
        """Return the jobs that tell a replay which patches its history has."""
        markers = [command.set_patch_marker for commands in self.commands for command in commands]
        named = sorted({marker.patch_id for marker in markers if marker.patch_id})
        return [Job(notify_has_patch=activation_proto.NotifyHasPatch(patch_id=patch)) for patch in named]

    def ask(self, query: str, of: type[Any]) -> Any:
        """Return the answer to a query."""
        asked = activation_proto.QueryWorkflow(query_id="q", query_type=query)
        when = self.activations[-1].timestamp.ToDatetime(UTC)
        activation = self._activation([Job(query_workflow=asked)], when, is_long=False)
        (command,) = self._activate(self._instance, activation)
        answer = command.respond_to_query
        if answer.HasField("failed"):
            raise Violation(f"query {query} failed: {answer.failed.message}")
        return CONVERTER.payload_converter.from_payload(answer.succeeded.response, of)

    def _activation(self, jobs: Sequence[Job], now: datetime, *, is_long: bool) -> Activation:
        activation = Activation(
            run_id=self.run_id,
            is_replaying=False,
            history_length=self.events + EVENTS_A_TASK,
            continue_as_new_suggested=is_long,
            jobs=jobs,
        )
        activation.timestamp.FromDatetime(now)
        return activation

    def _activate(self, instance: WorkflowInstance, activation: Activation) -> list[Command]:
        self.steps += 1
        completion = instance.activate(activation)
        if completion.HasField("failed"):
            failure = completion.failed.failure
            raise Violation(f"workflow task of {self.workflow_id} failed: {failure.message}\n{failure.stack_trace}")
        self.flags |= set(completion.successful.used_internal_flags)
        return list(completion.successful.commands)


def _bytes(command: Command) -> bytes:
    return command.SerializeToString(deterministic=True)


def _difference(commands: Sequence[Command], replayed: Sequence[Command]) -> str:
    for before, after in zip_longest(commands, replayed):
        if before is None or after is None or _bytes(before) != _bytes(after):
            return f"{before} became {after}"
    return ""


def told(job: Job) -> str:
    """Return what a job brings, for the tale of a world."""
    kind = job.WhichOneof("variant") or ""
    if kind == "signal_workflow":
        data = job.signal_workflow.input[0].data.decode() if job.signal_workflow.input else ""
        return f"{job.signal_workflow.signal_name} {data}"
    if kind == "do_update":
        return f"update {job.do_update.name} {job.do_update.input[0].data.decode()}"
    return {"fire_timer": "timer", "resolve_activity": ""}.get(kind, kind.replace("_", " "))
