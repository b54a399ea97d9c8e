"""Telling staff: one message to their group chat, of as many notices as fit."""

from temporalio import activity

from domain.notices import joined, plain
from domain.phrase import mapped
from domain.ports import Files, Phrases, Staff
from domain.trail import Notice
from domain.work import Alert, Alerted


class Alerting:
    """Tells staff what an order needs of them."""

    def __init__(self, staff: Staff, phrases: Phrases, files: Files) -> None:
        self._staff = staff
        self._phrases = phrases
        self._files = files

    @activity.defn
    async def tell_staff(self, request: Alert) -> Alerted:
        """Send one message and no more: the robot takes few a minute, so the queue lets few of these run."""
        texts = [self._text(notice) for notice in request.notices]
        message, told = joined(texts)
        if message:
            await self._staff.tell(message)
        return Alerted(told=told)

    def _text(self, notice: Notice) -> str:
        values = {name: mapped(value, plain) for name, value in notice.values.items()}
        links = {name: self._files.link(key, key.rpartition("/")[2]) for name, key in notice.files.items()}
        return self._phrases.text(notice.phrase, **values, **links)
