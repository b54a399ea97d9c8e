"""The limits of an order: what exceeds them is refused and recorded, and staff are told once.

What grows with time is reduced: of finished work only what the order still needs is kept.
"""

from collections.abc import Iterable
from datetime import datetime

from domain.bounds import budgets
from domain.bounds.budgets import size, sizes
from domain.bounds.limits import MOST_PICTURES, TOO_MANY_PICTURES
from domain.order.messages import (
    AnalysisReceived,
    Answer,
    ConsentRecorded,
    ImageReceived,
    PaymentReceived,
    RefundRecorded,
)
from domain.order.order import Order
from domain.order.picture import Picture, Submission
from domain.texts.phrase import Said, mapped, said
from domain.vocabulary.pictures import Analysis
from domain.vocabulary.status import AT_WORK

TOO_MUCH, TOO_MANY = "too_much_said", TOO_MANY_PICTURES
TOO_MUCH_FROM_BOT = "too_much_noted"  # consents and analyses, which the customer does not know about
FOR_STAFF = {
    TOO_MUCH: "staff_too_much_said",
    TOO_MANY: "staff_too_many_pictures",
    TOO_MUCH_FROM_BOT: "staff_too_much_noted",
}
HINTS = {TOO_MUCH: "too_much_said_hint", TOO_MANY: "too_many_pictures_hint"}
# What is kept when an order has grown too large.
FEW_LINES = 3_000  # bytes of reported lines
FEW_ATTEMPTS, FEW_REVISIONS = 4, 3  # per picture
SHORT = 60  # characters of a text by a model or a person


# ---- limits on wishes ------------------------------------------------------------------------------------------------


def fits(order: Order) -> bool:
    """Whether what was requested when the order began is within the limits."""
    return _size_of_wishes(order) <= budgets.WISHES and all(
        _size_of_picture_wishes(one) <= budgets.OF_A_PICTURE for one in order.pictures
    )


def exceeds_budget(order: Order, wishes: Iterable[tuple[Picture, str]]) -> bool:
    """Whether these additional wishes would exceed a limit: per message, per order or per picture."""
    wanted = [(picture, size(text)) for picture, text in wishes]
    more = sum(length for _, length in wanted)
    if more > budgets.AT_ONCE or _size_of_wishes(order) + more > budgets.WISHES:
        return True
    return any(_size_of_picture_wishes(picture) + length > budgets.OF_A_PICTURE for picture, length in wanted)


def _size_of_wishes(order: Order) -> int:
    return sum(map(_size_of_picture_wishes, order.pictures)) + sizes(order.early)


def _size_of_picture_wishes(picture: Picture) -> int:
    link = picture.image_url or picture.image_key or ""
    return sizes(picture.notes) + sizes(picture.requirements) + sizes(picture.revision_notes) + size(link)


# ---- refusals --------------------------------------------------------------------------------------------------------


def refusal(order: Order, message: object) -> Answer | None:
    """Return the refusal of a message that exceeds a limit, else None; customer messages are always accepted."""
    match message:
        case ImageReceived():
            is_full = len(order.pictures) >= MOST_PICTURES or _size_of_wishes(order) + size(message) > budgets.WISHES
            return _refused(said(TOO_MANY, most=MOST_PICTURES)) if is_full else None
        case AnalysisReceived() if not order.live:
            return _refused_beyond(sizes(order.early), message, budgets.EARLY)
        case ConsentRecorded():
            return _refused_beyond(size(order.consents), message, budgets.CONSENTS)
        case PaymentReceived() | RefundRecorded() if not _is_known(order, message):
            known = order.payments if isinstance(message, PaymentReceived) else order.refunds
            return _refused(Said(phrase=TOO_MUCH)) if len(known) >= budgets.PAYMENTS else None
    return None


def can_hold_result(order: Order, offered: Submission) -> bool:
    """Whether one more external result fits beside those that are still to be fetched."""
    waiting = [one for picture in order.live for one in (picture.submission, *picture.more_submissions) if one]
    return sizes(waiting) + size(offered) <= budgets.OFFERED


def _is_known(order: Order, message: PaymentReceived | RefundRecorded) -> bool:
    """Whether this payment or refund is recorded already, so that a repeat adds at most its differences."""
    if isinstance(message, PaymentReceived):
        return (message.payment_id or message.event_id) in {payment.payment_id for payment in order.payments}
    return (message.refund_id or message.event_id) in {refund.refund_id for refund in order.refunds}


def _refused_beyond(taken: int, message: object, most: int) -> Answer | None:
    return _refused(Said(phrase=TOO_MUCH)) if taken + size(message) > most else None


def _refused(reason: Said) -> Answer:
    return Answer(accepted=False, reason=reason)


def record_refusal(order: Order, phrase: str, now: datetime) -> None:
    """Record a refusal, and tell staff of the first one of its kind."""
    if phrase not in order.no_room:
        order.no_room.append(phrase)
        order.tell_staff(FOR_STAFF[phrase], now, most=MOST_PICTURES)


def refusals_since(order: Order, serial: int) -> list[str]:
    """Return the refusals that staff were told of after this serial and the customer has to be told of as well."""
    told = {notice.phrase for notice in order.notices if notice.serial > serial}
    return [phrase for phrase in HINTS if FOR_STAFF[phrase] in told]


# ---- reducing a large order ------------------------------------------------------------------------------------------


def shrink(order: Order) -> None:
    """Reduce an order that has grown too large, step by step until it is within `budgets.HEAVY`."""
    for step in (_forget_lines, _forget_attempts, _forget_revisions, _shorten_analyses, _shorten_reasons):
        if size(order) <= budgets.HEAVY:
            return
        step(order)


def _forget_lines(order: Order) -> None:
    order.journal = budgets.kept(order.journal, order.reported, len(order.journal), FEW_LINES)
    order.changes = budgets.kept(order.changes, order.reported, len(order.changes), FEW_LINES)


def _forget_attempts(order: Order) -> None:
    """Keep the last attempts of a picture that is being worked on; of others, the one shown or not yet checked."""
    for picture in order.pictures:
        is_at_work = picture.status in AT_WORK
        last = picture.attempts[-FEW_ATTEMPTS:] if is_at_work else filter(None, [picture.unjudged])
        picture.forget_attempts({picture.shown, *(attempt.number for attempt in last)})
        for attempt in [] if is_at_work else picture.attempts:
            attempt.look, attempt.error = None, Said()
            if attempt.result:
                attempt.result.issue = Said()


def _forget_revisions(order: Order) -> None:
    for picture in order.pictures:
        picture.forget_revisions(FEW_REVISIONS)


def _shorten_analyses(order: Order) -> None:
    for picture in order.pictures:
        if picture.analysis:
            picture.analysis = _shortened_analysis(picture.analysis)


def _shortened_analysis(analysis: Analysis) -> Analysis:
    texts = {name: value[:SHORT] for name, value in analysis if type(value) is str}
    return analysis.model_copy(update=texts)


def _shorten_reasons(order: Order) -> None:
    for picture in order.pictures:
        picture.look_failed, picture.error = _shortened_reason(picture.look_failed), _shortened_reason(picture.error)
        picture.stopped, picture.needs_designer = (
            _shortened_reason(picture.stopped),
            _shortened_reason(picture.needs_designer),
        )
        if picture.dispatch:
            picture.dispatch.reason = _shortened_reason(picture.dispatch.reason)


def _shortened_reason(reason: Said) -> Said:
    shortened = mapped(reason, lambda text: text[:SHORT])
    assert isinstance(shortened, Said)
    return shortened
