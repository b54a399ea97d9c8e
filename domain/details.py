"""What the Temporal Web UI shows of an order, in Markdown: what happened, and what it waits for."""

from zoneinfo import ZoneInfo

from domain import delivering, journal, progress, waiting
from domain.order import JOURNAL_LENGTH, Order
from domain.status import AT_WORK, Status
from domain.task import Picture
from domain.trail import JournalEntry

WAITS_FOR = {
    Status.PENDING: "payment",
    Status.PAID: "a picture to work on",
    Status.PROCESSING: "the machine",
    Status.AWAITING_CONFIRM: "the customer's word on the preview, and an e-mail address",
    Status.REVISION: "the customer to say what is to be changed",
    Status.WITH_DESIGNER: "a designer",
    Status.FAILED: "staff: nothing could be made",
}


def waits_for(order: Order) -> str:
    """Say in one phrase what the order waits for."""
    if order.is_refund_due:
        return "staff to give the money back"
    if not order.live and order.ended is None:
        return "a picture"
    if order.status in {Status.PENDING, *AT_WORK} and not all(picture.is_examined for picture in order.live):
        return "the first look at its pictures"
    if delivering.is_deliverable(order):
        return "the mail server" if delivering.is_in_trouble(order) else "the letter to go out"
    return _staff(order) or _designer(order) or WAITS_FOR.get(order.status, "nothing: it stays open for after-care")


def _designer(order: Order) -> str:
    """Who has it, where designers are what the order waits for."""
    known = [picture.dispatch.designer for picture in order.with_status(Status.WITH_DESIGNER) if picture.dispatch]
    named = ", ".join(dict.fromkeys(filter(None, known)))
    return f"a designer: {named}" if named and order.status is Status.WITH_DESIGNER else ""


def _staff(order: Order) -> str:
    """What staff are to do before anything goes on."""
    if order.hold:
        return f"staff to look at the payment: {order.hold.why}"
    return next(filter(None, map(_staff_for, order.live)), "")


def _staff_for(picture: Picture) -> str:
    if picture.look_failed:
        return f"staff to resume the first look at a picture: {picture.look_failed}"
    if picture.review == "waiting":
        return "staff to look at the risk of a picture"
    if picture.status is Status.PAID and picture.stopped:
        return f"staff to resume it: {picture.stopped}"
    if picture.status in {Status.PENDING, Status.PAID} and picture.needs_designer:
        return f"a price by staff or a designer: {picture.needs_designer}"
    if progress.is_waiting_for_model(picture):
        return "staff to mend the model that makes it"
    return ""


def markdown(order: Order) -> str:
    """Tell the whole order in Markdown."""
    zone = ZoneInfo(order.known_rules.timezone)
    head = [
        f"## {order.order_id} · {order.label} ({order.status})",
        f"Waits for **{waits_for(order)}**.",
        "",
        f"Customer `{order.customer_id}` {order.customer_name} at shop `{order.acc_id}`"
        + (" · **high value**" if order.high_value else ""),
    ]
    if order.quote:
        head.append(f"Quote {order.quote.version}: {order.quote.span} {order.quote.currency}, paid {order.amount_paid}")
    if order.spent.calls:
        head.append(
            f"Models: {order.spent.cost:.3f} {order.known_rules.prices.currency} for {order.spent.calls} call(s)"
        )
    if deadline := waiting.next_deadline(order):
        head.append(f"Next deadline: {deadline[1]}, {deadline[0].astimezone(zone):%m-%d %H:%M}")
    pictures = ["", "### Pictures", *(_picture(picture) for picture in order.pictures)]
    story = ["", "### What happened", *(line(entry, zone) for entry in order.journal[-JOURNAL_LENGTH:])]
    return "\n".join([*head, *pictures, *story])


def summary(order: Order) -> str:
    """One line for lists."""
    return f"{order.customer_id} · {len(order.pictures)} picture(s)"


def _picture(picture: Picture) -> str:
    parts = [
        f"`{picture.task_id}`",
        picture.operation or "",
        picture.status.label,
        f"{picture.attempt_count} attempt(s)",
    ]
    parts += [f"revision {picture.round}"] if picture.round else []
    parts += [f"score {picture.result.score}"] if picture.result and picture.result.score is not None else []
    if picture.dispatch and picture.dispatch.designer:
        parts.append(f"designer {picture.dispatch.designer}, task {picture.dispatch.dispatch_task_id or '-'}")
    parts += [picture.error] if picture.error else []
    return "- " + " · ".join(filter(None, parts))


def line(entry: JournalEntry, zone: ZoneInfo) -> str:
    """Return a line of a journal with its time."""
    return f"- `{entry.at.astimezone(zone):%m-%d %H:%M:%S}` {journal.words(entry)}"
