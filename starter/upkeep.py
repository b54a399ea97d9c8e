"""Upkeep in Temporal: its daily schedule, and a run by hand."""

from datetime import datetime, timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleDescription,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
    WorkflowFailureError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from domain.texts.catalogue import Language
from domain.upkeep.work import UPKEEP, UpkeepReport, UpkeepRequest
from domain.vocabulary.errors import DarkroomError
from starter import polling
from starter.failures import NO_ANSWER, translated
from workflows import options
from workflows.upkeep import UpkeepWorkflow

BY_HAND = f"{UPKEEP}-by-hand"  # the workflow id of runs by hand: one at a time
CATCH_UP = timedelta(hours=18)  # after an outage the missed run is made up for, but never two of them
LONGEST_RUN = timedelta(hours=20)  # a backstop: the parts and the notices have shorter limits of their own
SUMMARY = "expired records, orphaned files, statistics, storage, digest"


class NotScheduled(DarkroomError):
    """Upkeep has no schedule, or its schedule is paused."""


async def set_up(client: Client, hour: int, timezone: str, language: Language = "zh") -> list[str]:
    """Create the daily schedule, or update it if it differs, and return what was done. Idempotent.

    A schedule that was paused stays paused. Raises RPCError.
    """
    wanted = _schedule(hour, timezone, language)
    try:
        await client.create_schedule(UPKEEP, wanted)
    except ScheduleAlreadyRunningError:
        return await _update(client, wanted)
    return [f"Upkeep scheduled: {_words(wanted)}"]


async def run_now(client: Client, request: UpkeepRequest) -> UpkeepReport:
    """Run upkeep and return its report; joins a run by hand that is in progress.

    Raises ConnectionError, TimeoutError if no worker polls the queue, and DarkroomError if somebody ended the run.
    """
    try:
        if not await polling.pollers(client, options.ORDERS, "workflow"):
            raise TimeoutError(NO_ANSWER)
        return await client.execute_workflow(
            UpkeepWorkflow.run,
            request,
            id=BY_HAND,
            task_queue=options.ORDERS,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            execution_timeout=LONGEST_RUN,
            static_summary=SUMMARY,
        )
    except RPCError as error:
        raise translated(error, BY_HAND) from error
    except WorkflowFailureError as error:
        raise DarkroomError(f"the run of upkeep was ended: {error.cause}") from error


async def when(client: Client) -> tuple[datetime | None, datetime | None]:
    """Return when upkeep runs next, and when it last ran by schedule. Raises NotScheduled, RPCError."""
    try:
        found = await client.get_schedule_handle(UPKEEP).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise NotScheduled("upkeep is not scheduled") from error
        raise
    if found.schedule.state.paused:
        raise NotScheduled("the schedule of upkeep is paused")
    runs = found.info
    return next(iter(runs.next_action_times), None), runs.recent_actions[-1].started_at if runs.recent_actions else None


def _schedule(hour: int, timezone: str, language: Language) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            UpkeepWorkflow.run,
            UpkeepRequest(language=language),
            id=UPKEEP,  # to which Temporal appends the time
            task_queue=options.ORDERS,
            execution_timeout=LONGEST_RUN,
            static_summary=SUMMARY,
        ),
        spec=ScheduleSpec(calendars=[ScheduleCalendarSpec(hour=(ScheduleRange(hour),))], time_zone_name=timezone),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
    )


async def _update(client: Client, wanted: Schedule) -> list[str]:
    changed = False

    async def update(found: ScheduleUpdateInput) -> ScheduleUpdate | None:
        nonlocal changed
        changed = not await _is_same(client, found.description, wanted)
        if not changed:
            return None
        wanted.state = found.description.schedule.state
        return ScheduleUpdate(wanted)

    await client.get_schedule_handle(UPKEEP).update(update)
    return [f"Upkeep rescheduled: {_words(wanted)}"] if changed else []


def _words(schedule: Schedule) -> str:
    return f"daily at {schedule.spec.calendars[0].hour[0].start:02}:00 {schedule.spec.time_zone_name}"


async def _is_same(client: Client, found: ScheduleDescription, wanted: Schedule) -> bool:
    schedule, action = found.schedule, found.schedule.action
    assert isinstance(action, ScheduleActionStartWorkflow)
    assert isinstance(wanted.action, ScheduleActionStartWorkflow)
    asked = await client.data_converter.decode(action.args, [UpkeepRequest] * len(action.args))
    return (schedule.spec, schedule.policy, asked) == (wanted.spec, wanted.policy, list(wanted.action.args))
