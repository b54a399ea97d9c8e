"""Telling what happened: the rows of the order, then what the customer is to hear."""

from datetime import UTC, datetime, timedelta

from temporalio import activity

from domain.errors import OutsideRefused, OutsideUnavailable
from domain.order import Order
from domain.ports import Chat, Files, Phrases, Recipient, Records
from domain.trail import Outgoing
from domain.work import Report

HINT_PATIENCE = timedelta(minutes=1)  # after that the fixed text is said instead of asking the bot for words


class Reporting:
    """Writes the projection and hands over the outbox; the same report again changes and repeats nothing."""

    def __init__(self, records: Records, chat: Chat, phrases: Phrases, files: Files) -> None:
        self._records = records
        self._chat = chat
        self._phrases = phrases
        self._files = files

    @activity.defn
    async def report(self, report: Report) -> None:
        """Write the rows first, so that nothing is said that is not on record; then speak, in order.

        A try after one that came to grief goes on behind the last message that was handed over.
        """
        await self._records.save(report.order)
        outbox = report.order.outbox
        handed_over = next(iter(activity.info().heartbeat_details), 0)
        for number, message in enumerate(outbox[handed_over:], handed_over + 1):
            await self._hand_over(report.order, message)
            if number < len(outbox):
                activity.heartbeat(number)

    async def _hand_over(self, order: Order, message: Outgoing) -> None:
        to = Recipient(order.customer_id, order.acc_id, order.acc_type)
        if message.kind == "image":
            url = self._files.link(message.image_key, message.image_key.rpartition("/")[2])
            await self._chat.send_image(message.message_id, to, url)
        elif message.kind == "text":
            await self._chat.send_text(message.message_id, to, self._phrases.text(message.phrase, **message.values))
        elif message.kind == "link":
            urls = "\n".join(self._files.link(key, filename) for filename, key in message.links.items())
            text = self._phrases.text(message.phrase, links=urls, **message.values)
            await self._chat.send_text(message.message_id, to, text)
        else:
            await self._ask_for_words(message, to)

    async def _ask_for_words(self, message: Outgoing, to: Recipient) -> None:
        fallback = self._phrases.text(message.fallback, **message.values)
        try:
            hint = self._phrases.text(message.phrase, **message.values)
            await self._chat.hint(message.message_id, to, hint, fallback)
        except (OutsideUnavailable, OutsideRefused):
            if _waiting_since() < HINT_PATIENCE:
                raise
            await self._chat.send_text(message.message_id, to, fallback)


def _waiting_since() -> timedelta:
    return datetime.now(UTC) - activity.info().scheduled_time
