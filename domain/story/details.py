"""The Markdown details of an order in the Temporal Web UI: what happened, and what it waits for."""

from datetime import datetime
from zoneinfo import ZoneInfo

from domain.order import journal
from domain.order.order import JOURNAL_LENGTH, Order
from domain.order.picture import Picture
from domain.story import deadlines, delivering, progress
from domain.texts.catalogue import TEXTS, Language
from domain.texts.escaping import literal, markdown_lines
from domain.texts.phrase import Said, said
from domain.vocabulary.status import AT_WORK, Status

WAITS_FOR = {
    Status.PENDING: said("waits.payment"),
    Status.PAID: said("waits.picture_to_work_on"),
    Status.PROCESSING: said("waits.machine"),
    Status.AWAITING_CONFIRM: said("waits.word"),
    Status.REVISION: said("waits.what_to_change"),
    Status.FAILED: said("waits.staff_failed"),
}


def waits_for(order: Order) -> Said:
    """Return in one phrase what the order waits for."""
    if order.is_refund_due:
        return said("waits.refund")
    if not order.live and order.ended is None:
        return said("waits.picture")
    if order.status in {Status.PENDING, *AT_WORK} and not all(picture.is_examined for picture in order.live):
        return _staff(order) or said("waits.first_look")
    if order.objections:
        return said("waits.staff_word", why=[said(f"objection.{kind}") for kind in order.objections])
    if delivering.is_deliverable(order):
        return said("waits.mail_server" if delivering.is_mail_failing(order) else "waits.letter")
    return _staff(order) or _designer(order) or WAITS_FOR.get(order.status, said("waits.aftercare"))


def _designer(order: Order) -> Said:
    """Return which designers the order waits for, or nothing if it waits for something else."""
    known = [picture.dispatch.designer for picture in order.with_status(Status.WITH_DESIGNER) if picture.dispatch]
    named = ", ".join(dict.fromkeys(filter(None, known)))
    return said("waits.designer", designer=named) if order.status is Status.WITH_DESIGNER else Said()


def _staff(order: Order) -> Said:
    """Return what staff must do before the order can go on, or nothing."""
    if order.hold:
        return said("waits.staff_payment", why=order.hold.why)
    return next(filter(None, map(_staff_for, order.live)), Said())


def _staff_for(picture: Picture) -> Said:
    if picture.look_failed:
        return said("waits.staff_look", why=picture.look_failed)
    if picture.review == "waiting":
        return said("waits.staff_risk")
    if picture.status is Status.PAID and picture.stopped:
        return said("waits.staff_resume", why=picture.stopped)
    if picture.status in {Status.PENDING, Status.PAID} and picture.needs_designer:
        return said("waits.price", why=picture.needs_designer)
    if progress.is_waiting_for_model(picture):
        return said("waits.model")
    return Said()


def markdown(order: Order, lines: journal.Lines | None = None) -> str:
    """Return the whole order as Markdown, in the language of the shop's staff; `lines` keeps what was rendered."""
    zone, texts = ZoneInfo(order.known_rules.timezone), TEXTS[order.language]

    def line(key: str, **values: object) -> str:
        return texts.tell(f"details.{key}", values, literal)

    head = [
        f"## {line('head', id=order.order_id, status=said(f'status.{order.shown_status}'))}",
        line("waits", what=waits_for(order)),
        "",
        line("customer", customer=order.customer_id, name=order.customer_name, shop=order.acc_id),
    ]
    if order.high_value:
        head.append(line("high_value"))
    if quote := order.quote:
        paid = ", ".join(payment.told for payment in order.payments) or "0.00"
        head.append(line("quote", version=quote.version, span=quote.span, currency=quote.currency, paid=paid))
    if order.spent.calls:
        cost, currency = f"{order.spent.cost:.3f}", order.known_rules.prices.currency
        head.append(line("models", cost=cost, currency=currency, calls=order.spent.calls))
    if deadline := deadlines.next_deadline(order):
        head.append(line("next", deadline=deadline[1], at=_time(deadline[0], zone)))
    pictures = ["", f"### {line('pictures')}", *(_picture(picture, order.language) for picture in order.pictures)]
    told = (lines or journal.Lines()).of(order.journal[-JOURNAL_LENGTH:], zone, order.language)
    return markdown_lines([*head, *pictures, "", f"### {line('story')}", *told])


def _time(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%m-%d %H:%M}"


def summary(order: Order) -> str:
    """Return one line for lists, the same in every language: customer, shop and number of pictures."""
    parts = [literal(order.customer_id), literal(order.acc_id), f"×{len(order.pictures)}"]
    return " · ".join(filter(None, parts))


def _picture(picture: Picture, language: Language) -> str:
    texts = TEXTS[language]

    def part(key: str, **values: object) -> str:
        return texts.tell(f"details.{key}", values, literal)

    parts = [
        f"`{picture.task_id}`",
        texts.name("operation", picture.operation) if picture.operation else "",
        texts.name("status", picture.status),
        part("attempts", count=picture.attempt_count),
        part("revision", round=picture.round) if picture.round else "",
    ]
    if picture.result and picture.result.score is not None:
        parts.append(part("score", score=picture.result.score))
    if picture.dispatch and picture.dispatch.designer:
        facts = {"designer": picture.dispatch.designer, "task": picture.dispatch.dispatch_task_id or "-"}
        parts.append(part("designer", **facts))
    parts.append(texts.say(picture.error, literal))
    return "- " + " · ".join(filter(None, parts))
