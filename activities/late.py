"""Keeping events that came too late, or for an order that nobody knows."""

from temporalio import activity

from domain.attempts.work import LateEvent
from domain.ports import Records


class LateEvents:
    """Puts late events on record."""

    def __init__(self, records: Records) -> None:
        self._records = records

    @activity.defn(name="keep_late_event")
    async def keep(self, event: LateEvent) -> None:
        """Write an event down; the same workflow's again changes nothing."""
        info = activity.info()
        assert info.workflow_id is not None
        await self._records.keep_late_event(event, info.workflow_id, info.scheduled_time)
