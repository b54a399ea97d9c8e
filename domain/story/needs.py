"""What an order needs of staff: why, since when, and until when before something happens by itself."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.order.order import Order
from domain.order.picture import Picture
from domain.story import deadlines
from domain.texts.phrase import Said, said
from domain.vocabulary.needs import Need, NeedKind
from domain.vocabulary.status import Status


def of(order: Order) -> list[Need]:
    """Return what the order needs of staff, the most urgent first."""
    needs = [need.model_copy(update={"since": order.needs_since.get(need.name)}) for need in _of(order)]
    return sorted(needs, key=lambda need: (need.due_at is None, need.due_at or order.created_at))


def note_times(order: Order, now: datetime) -> None:
    """Note since when each need exists, and forget those that are met."""
    order.needs_since = {need.name: order.needs_since.get(need.name, now) for need in _of(order)}


def _of(order: Order) -> Iterator[Need]:
    if order.hold:
        yield Need(kind=NeedKind.PAYMENT, why=order.hold.why, due_at=deadlines.end_of_hold(order))
    if order.objections:
        kinds = [said(f"objection.{kind}") for kind in order.objections]
        yield Need(kind=NeedKind.ANSWER, why=said("need_why.answer", kinds=kinds))
    if order.is_refund_due:
        yield Need(kind=NeedKind.REFUND, why=said("status.awaiting_refund"))
    if why := _trouble_with_letter(order):
        yield Need(kind=NeedKind.LETTER, why=why)
    if order.paid_at and order.is_shipping_due_told:
        until = order.paid_at + timedelta(hours=order.known_rules.shipping_hours)
        yield Need(kind=NeedKind.SHIPPING, due_at=until)
    for picture in order.live:
        yield from _of_picture(order, picture)


def _of_picture(order: Order, picture: Picture) -> Iterator[Need]:
    def need(kind: NeedKind, why: Said, due_at: datetime | None = None) -> Need:
        return Need(kind=kind, task_id=picture.task_id, why=why, due_at=due_at)

    is_before_work = picture.status in {Status.PENDING, Status.PAID}
    if picture.status is Status.FAILED:
        yield need(NeedKind.FAILED, picture.error)
    if picture.look_failed:
        yield need(NeedKind.LOOK, picture.look_failed)
    elif is_before_work and picture.review == "waiting":
        yield need(NeedKind.RISK, said("need_why.risk"), deadlines.end_of_review(order))
    elif picture.status is Status.PAID and picture.stopped:
        yield need(NeedKind.RESUME, picture.stopped)
    elif is_before_work and picture.needs_designer and not order.fixed:
        yield need(NeedKind.PRICE, picture.needs_designer)
    if picture.status is Status.WITH_DESIGNER and picture.dispatch and not picture.dispatch.designer:
        yield need(NeedKind.DESIGNER, picture.dispatch.reason)


def _trouble_with_letter(order: Order) -> Said:
    """Return why an e-mail does not go out, or nothing."""
    if order.is_letter_broken:
        return said("error.unforeseen")
    if order.refused_email and order.email_status == "refused":
        return said("error.address_refused")
    return said("waits.mail_server") if order.mail_trouble and order.mail_trouble == order.email else Said()
