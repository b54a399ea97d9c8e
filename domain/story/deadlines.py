"""The deadlines of an order: what it waits for, until when, and what happens then, in one table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.order import hours, objections
from domain.order.order import Order
from domain.order.picture import Picture
from domain.story import delivering, previews, screening
from domain.story.bugs import report_bug
from domain.texts.phrase import said
from domain.vocabulary.status import BEFORE_THE_CUSTOMER, FINISHED, Status


@dataclass(frozen=True)
class Wait:
    """A deadline. `name` is its key in the journal and the state; `on_due` must move or end the deadline."""

    name: str
    due_at: Callable[[Order], datetime | None]
    on_due: Callable[[Order, datetime], None]


def next_deadline(order: Order) -> tuple[datetime, str] | None:
    """Return the time and the name of the next deadline, or None."""
    known = [(until, wait.name) for wait in _known(order) if (until := wait.due_at(order))]
    return min(known, default=None)


def expire_due(order: Order, now: datetime) -> None:
    """Run `on_due` of every deadline that has passed. One that fails with a bug is disabled and reported."""
    for wait in _known(order):
        try:
            while (until := wait.due_at(order)) and until <= now:
                order.note("lapsed", now, wait=wait.name)
                wait.on_due(order, now)
        except Exception as error:  # noqa: BLE001 - a bug: the other deadlines go on
            order.broken_waits.append(wait.name)
            report_bug(order, wait.name, error, now)


def _known(order: Order) -> list[Wait]:
    return [wait for wait in WAITS if wait.name not in order.broken_waits]


def restart_if_changed(order: Order, now: datetime) -> None:
    """Restart the wait for the customer if they now owe something else than before."""
    if (waits_for := _awaited_from_customer(order)) != order.waits_for:
        order.waits_for, order.waits_since, order.reminders = waits_for, now, 0


def _awaited_from_customer(order: Order) -> str:
    """Return what the customer owes; nothing while a picture is examined, reviewed, priced or mailed."""
    is_ours = any(not picture.is_examined or picture.review == "waiting" for picture in order.live)
    if is_ours or delivering.is_deliverable(order):
        return ""
    if order.status is Status.PENDING:
        has_no_price = any(picture.needs_designer for picture in order.live) and not order.fixed
        if has_no_price:
            return ""
        return f"payment of quote {order.quote.version}" if order.quote else "a picture"
    if order.status in BEFORE_THE_CUSTOMER:
        shown = ", ".join(f"{picture.shown} {picture.status}" for picture in order.live)
        return f"a word on {shown}"
    return ""


def _waiting_since(order: Order) -> datetime | None:
    """Return since when the customer has owed what they owe now; None if that has just changed."""
    owes_something = order.waits_for and order.waits_since
    return order.waits_since if owes_something and _awaited_from_customer(order) == order.waits_for else None


# ---- the customer's turn ---------------------------------------------------------------------------------------------


def _payment_reminder(order: Order) -> datetime | None:
    """Return when to remind of the payment: only of a quoted order, and never at night."""
    steps = order.known_rules.payment_reminder_hours
    if not order.quote or order.reminders >= len(steps) or order.status is not Status.PENDING:
        return None
    if not (since := _waiting_since(order)):
        return None
    return hours.next_opening(since + timedelta(hours=steps[order.reminders]), order.known_rules)


def _remind_of_payment(order: Order, now: datetime) -> None:
    assert order.quote is not None
    while (due := _payment_reminder(order)) and due <= now:  # reminders missed while no worker ran count as one
        order.reminders += 1
    order.hint("payment_reminder_hint", "payment_reminder", now, **order.quote.facts)


def _expiry(order: Order) -> datetime | None:
    if order.status is not Status.PENDING or not (since := _waiting_since(order)):
        return None
    return since + timedelta(hours=order.known_rules.expiry_hours)


def _expire(order: Order, now: datetime) -> None:
    order.ended = Status.EXPIRED
    order.move(order.with_status(Status.PENDING), Status.EXPIRED, now)
    order.note("expired", now)
    if order.quote:
        order.say("expired", now)


def _reply_reminder(order: Order) -> datetime | None:
    if order.status not in BEFORE_THE_CUSTOMER or order.reminders or order.objections:
        return None
    if not (since := _waiting_since(order)):
        return None
    wanted = since + timedelta(hours=order.known_rules.word_reminder_hours)
    return hours.next_opening(wanted, order.known_rules)


def _remind_of_reply(order: Order, now: datetime) -> None:
    order.reminders += 1
    if order.status is Status.REVISION:
        order.say("revision_reminder", now)
    else:
        order.hint("word_reminder_hint", "word_reminder", now)


def _silence_deadline(order: Order) -> datetime | None:
    if order.status not in BEFORE_THE_CUSTOMER or not (since := _waiting_since(order)):
        return None
    return since + timedelta(days=order.known_rules.silence_days)


def _accept_by_silence(order: Order, now: datetime) -> None:
    """Take silence as a yes, unless the customer wanted to cancel, complained or asked for a person."""
    if order.objections:
        objections.remind_staff(order, now)
    else:
        delivering.accept_by_silence(order, now)


# ---- the staff's turn ------------------------------------------------------------------------------------------------


def _under_review(order: Order) -> list[Picture]:
    """Return the pictures under review; one that somebody has made meanwhile is no longer reviewed."""
    waiting = order.with_status(Status.PENDING, Status.PAID)
    return [picture for picture in waiting if picture.review == "waiting" and picture.review_since]


def end_of_review(order: Order) -> datetime | None:
    """Return when the first picture under review is declined because nobody judged it."""
    minutes = timedelta(minutes=order.known_rules.review_minutes)
    begun = [picture.review_since for picture in _under_review(order) if picture.review_since]
    return hours.add_open_hours(min(begun), minutes, order.known_rules) if begun else None


def _decline_unreviewed(order: Order, now: datetime) -> None:
    first = min(_under_review(order), key=lambda picture: picture.review_since or now)
    screening.decline(order, first, now)


def end_of_hold(order: Order) -> datetime | None:
    """Return when a hold ends; never if the customer wanted to cancel, complained or asked for a person."""
    if order.objections:
        return None
    minutes = timedelta(minutes=order.known_rules.hold_minutes)
    return hours.add_open_hours(order.hold.since, minutes, order.known_rules) if order.hold else None


def _release_hold(order: Order, now: datetime) -> None:
    assert order.hold is not None
    order.is_released = True
    order.note("released", now, why=order.hold.why, reason=said("reason.staff_did_not_answer"))
    order.hold = None


def _shipping_due(order: Order) -> datetime | None:
    """Return when to remind staff: some hours before the platform's deadline for marking an order as shipped."""
    if order.paid_at is None or order.is_shipping_due_told or not order.live:
        return None
    rules = order.known_rules
    return order.paid_at + timedelta(hours=rules.shipping_hours - rules.shipping_reminder_hours)


