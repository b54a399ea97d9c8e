"""Rules that depend only on the state of an order, not on what has just happened: quote, hold, end."""

from datetime import datetime

from domain.order import hours
from domain.order.order import Order
from domain.pricing import payments, quoting
from domain.story import deadlines, delivering, needs, previews, progress
from domain.story.bugs import report_bug
from domain.vocabulary.money import Hold, Quote, kept
from domain.vocabulary.status import FINISHED, Status


def apply_rules(order: Order, now: datetime) -> None:
    """Apply all rules to an order; idempotent. A bug in a rule is recorded and reported to staff."""
    try:
        _apply_rules(order, now)
    except Exception as error:  # noqa: BLE001 - the order must go on
        report_bug(order, "consequences", error, now)


def _apply_rules(order: Order, now: datetime) -> None:
    if all_examined(order):
        quote(order, now)
    _stop_after_refund(order, now)
    _hold_doubtful_payment(order, now)
    for picture in order.with_status(Status.PAID):
        if picture.needs_designer and progress.is_ready_for_designer(order, picture):
            progress.send_to_designer(order, picture, picture.needs_designer, now)
    delivering.resume_opened_link(order, now)
    _ask_for_reply(order, now)
    _finish(order, now)
    deadlines.restart_if_changed(order, now)
    needs.note_times(order, now)


def all_examined(order: Order) -> bool:
    """Whether there are pictures, and all of them have been examined."""
    return bool(order.live) and all(picture.is_examined for picture in order.live)


def quote(order: Order, now: datetime) -> None:
    """Issue a new quote if it differs from the last one. Payments made before the first quote are compared with it.

    A picture that staff must review or a designer must price has no price yet, so the order is not quoted.
    """
    last = order.quote
    has_no_price = any(picture.review == "waiting" or picture.needs_designer for picture in order.live)
    if has_no_price or (order.paid_at and last and not _has_unquoted(order)):
        return
    new = quoting.quote(order, order.known_rules, now)
    if not new.lines or not quoting.is_changed(new, last):
        return
    issue_quote(order, new, now)
    if order.paid_at and not last:
        payments.judge_early_payments(order.payments, new)


def _has_unquoted(order: Order) -> bool:
    """Whether a paid picture is missing from the quote: it arrived while the order was being paid."""
    quoted = {line.task_id for line in order.quote.lines} if order.quote else set()
    return any(picture.task_id not in quoted for picture in order.with_status(Status.PAID))


def issue_quote(order: Order, new: Quote, now: datetime) -> None:
    """Keep a new version of the quote and tell the bot. Staff are told when the order becomes high-value."""
    last = order.quote
    order.quotes = kept([*order.quotes, new])
    order.note("quoted", now, version=new.version, span=new.span, high_value=new.high_value)
    if new.high_value and not (last and last.high_value):
        order.tell_staff("staff_high_value", now, span=new.span, currency=new.currency, pictures=len(new.lines))
    if order.paid_at and (last is None or new.fixed):
        return  # already paid
    facts = new.facts | {"count": str(len(order.live))}
    if last and last.span == new.span:
        order.hint("quote_same_hint", "quote_same", now, **facts)
    elif last:
        order.hint("quote_changed_hint", "quote_changed", now, before=last.span, **facts)
    else:
        order.hint("quote_hint", "quote", now, **facts)


def _stop_after_refund(order: Order, now: datetime) -> None:
    """After a refund start nothing new: neither a picture that arrives later nor one that is paid after the refund."""
    if order.is_refund_open:
        for picture in [one for one in order.with_status(Status.PAID) if not one.stopped]:
            progress.stop(order, picture, progress.REFUNDED, now)


def _hold_doubtful_payment(order: Order, now: datetime) -> None:
    """Hold an order whose payment does not fit the price, so that staff can look before any work starts."""
    if order.is_released or not any(not picture.stopped for picture in order.with_status(Status.PAID)):
        order.hold = None
        return
    why, before = payments.misfit_of_order(order), order.hold
    order.hold = Hold(why=why, since=before.since if before else now) if why else None
    if why and not before:
        minutes = f"{order.known_rules.hold_minutes:g}"
        paid = ", ".join(payment.told for payment in order.payments)
        order.tell_staff("staff_payment_held", now, why=why, paid=paid, minutes=minutes)
        hours.tell_when_closed(order, now)
    if why.phrase == payments.TOO_LITTLE and not (before and before.why == why):
        order.hint("underpaid_hint", "underpaid", now, **why.values)


def _ask_for_reply(order: Order, now: datetime) -> None:
    """Once no picture is being worked on, let the bot ask about the previews shown since it last asked."""
    is_at_work = any(progress.is_workable(order, picture) for picture in order.live)
    shown = [f"{picture.task_id}-{picture.shown}" for picture in order.with_status(Status.AWAITING_CONFIRM)]
    if shown and not is_at_work and not set(shown) <= set(order.asked_about):
        order.asked_about = shown
        order.hint("preview_hint", "preview", now, **previews.shown_numbers(order))


def _finish(order: Order, now: datetime) -> None:
    if order.status not in FINISHED:
        order.finished_at, order.is_over = None, False
    elif order.finished_at is None:
        order.finished_at = now
        is_late = order.is_shipping_due_told  # else the digest and the reminder before the deadline are soon enough
        if order.status is Status.COMPLETED and is_late and not order.is_shipping_told:
            order.is_shipping_told = True
            order.tell_staff("staff_mark_shipped", now)
