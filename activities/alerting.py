"""Telling staff: one message to their group chat, with as many notices as fit."""

from collections.abc import Callable

from temporalio import activity

from domain.attempts.work import Alert, Alerted
from domain.ports import Files, Phrases, Staff
from domain.texts.escaping import plain
from domain.texts.phrase import mapped
from domain.vocabulary.errors import MessageRefused, OutsideRefused, OutsideUnavailable
from domain.vocabulary.staff_messages import joined
from domain.vocabulary.trail import Notice

PageOf = Callable[[str], str]  # where staff open an order or a dispatch; empty for anything else


class Alerting:
    """Tells staff what an order needs from them."""

    def __init__(self, staff: Staff, phrases: Phrases, files: Files, page_of: PageOf) -> None:
        self._staff = staff
        self._phrases = phrases
        self._files = files
        self._page_of = page_of

    @activity.defn
    async def tell_staff(self, request: Alert) -> Alerted:
        """Send one message only, since the task queue limits these to the few a minute that the robot takes.

        If the robot refuses the message for good, the first notice is tried alone; if that fails too, staff are told
        that there is a notice. Raises OutsideRefused if even that is refused.
        """
        page = self._page_of(request.order_id)
        texts = [self._text(notice, page) for notice in request.notices]
        for some in (texts, texts[:1]):
            message, told = joined(some)
            try:
                if message:
                    await self._staff.tell(message)
                return Alerted(told=told)
            except MessageRefused as error:
                why = error
        try:
            await self._staff.tell(self._phrases.text("staff_notice_refused", order=request.order_id, reason=why.told))
        except MessageRefused as error:
            raise OutsideRefused(str(error), why=error.why) from error
        return Alerted(told=1)

    def _text(self, notice: Notice, page: str) -> str:
        """Render a notice. If its phrase is broken, list its values instead, so that staff get it without delay."""
        values = {name: mapped(value, plain) for name, value in notice.values.items()}
        links = {name: self._files.link(key, key.rpartition("/")[2]) for name, key in notice.files.items()}
        try:
            told = self._phrases.text(notice.phrase, **values, **links)
            return "\n".join([told, *([self._phrases.text("link_to_order", url=page)] if told and page else [])])
        except OutsideUnavailable:
            plainly = {name: value for name, value in {**values, **links}.items() if isinstance(value, str)}
            return "\n".join([notice.phrase, *(f"{name}: {value}" for name, value in plainly.items())])
