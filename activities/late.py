"""Recording events that came too late or for an unknown order."""

from temporalio import activity

from domain.attempts.work import LateEvent
from domain.ports import Records


class LateEvents:
    """Records late events."""

    def __init__(self, records: Records) -> None:
        self._records = records

    @activity.defn(name="keep_late_event")
    async def keep(self, event: LateEvent) -> None:
        """Record an event; idempotent per workflow."""
        info = activity.info()
        assert info.workflow_id is not None
        await self._records.keep_late_event(event, info.workflow_id, info.scheduled_time)
