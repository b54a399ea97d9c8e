"""Speaking to customers: an outbox is handed over to the chat bot, message by message, in order."""

from datetime import UTC, datetime, timedelta

from temporalio import activity

from domain.dispatch import Speech
from domain.errors import OutsideRefused, OutsideUnavailable
from domain.ports import Chat, Files, Phrases, Recipient
from domain.trail import Outgoing

HINT_PATIENCE = timedelta(minutes=1)  # after that the fixed text is said instead of asking the bot for words


class Speaking:
    """Hands messages over; the bot drops what it has had already."""

    def __init__(self, chat: Chat, phrases: Phrases, files: Files) -> None:
        self._chat = chat
        self._phrases = phrases
        self._files = files

    @activity.defn
    async def speak(self, speech: Speech) -> None:
        """Tell a customer without an order what is in the outbox."""
        await self.hand_over(speech.to, speech.outbox)

    async def hand_over(self, to: Recipient, outbox: list[Outgoing]) -> None:
        """Speak, in order; a try after one that came to grief goes on behind the last message handed over."""
        handed_over = next(iter(activity.info().heartbeat_details), 0)
        for number, message in enumerate(outbox[handed_over:], handed_over + 1):
            await self._say(to, message)
            if number < len(outbox):
                activity.heartbeat(number)

    async def _say(self, to: Recipient, message: Outgoing) -> None:
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