def _tell_of_shipping(order: Order, now: datetime) -> None:
    order.is_shipping_due_told = True
    left = f"{order.known_rules.shipping_reminder_hours:g}"
    order.tell_staff("staff_shipping_due", now, hours=left, status=order.shown_status)


# ---- the end ---------------------------------------------------------------------------------------------------------


def _aftercare_end(order: Order) -> datetime | None:
    if order.status not in FINISHED or order.finished_at is None or order.is_over:
        return None
    return order.finished_at + timedelta(days=order.known_rules.aftercare_days)


def _close(order: Order, now: datetime) -> None:
    order.is_over = True
    order.note("closed", now)


WAITS = (
    # The end of a wait comes before its reminders: after days without a worker, nobody is reminded of what is over.
    Wait("expiry", _expiry, _expire),
    Wait("payment_reminder", _payment_reminder, _remind_of_payment),
    Wait("review", end_of_review, _decline_unreviewed),
    Wait("hold", end_of_hold, _release_hold),
    Wait("silence", _silence_deadline, _accept_by_silence),
    Wait("word_reminder", _reply_reminder, _remind_of_reply),
    Wait("preview_held", previews.held_until, previews.release_due),
    Wait("shipping", _shipping_due, _tell_of_shipping),
    Wait("aftercare", _aftercare_end, _close),
)
