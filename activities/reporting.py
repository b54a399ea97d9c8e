"""Reporting what happened to an order: its rows, then the messages to the customer."""

import asyncio

from temporalio import activity

from activities.speaking import BEST_EFFORT_SECONDS, Speaking
from domain.attempts.work import Report, Reported, Words
from domain.order.order import Order
from domain.ports import Records
from domain.vocabulary.recipient import Recipient


class Reporting:
    """Writes the projection and sends the outbox; idempotent."""

    def __init__(self, records: Records, speaking: Speaking) -> None:
        self._records = records
        self._speaking = speaking

    @activity.defn
    async def report(self, report: Report) -> Reported | None:
        """Write the rows, then send the messages, so that nothing is said before it is recorded."""
        order = report.order
        await self._records.save(order)
        return await self._speaking.hand_over(Recipient(order.customer_id, order.acc_id, order.acc_type), order.outbox)

    async def report_along(self, order: Order) -> tuple[bool, bool]:
        """Report in an activity that must not fail any more; return whether rows were written, and messages sent.

        What was not done is left to the next report. A cancellation is too late, since the activity has had its effect.
        """
        is_written = False
        try:
            async with asyncio.timeout(BEST_EFFORT_SECONDS):
                is_newest = await self._records.save(order)
            is_written = True
            if not is_newest:  # something else happened meanwhile, which decides what the customer is told
                return True, False
            about = {"customer_id": order.customer_id, "acc_id": order.acc_id, "acc_type": order.acc_type}
            return True, await self._speaking.say_best_effort(Words(**about, outbox=order.outbox))
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - the next report meets it again
            activity.logger.info("not all is reported along: %r", error)
        return is_written, False
