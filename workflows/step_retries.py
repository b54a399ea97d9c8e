"""How a dispatch retries a step while an outside system is unavailable."""

from collections.abc import Callable
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from domain.designers import assignment
    from domain.designers.dispatch import DispatchState
    from domain.designers.ports import LISTED_AFTER
    from domain.texts.summaries import doing
    from workflows import options
    from workflows.failures import is_shared, raise_if_cancelled, reason_of
    from workflows.telling import HOURLY


class StepRetries:
    """Steps of a dispatch with unlimited retries; staff are told once when one keeps failing."""

    state: DispatchState
    has_update: bool  # there is something to report while a step runs

    async def run_step(
        self, step: Callable[[Any, Any], Any], wanted: Any, what: str, waiting: options.Options | None = None
    ) -> Any:
        """Try a few times, then tell staff once, then retry without limit.

        A step with `waiting` options waits until the outside system fails; from then on it only checks whether that
        answers at all.
        """
        try:
            if waiting and not self.state.is_in_trouble:  # else an earlier run told staff
                return await self._run_once(step, wanted, what, waiting)
        except ActivityError as error:
            raise_if_cancelled(error)
        wanted = wanted.model_copy(update={"is_patient": False}) if waiting else wanted
        try:
            return await self._run_once(step, wanted, what, options.DISPATCH)
        except ActivityError as error:
            raise_if_cancelled(error)
            self._take_in(error)
            await workflow.sleep(LISTED_AFTER)  # else a task created without an answer may be created again
            return await self._retry_until_fixed(step, wanted, what)
        finally:
            self.state.is_in_trouble = False  # it succeeded or was cancelled

    async def _retry_until_fixed(self, step: Callable[[Any, Any], Any], wanted: Any, what: str) -> Any:
        """Retry after staff were told. A failure from a bug, or of this dispatch alone, is retried hourly."""
        while True:
            try:
                return await self._run_once(step, wanted, what, options.DISPATCH_IN_TROUBLE)
            except ActivityError as error:
                raise_if_cancelled(error)
                self._take_in(error)
                await workflow.sleep(HOURLY, summary=self.doing(what))

    def _take_in(self, error: ActivityError) -> None:
        """Tell staff once, unless the failure is shared and reported as an outage."""
        if not is_shared(error):
            assignment.on_trouble(self.state, reason_of(error)[0], workflow.now())
            self.has_update = True

    async def _run_once(self, step: Callable[[Any, Any], Any], wanted: Any, what: str, how: options.Options) -> Any:
        """Run a step once, with the retries that these options allow."""
        return await workflow.execute_activity_method(step, wanted, **how, summary=self.doing(what))

    def doing(self, what: str, **facts: object) -> str:
        """Return the summary of a step for the Web UI."""
        about = self.state.request.task_id
        return doing(self.state.language, what, about, designer=self.state.designer, **facts)
