"""An event for an order that has closed, or that nobody knows: it is put on record, and staff are told."""

import json
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from activities.alerting import Alerting
    from activities.late import LateEvents
    from domain.errors import MalformedRequest
    from domain.trail import Notice
    from domain.work import Alert, LateEvent
    from workflows import options

SHOWN = 300  # characters of a payload


@workflow.defn
class LateEventWorkflow:
    """Nothing that was sent is lost."""

    @workflow.run
    async def run(self, event: Any = None, *extra: Any) -> None:
        """Keep the event, then tell staff."""
        late = _read([event, *extra] if extra else event)
        await workflow.execute_activity_method(
            LateEvents.keep, late, **options.KEEP, summary=f"{late.order_id}: {late.signal} is put on record"
        )
        payload = json.dumps(late.payload, ensure_ascii=False)[:SHOWN]
        notice = Notice(
            notice_id=workflow.info().workflow_id,
            serial=1,
            phrase="staff_late_event",
            values={"order": late.order_id, "signal": late.signal, "payload": payload},
        )
        await workflow.execute_activity_method(
            Alerting.tell_staff,
            Alert(order_id=late.order_id, notices=[notice]),
            **options.TELL_STAFF,
            summary=f"{late.order_id}: staff are told of {late.signal}",
        )


def _read(event: Any) -> LateEvent:
    try:
        return LateEvent.model_validate(event)
    except ValidationError as error:
        raise ApplicationError(
            f"This is no late event: {error}", type=MalformedRequest.__name__, non_retryable=True
        ) from error
