"""Messages that steer an order: consent, resend, resume and cancel."""

from datetime import datetime

from domain.order import hours, objections
from domain.order.messages import Answer, CancelRequested, ConsentRecorded, ProcessingResumed, ResendRequested
from domain.order.order import Order
from domain.order.picture import Picture
from domain.story.handling import verdicts
from domain.story.screening import ask_for_refund, decline
from domain.texts.phrase import Said, said
from domain.vocabulary.status import FINISHED, Status

KEPT_CONSENTS = 20


def consent_recorded(message: ConsentRecorded, order: Order, now: datetime) -> None:
    """Record what the customer agreed to."""
    order.note("consent", now, by="customer", kind=message.kind, text=message.text)
    if message.kind in order.consents or len(order.consents) < KEPT_CONSENTS:
        order.consents[message.kind] = message.text


def resend_requested(message: ResendRequested, order: Order, now: datetime) -> Answer | None:
    """Mail the finished files again; ask for the address if there is none."""
    order.note("resend_requested", now, by=message.requested_by, reason=message.reason)
    if not order.with_status(Status.COMPLETED):
        return Answer(accepted=False, reason=Said(phrase="nothing_to_resend"))
    objections.resolve_objections(order, now, by=message.requested_by)
    verdicts.resend_files(order, now)
    return None


def processing_resumed(message: ProcessingResumed, order: Order, now: datetime) -> Answer | None:
    """Resume an order past everything that waits for staff. Only staff may do this."""
    if message.requested_by != "staff":
        order.note("resume_refused", now, by=message.requested_by, reason=message.reason)
        return Answer(accepted=False, reason=Said(phrase="only_staff"))
    before = order.model_copy(deep=True)
    objections.resolve_objections(order, now, by="staff")
    order.hold, order.is_letter_broken, order.is_refund_open, order.broken_report = None, False, False, 0
    order.broken_waits = []  # they are due now
    for picture in order.live:
        if message.task_id in {None, picture.task_id}:
            _resume(order, picture, now, is_named=message.task_id is not None)
    if order == before:
        order.note("resume_refused", now, by="staff", reason=message.reason)
        return Answer(accepted=False, reason=Said(phrase="nothing_to_resume", values={"status": order.shown_status}))
    order.note("resumed", now, by="staff", reason=message.reason)
    order.last_bug = ""  # so that the same bug is reported again
    order.is_released = order.is_released or order.paid_at is not None
    return None


def _resume(order: Order, picture: Picture, now: datetime, *, is_named: bool) -> None:
    """Resume work on a picture. It is taken back from a designer only if the message names the picture."""
    if picture.review == "waiting":
        picture.review = "passed"
    is_revived = picture.status is Status.FAILED or (is_named and picture.status is Status.WITH_DESIGNER)
    if picture.stopped or is_revived:
        picture.is_forced = True
    if not picture.stopped:  # one stopped at the designers' goes back to them
        picture.needs_designer = Said()
    picture.stopped, picture.look_failed = Said(), Said()
    if is_revived and picture.original:
        if picture.status is not Status.FAILED or not picture.unjudged:  # else the unchecked result is checked
            picture.round += 1  # a new round with its own attempts
        picture.unlimited_round = picture.round
        picture.error = Said()
        order.move([picture], Status.PROCESSING, now, by="staff")


def cancel_requested(message: CancelRequested, order: Order, now: datetime) -> Answer:
    """Cancel what is not delivered. Once a paid order's preview was shown, a customer's request needs staff."""
    by = message.requested_by
    order.note("cancel_requested", now, by=by, reason=message.reason)
    if order.status in FINISHED:
        return Answer(accepted=False, reason=Said(phrase="cancel_too_late"))
    if by == "customer" and order.paid_at and any(picture.shown for picture in order.live):
        order.tell_staff("staff_cancel_wanted", now, reason=message.reason or "-", status=order.shown_status)
        hours.tell_when_closed(order, now)
        return Answer(accepted=False, reason=Said(phrase="cancel_waits"))
    refused = [picture for picture in order.live if picture.review == "waiting"] if by == "staff" else []
    for picture in refused:
        decline(order, picture, now, by=by)
    if not refused or order.live:
        cancel_all(order, now, by=by)
        order.say("cancelled", now)
    return Answer()


def cancel_all(order: Order, now: datetime, by: str) -> None:
    """Cancel every picture that is not delivered; the rework of a delivered one is stopped.

    If nothing was delivered, staff are asked for a refund; otherwise they settle it with the customer.
    """
    wanted = [picture for picture in order.live if picture.status is not Status.COMPLETED]
    for picture in wanted:
        picture.drop_submissions()
    order.move([picture for picture in wanted if picture.completed_at], Status.COMPLETED, now, by=by)
    order.move([picture for picture in wanted if not picture.completed_at], Status.CANCELLED, now, by=by)
    order.hold = None
    if not order.live:
        order.ended = Status.CANCELLED
        ask_for_refund(order, now, said("status.cancelled"))
