"""What the Temporal Web UI shows of an order, in Markdown: what happened, and what it waits for."""

from zoneinfo import ZoneInfo

from domain import journal
from domain.order import JournalEntry, Order, Picture, Status

WAITS_FOR = {
    Status.PENDING: "payment",
    Status.PAID: "a picture to work on",
    Status.PROCESSING: "the machine",
    Status.AWAITING_CONFIRM: "the customer's word on the preview, and an e-mail address",
    Status.REVISION: "the customer to say what is to be changed",
    Status.WITH_DESIGNER: "a designer",
    Status.FAILED: "staff: nothing could be made",
    Status.COMPLETED: "nothing; it stays open for after-care",
}


def waits_for(order: Order) -> str:
    """Say in one phrase what the order waits for."""
    if not order.live:
        return "a picture"
    if order.status in (Status.PENDING, Status.PAID) and not all(picture.is_examined for picture in order.live):
        return "the first look at its pictures"
    return WAITS_FOR.get(order.status, "nothing")


def markdown(order: Order) -> str:
    """Tell the whole order in Markdown."""
    zone = ZoneInfo(order.known_rules.timezone)
    head = [
        f"## {order.order_id} · {order.status.label} ({order.status})",
        f"Waits for **{waits_for(order)}**.",
        "",
        f"Customer `{order.customer_id}` {order.customer_name} at shop `{order.acc_id}`"
        + (" · **high value**" if order.high_value else ""),
    ]
    if order.quote:
        head.append(f"Quote {order.quote.version}: {order.quote.span} {order.quote.currency}, paid {order.amount_paid}")
    pictures = ["", "### Pictures", *(_picture(picture) for picture in order.pictures)]
    story = ["", "### What happened", *(_line(entry, zone) for entry in order.journal)]
    return "\n".join([*head, *pictures, *story])


def summary(order: Order) -> str:
    """One line for lists."""
    return f"{order.customer_id} · {len(order.pictures)} picture(s)"


def _picture(picture: Picture) -> str:
    parts = [
        f"`{picture.task_id}`",
        picture.operation or "",
        picture.status.label,
        f"{len(picture.attempts)} attempt(s)",
    ]
    parts += [f"revision {picture.round}"] if picture.round else []
    parts += [f"score {picture.result.score}"] if picture.result and picture.result.score is not None else []
    parts += [picture.error] if picture.error else []
    return "- " + " · ".join(filter(None, parts))


def _line(entry: JournalEntry, zone: ZoneInfo) -> str:
    return f"- `{entry.at.astimezone(zone):%m-%d %H:%M:%S}` {journal.words(entry)}"
