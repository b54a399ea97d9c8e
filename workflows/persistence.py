"""How a dispatch goes on with a step while what it needs outside is away."""

from collections.abc import Callable
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from domain.designers import assignment
    from domain.designers.dispatch import DispatchState
    from domain.designers.ports import LISTED_AFTER
    from domain.texts.summaries import doing
    from workflows import options
    from workflows.picture import is_shared, reason_of
    from workflows.telling import HOURLY


class StepRetries:
    """Steps of a dispatch that are tried on and on; staff hear when that takes long."""

    state: DispatchState
    has_update: bool  # there is something to tell while a step goes on

    async def run_step(
        self, step: Callable[[Any, Any], Any], wanted: Any, what: str, waiting: options.Options | None = None
    ) -> Any:
        """Try a few times, then tell staff once, then go on for as long as it takes.

        What waits does so until the outside fails; then it only asks whether that answers at all.
        """
        try:
            if waiting and not self.state.is_in_trouble:  # else staff were told by a run before this one
                return await self._run_once(step, wanted, what, waiting)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
        wanted = wanted.model_copy(update={"is_patient": False}) if waiting else wanted
        try:
            return await self._run_once(step, wanted, what, options.DISPATCH)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            self._take_in(error)
            await workflow.sleep(LISTED_AFTER)  # else what was created and not answered may be created once more
            return await self._retry_until_fixed(step, wanted, what)
        finally:
            self.state.is_in_trouble = False  # it went well, or was called off

    async def _retry_until_fixed(self, step: Callable[[Any, Any], Any], wanted: Any, what: str) -> Any:
        """Go on although staff were told; what ends with a bug, or for us alone, is begun anew every hour."""
        while True:
            try:
                return await self._run_once(step, wanted, what, options.DISPATCH_IN_TROUBLE)
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise
                self._take_in(error)
                await workflow.sleep(HOURLY, summary=self.doing(what))

    def _take_in(self, error: ActivityError) -> None:
        """Let staff hear of it once, unless they hear of what fails for all."""
        if not is_shared(error):
            assignment.on_trouble(self.state, reason_of(error)[0], workflow.now())
            self.has_update = True

    async def _run_once(self, step: Callable[[Any, Any], Any], wanted: Any, what: str, how: options.Options) -> Any:
        """Do a step, as patiently as these options say."""
        return await workflow.execute_activity_method(step, wanted, **how, summary=self.doing(what))

    def doing(self, what: str, **facts: object) -> str:
        """Say what is being done, for the Web UI."""
        about = self.state.request.task_id
        return doing(self.state.language, what, about, designer=self.state.designer, **facts)
