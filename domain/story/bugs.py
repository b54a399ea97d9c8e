"""Unexpected errors and refused messages: they are recorded and reported to staff, and the order goes on."""

from datetime import datetime
from typing import Any

from domain.attempts.work import Reported
from domain.order.order import Order
from domain.texts.phrase import Said, said
from domain.vocabulary.errors import DarkroomError


def report_bug(order: Order, doing: str, error: Exception, now: datetime, **facts: Any) -> None:
    """Record an error and report it to staff. The same error several times in a row is reported once."""
    words = str(error) if isinstance(error, DarkroomError) else f"{type(error).__name__}: {error}"
    if (told := f"{doing}: {words}"[:500]) == order.last_bug and not facts:
        return
    order.last_bug = told
    order.note("unexpected_error", now, doing=doing, error=words[:500], **facts)
    order.tell_staff("staff_unexpected", now, doing=doing[:100], error=explain(error))


def report_refused_messages(order: Order, reported: Reported | None, now: datetime) -> None:
    """Ask staff to send the messages that the chat bot refused for good."""
    for one in reported.refused if reported else []:
        order.note("message_refused", now, message_id=one.message_id, words=one.words, reason=one.reason)
        order.tell_staff("staff_message_refused", now, words=one.words, reason=one.reason)


def explain(error: Exception) -> Said:
    """Return what went wrong, worded for people. The text of an unexpected error is for developers, in the journal."""
    return error.told if isinstance(error, DarkroomError) else said("error.unexpected", kind=type(error).__name__)
