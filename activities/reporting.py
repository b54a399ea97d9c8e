"""Telling what happened: the rows of the order, then what the customer is to hear."""

from temporalio import activity

from activities.speaking import Speaking
from domain.attempts.work import Report, Reported
from domain.ports import Records
from domain.vocabulary.recipient import Recipient


class Reporting:
    """Writes the projection and hands over the outbox; the same report again changes and repeats nothing."""

    def __init__(self, records: Records, speaking: Speaking) -> None:
        self._records = records
        self._speaking = speaking

    @activity.defn
    async def report(self, report: Report) -> Reported | None:
        """Write the rows first, so that nothing is said that is not on record; then speak."""
        order = report.order
        await self._records.save(order)
        return await self._speaking.hand_over(Recipient(order.customer_id, order.acc_id, order.acc_type), order.outbox)
