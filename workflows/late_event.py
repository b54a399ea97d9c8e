"""An event for an order that has closed or is unknown: it is recorded, and staff are told."""

import json
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from activities.late import LateEvents
    from domain.attempts.work import LateEvent
    from domain.texts.phrase import Values
    from domain.texts.summaries import doing
    from domain.vocabulary.errors import MalformedRequest
    from domain.vocabulary.trail import Notice
    from domain.vocabulary.validation import faults
    from workflows import options
    from workflows.failures import raise_if_cancelled, reason_of
    from workflows.telling import tell_staff

SHOWN = 300  # characters of a payload


@workflow.defn
class LateEventWorkflow:
    """Records a late event, so that nothing sent is lost."""

    @workflow.run
    async def run(self, event: Any = None, *extra: Any) -> None:
        """Record the event and tell staff. If recording fails, so does the workflow; its input keeps the event."""
        late, failure = _read([event, *extra] if extra else event), None
        try:
            await workflow.execute_activity_method(
                LateEvents.keep, late, **options.KEEP, summary=doing("zh", "keep", late.order_id, signal=late.signal)
            )
        except ActivityError as error:
            raise_if_cancelled(error)
            failure = error
        await tell_staff(late.order_id, [_notice(late, failure)], "zh")
        if failure:
            raise failure


def _notice(late: LateEvent, failure: ActivityError | None) -> Notice:
    payload = json.dumps(late.payload, ensure_ascii=False)[:SHOWN]
    told: Values = {"order": late.order_id, "signal": late.signal, "payload": payload}
    if failure:
        told |= {"error": reason_of(failure)[0], "workflow": workflow.info().workflow_id}
    phrase = "staff_late_event_not_kept" if failure else "staff_late_event"
    return Notice(notice_id=workflow.info().workflow_id, serial=1, phrase=phrase, values=told)


def _read(event: Any) -> LateEvent:
    try:
        return LateEvent.model_validate(event)
    except ValidationError as error:
        raise ApplicationError(
            f"This is no late event: {faults(error)}", type=MalformedRequest.__name__, non_retryable=True
        ) from error
