"""The report that an e-mail takes along: the order as it will be as soon as the mail server has taken the e-mail.

The activity writes and sends it right after the e-mail, so that an order usually ends without another activity. What
happens meanwhile is not held up, and what does not come true is replaced by the next report.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.attempts.work import MailInput, MailOutcome
from domain.bounds import budgets
from domain.order.order import Order
from domain.story import delivering
from domain.vocabulary.trail import JournalEntry


@dataclass(frozen=True)
class Foreseen:
    """The report of an e-mail that was sent, made before it is; its lines come after the serial `base`."""

    at: datetime
    base: int
    report: Order


def foresee(order: Order, letter: MailInput, now: datetime) -> Foreseen | None:
    """Return the report to take along and reserve its serials; None if other messages have to be sent before it."""
    if order.outbox:
        return None
    after = order.model_copy(
        update={
            "pictures": [picture.model_copy() for picture in order.pictures],
            "journal": [*order.journal],
            "notices": [*order.notices],
            "outbox": [],
        }
    )
    delivering.mail_finished(after, letter, MailOutcome(status="sent", message_id=""), now)
    news = after.next_report(budgets.REPORT_ALONG)
    if news.serial < after.serial or after.notices != order.notices:
        return None
    base, order.serial, order.version = order.serial, after.serial, after.version
    return Foreseen(now, base, news)


def named(report: Order, message_id: str) -> Order:
    """Return the report with the Message-ID of its e-mail, which only the activity knows."""
    named_lines = [
        line.model_copy(update={"facts": line.facts | {"message_id": message_id}})
        if line.what == "mailed" and not line.facts.get("message_id")
        else line
        for line in report.journal
    ]
    return report.model_copy(update={"journal": named_lines})


def come_true(order: Order, letter: MailInput, outcome: MailOutcome, foreseen: Foreseen, now: datetime) -> None:
    """Record that an e-mail was sent whose report is written. What came as foreseen keeps the ids in that report.

    If something else happened first, so that not all of it came true, the trail says so.
    """
    since, report = order.serial, named(foreseen.report, outcome.message_id)
    delivering.mail_finished(order, letter, outcome, foreseen.at)
    written = {_content(line): line for line in report.journal if line.serial > foreseen.base}
    lines = [written.pop(_content(line), line) if line.serial > since else line for line in order.journal]
    order.journal = sorted(lines, key=lambda line: line.serial)
    along = {message.message_id: message for message in report.outbox}
    left = [message for message in order.outbox if not (outcome.is_told and message.message_id in along)]
    order.outbox = [along.get(message.message_id, message) for message in left]
    numbers = [line.serial for line in order.journal] + [message.serial for message in order.outbox]
    order.serial = max([since, *numbers, *(notice.serial for notice in order.notices)])
    order.mark_written(report.serial)
    if written:
        order.note("overtaken", now)


def _content(line: JournalEntry) -> tuple[str, str | None, str]:
    facts = {name: value for name, value in line.facts.items() if name != "message_id"}
    return line.what, line.task_id, repr(sorted(facts.items()))
