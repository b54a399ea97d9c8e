"""Speaking to customers: an outbox is handed over to the chat bot, message by message, in order."""

import asyncio
from datetime import UTC, datetime, timedelta

from temporalio import activity

from domain.dispatch import Speech
from domain.errors import OutsideRefused, OutsideUnavailable
from domain.ports import Chat, Files, Phrases, Recipient
from domain.trail import Outgoing
from domain.work import Words

OF_SEVERAL = {"preview_hint": "preview_hint_several", "preview": "preview_several"}  # of an order of several pictures
MEGABYTE = 1_000_000
ON_THE_WAY_SECONDS = 3.0
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

    async def say_on_the_way(self, words: Words) -> bool:
        """Say something beside other work, which does not wait for a bot that is away; return whether it was said."""
        to = Recipient(words.customer_id, words.acc_id, words.acc_type)
        try:
            async with asyncio.timeout(ON_THE_WAY_SECONDS):
                for message in words.outbox:
                    await self._say(to, message)
        except (OutsideUnavailable, OutsideRefused, TimeoutError):
            return False
        return True

    async def _say(self, to: Recipient, message: Outgoing) -> None:
        if message.kind == "image":
            if message.number:
                caption = self._phrases.text("preview_number", number=message.number)
                await self._chat.send_text(f"{message.message_id}-number", to, caption)
            url = self._files.link(message.image_key, message.image_key.rpartition("/")[2])
            await self._chat.send_image(message.message_id, to, url)
        elif message.kind == "text":
            await self._chat.send_text(message.message_id, to, self._phrases.text(message.phrase, **message.values))
        elif message.kind == "link":
            links = "\n".join(self._link(filename, key, message) for filename, key in message.links.items())
            text = self._phrases.text(message.phrase, links=links, **message.values)
            await self._chat.send_text(message.message_id, to, text)
        else:
            await self._ask_for_words(message, to)

    def _link(self, filename: str, key: str, message: Outgoing) -> str:
        """Return a line with a link; of several files each bears its name and size."""
        url = self._files.link(key, filename)
        if len(message.links) == 1:
            return url
        return self._phrases.text("named_link", name=filename, size=size(message.sizes.get(filename, 0)), url=url)

    async def _ask_for_words(self, message: Outgoing, to: Recipient) -> None:
        names = OF_SEVERAL if "numbers" in message.values else {}
        fallback = self._phrases.text(names.get(message.fallback, message.fallback), **message.values)
        try:
            hint = self._phrases.text(names.get(message.phrase, message.phrase), **message.values)
            await self._chat.hint(message.message_id, to, hint, fallback)
        except (OutsideUnavailable, OutsideRefused):
            if _waiting_since() < HINT_PATIENCE:
                raise
            await self._chat.send_text(message.message_id, to, fallback)


def size(number: int) -> str:
    """Return a number of bytes as people read it: 340 KB, 2.3 MB."""
    if number < MEGABYTE:
        return f"{max(1, round(number / 1000))} KB"
    return f"{number / MEGABYTE:.1f} MB"


def _waiting_since() -> timedelta:
    return datetime.now(UTC) - activity.info().scheduled_time
