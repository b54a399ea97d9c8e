"""Upkeep: one short workflow a day, started by a schedule, that cleans up, checks, and tells staff."""

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from activities.alerting import Alerting
    from activities.upkeep import Upkeep
    from domain.attempts.work import Alert
    from domain.texts.phrase import said
    from domain.texts.summaries import doing
    from domain.upkeep import telling
    from domain.upkeep.work import UPKEEP, Part, PortionInput, UpkeepReport, UpkeepRequest
    from domain.vocabulary.errors import MalformedRequest
    from domain.vocabulary.validation import faults
    from workflows import options
    from workflows.failures import reason_of
    from workflows.telling import MOST_NOTICES

MOST_PORTIONS = 200  # of a part in one run; the next run does the rest
ACTIVITIES = {
    Part.RECORDS: Upkeep.remove_records,
    Part.FILES: Upkeep.remove_orphans,
    Part.STATISTICS: Upkeep.check_statistics,
    Part.STORAGE: Upkeep.check_storage,
}


@workflow.defn
class UpkeepWorkflow:
    """Do each part of upkeep. One that fails does not stop the others, and staff are told."""

    def __init__(self) -> None:
        self.report = UpkeepReport()
        self.asked = UpkeepRequest()

    @workflow.run
    async def run(self, request: Any = None, *extra: Any) -> UpkeepReport:  # noqa: ARG002 - whatever is sent is taken
        """Remove what is no longer needed, check what is kept, tell staff, and return what was done."""
        self.asked = read(request)
        await self.finish(Part.RECORDS)
        await self.remove_orphans()
        await self.finish(Part.STATISTICS)
        await self.finish(Part.STORAGE)
        if self.asked.digest:
            await self.gather_digest()
        await self.tell_staff()
        workflow.set_current_details(telling.markdown(self.report, self.asked.language))
        return self.report

    async def remove_orphans(self) -> None:
        """Count the orphaned files first: if there are very many, a table may be lost, so none is deleted."""
        await self.finish(Part.FILES, is_trial=True)
        files = self.report.part(Part.FILES)
        if files.error or not self.report.count(Part.FILES, "orphans"):
            return
        files.is_held = files.counts["orphans"] > self.asked.most_orphans
        if not files.is_held:
            await self.finish(Part.FILES)

    async def finish(self, part: Part, *, is_trial: bool = False) -> None:
        """Do one part, portion by portion, and record the failure that ends it early."""
        done, cursor = self.report.part(part), ""
        for number in range(1, MOST_PORTIONS + 1):
            try:
                portion = await workflow.execute_activity_method(
                    ACTIVITIES[part],
                    PortionInput(cursor=cursor, is_trial=is_trial),
                    **options.UPKEEP,
                    summary=doing(self.asked.language, "upkeep", part.value, number=number),
                )
            except ActivityError as error:
                self.record_failure(part, error)
                return
            done.add(portion.counts, portion.examples)
            done.is_done, cursor = portion.is_done, portion.cursor
            if done.is_done:
                return
        done.error = said("upkeep.unfinished")

    async def gather_digest(self) -> None:
        """Get the figures of yesterday."""
        try:
            self.report.digest = await workflow.execute_activity_method(
                Upkeep.gather_digest,
                **options.UPKEEP,
                summary=doing(self.asked.language, "upkeep", Part.DIGEST.value),
            )
        except ActivityError as error:
            self.record_failure(Part.DIGEST, error)

    async def tell_staff(self) -> None:
        """Send the notices, as many in a message as fit. If staff cannot be told, the report says why."""
        notices = telling.notices(self.report)
        while notices:
            try:
                alerted = await workflow.execute_activity_method(
                    Alerting.tell_staff,
                    Alert(order_id=UPKEEP, notices=notices[:MOST_NOTICES]),
                    **options.TELL_STAFF_TONIGHT,
                    summary=doing(self.asked.language, "notice", UPKEEP, phrase=notices[0].phrase),
                )
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise
                self.report.untold = reason_of(error)[0]
                return
            notices = notices[alerted.told :]

    def record_failure(self, part: Part, error: ActivityError) -> None:
        """Record why a part ended early. A cancellation of the workflow is raised again."""
        if is_cancelled_exception(error):
            raise error
        self.report.part(part).error = reason_of(error)[0]


def read(request: Any) -> UpkeepRequest:
    """Read the request; an invalid one fails the workflow."""
    try:
        return UpkeepRequest.model_validate(request or {})
    except ValidationError as error:
        raise ApplicationError(
            f"invalid request of upkeep: {faults(error)}", type=MalformedRequest.__name__, non_retryable=True
        ) from error
