"""Frees the memory of a workflow at the moment in which its worker evicts it from the cache.

The SDK's instance and the frames of its ended tasks refer to each other, so an evicted workflow, with its order, would
stay in memory until a collection of the oldest generation, which is rare on purpose (runtime/garbage.py).
"""

from collections.abc import Sequence
from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner


class ReleasingRunner(WorkflowRunner):
    """Runs workflows like another runner, and empties each instance that was evicted."""

    def __init__(self, inner: WorkflowRunner) -> None:
        self._inner = inner

    def prepare_workflow(self, defn: Any) -> None:
        """Prepare a workflow class."""
        self._inner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Return an instance for one run."""
        instance = self._inner.create_instance(det)
        activate = instance.activate

        def activate_and_release(activation: WorkflowActivation) -> WorkflowActivationCompletion:
            completion = activate(activation)
            if any(job.HasField("remove_from_cache") for job in activation.jobs):
                _empty(instance, det.defn.cls)
            return completion

        vars(instance)["activate"] = activate_and_release
        return instance

    def set_worker_level_failure_exception_types(self, types: Sequence[type[BaseException]]) -> None:
        """Pass on which exceptions fail a workflow."""
        self._inner.set_worker_level_failure_exception_types(types)


def _empty(instance: WorkflowInstance, workflow: type) -> None:
    """Drop what an instance and its workflow refer to. All tasks have ended; their destructors ask for flags only."""
    held = vars(instance)
    dropped = [held.pop(name) for name, value in list(held.items()) if not isinstance(value, bool)]
    for value in dropped:
        if isinstance(value, workflow):
            vars(value).clear()
