"""Reporting what happened to an order: its rows, then the messages to the customer."""

from temporalio import activity

from activities.measures import Measures
from activities.speaking import Speaking
from domain.attempts.work import Report, Reported
from domain.ports import Records
from domain.vocabulary.recipient import Recipient


class Reporting:
    """Writes the projection and sends the outbox; idempotent."""

    def __init__(self, records: Records, speaking: Speaking, measures: Measures | None = None) -> None:
        self._records = records
        self._measures = measures or Measures()
        self._speaking = speaking

    @activity.defn
    async def report(self, report: Report) -> Reported | None:
        """Write the rows, then send the messages, so that nothing is said before it is recorded."""
        order = report.order
        await self._records.save(order)
        self._measures.previews(order)
        return await self._speaking.hand_over(Recipient(order.customer_id, order.acc_id, order.acc_type), order.outbox)
