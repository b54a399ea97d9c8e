"""Sending messages to customers: the outbox goes to the chat bot, message by message, in order."""

import asyncio
from datetime import UTC, datetime, timedelta

from temporalio import activity

from activities.failures import is_last_try
from domain.attempts.work import RefusedMessage, Reported, Words
from domain.designers.dispatch import Speech
from domain.ports import Chat, Files, Phrases
from domain.vocabulary.errors import DarkroomError, MessageRefused, OutsideRefused, OutsideUnavailable
from domain.vocabulary.recipient import Recipient
from domain.vocabulary.trail import Outgoing

OF_SEVERAL = {"preview_hint": "preview_hint_several", "preview": "preview_several"}  # for orders of several pictures
MEGABYTE = 1_000_000
BEST_EFFORT_SECONDS = 3.0
MOST_WORDS = 500  # of a refused message, in the notice to staff
HINT_TIMEOUT = timedelta(minutes=1)  # after that the fixed text is sent instead of the hint


class Speaking:
    """Sends messages to the bot, which drops repeats."""

    def __init__(self, chat: Chat, phrases: Phrases, files: Files) -> None:
        self._chat = chat
        self._phrases = phrases
        self._files = files

    @activity.defn
    async def speak(self, speech: Speech) -> Reported | None:
        """Send the outbox to a customer who has no order."""
        return await self.hand_over(speech.to, speech.outbox)

    async def hand_over(self, to: Recipient, outbox: list[Outgoing]) -> Reported | None:
        """Send messages in order; a retry continues after the last message sent.

        A message that the bot refuses for good is returned, so that staff can send it, and does not hold up the next.
        """
        handed_over, *before = [*activity.info().heartbeat_details] or [0]
        refused = [RefusedMessage.model_validate(one) for one in before]
        for number, message in enumerate(outbox[handed_over:], handed_over + 1):
            if why := await self._refusal(to, message):
                words = self._words(message)[:MOST_WORDS]
                refused.append(RefusedMessage(message_id=message.message_id, words=words, reason=why.told))
            if number < len(outbox):
                activity.heartbeat(number, *(one.model_dump(mode="json") for one in refused))
        return Reported(refused=refused) if refused else None

    async def _refusal(self, to: Recipient, message: Outgoing) -> DarkroomError | None:
        """Send a message; return the error if it can never be sent."""
        try:
            await self._say(to, message)
        except MessageRefused as error:
            return error
        except OutsideRefused as error:
            if not is_last_try(error):
                raise
            return error  # only this message is refused
        return None

    async def say_best_effort(self, words: Words) -> bool:
        """Send messages during other work, without waiting for an unavailable bot; return whether all were sent."""
        to = Recipient(words.customer_id, words.acc_id, words.acc_type)
        try:
            async with asyncio.timeout(BEST_EFFORT_SECONDS):
                for message in words.outbox:
                    await self._say(to, message)
        except (OutsideUnavailable, OutsideRefused, MessageRefused, TimeoutError):
            return False
        return True

    async def _say(self, to: Recipient, message: Outgoing) -> None:
        if message.kind == "image":
            if message.number:
                caption = self._phrases.text("preview_number", number=message.number)
                await self._chat.send_text(f"{message.message_id}-number", to, caption)
            await self._chat.send_image(message.message_id, to, self._words(message))
        elif message.kind == "hint":
            await self._send_hint(message, to)
        else:
            await self._chat.send_text(message.message_id, to, self._words(message))

    def _words(self, message: Outgoing) -> str:
        """Return the text for the customer: for a picture its link, for a hint the fixed text."""
        if message.kind == "image":
            return self._files.link(message.image_key, message.image_key.rpartition("/")[2])
        if message.kind == "hint":
            return self._phrases.text(_of_several(message, message.fallback), **message.values)
        if message.kind == "link":
            links = "\n".join(self._link(filename, key, message) for filename, key in message.links.items())
            return self._phrases.text(message.phrase, links=links, **message.values)
        return self._phrases.text(message.phrase, **message.values)

    def _link(self, filename: str, key: str, message: Outgoing) -> str:
        """Return a line with a link, and with name and size if there are several files."""
        url = self._files.link(key, filename)
        if len(message.links) == 1:
            return url
        return self._phrases.text("named_link", name=filename, size=size(message.sizes.get(filename, 0)), url=url)

    async def _send_hint(self, message: Outgoing, to: Recipient) -> None:
        fallback = self._words(message)
        try:
            hint = self._phrases.text(_of_several(message, message.phrase), **message.values)
            await self._chat.hint(message.message_id, to, hint, fallback)
        except MessageRefused:
            await self._chat.send_text(message.message_id, to, fallback)
        except (OutsideUnavailable, OutsideRefused):
            if _waited() < HINT_TIMEOUT:
                raise
            await self._chat.send_text(message.message_id, to, fallback)


def _of_several(message: Outgoing, phrase: str) -> str:
    return OF_SEVERAL.get(phrase, phrase) if "numbers" in message.values else phrase


def size(number: int) -> str:
    """Return a number of bytes for people: 340 KB, 2.3 MB."""
    if number < MEGABYTE:
        return f"{max(1, round(number / 1000))} KB"
    return f"{number / MEGABYTE:.1f} MB"


def _waited() -> timedelta:
    return datetime.now(UTC) - activity.info().scheduled_time
