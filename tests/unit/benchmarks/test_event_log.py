"""What a history costs, counted on events made by hand."""

from temporalio.api.history.v1 import HistoryEvent

from benchmarks import event_log, history


def event(number: int, kind: str) -> HistoryEvent:
    made = HistoryEvent(event_id=number)
    getattr(made, f"{kind}_event_attributes").SetInParent()
    return made


def activity(number: int, queue: str, attempt: int = 1) -> list[HistoryEvent]:
    scheduled, started, completed = (
        event(number + step, f"activity_task_{what}") for step, what in enumerate(("scheduled", "started", "completed"))
    )
    scheduled.activity_task_scheduled_event_attributes.task_queue.name = queue
    started.activity_task_started_event_attributes.attempt = attempt
    completed.activity_task_completed_event_attributes.scheduled_event_id = number
    return [scheduled, started, completed]


KINDS = (
    "workflow_execution_started",
    "workflow_task_scheduled",
    "workflow_task_started",
    "workflow_task_completed",
    "timer_started",
    "timer_fired",
    "workflow_execution_signaled",
    "upsert_workflow_search_attributes",
    "workflow_execution_update_accepted",
)
EVENTS = [event(number, kind) for number, kind in enumerate(KINDS, 1)]


def test_start_signal_update_timer_and_upsert_are_an_action_each_and_so_is_each_attempt_and_heartbeat() -> None:
    assert event_log.actions(EVENTS) == 5
    assert event_log.actions([*EVENTS, *activity(20, "orders", attempt=3)]) == 8
    assert event_log.actions(EVENTS, heartbeats=2) == 7


def test_workflow_tasks_are_counted_when_they_are_done() -> None:
    assert event_log.workflow_tasks(EVENTS) == 1
    assert event_log.size(EVENTS) == sum(len(one.SerializeToString()) for one in EVENTS)


def test_what_happens_after_the_customer_has_been_told_is_not_counted() -> None:
    told, of_staff = activity(10, "orders"), activity(20, "staff")
    assert history.until_told([*EVENTS, *told, *of_staff]) == [*EVENTS, *told]
