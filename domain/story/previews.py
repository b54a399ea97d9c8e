"""What a customer hears while pictures are made: that the work began, and the previews, numbered and in their order."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.attempts.work import Words
from domain.order.order import Order
from domain.order.picture import Picture
from domain.story import estimates
from domain.texts.phrase import Values
from domain.vocabulary.status import Status
from domain.vocabulary.trail import Outgoing


def announce_start(order: Order, begun: Sequence[Picture], now: datetime) -> None:
    """Say that the money came, and about how long the machine takes; the work on the first picture takes it along."""
    if not order.known_rules.is_start_told:
        return
    facts = {"count": str(len(begun)), "minutes": str(estimates.minutes(begun))}
    order.hint_along(begun[0].task_id, "payment_received_hint", "payment_received", now, **facts)


def carried_messages(order: Order, task_id: str) -> Words | None:
    """Return what the work on a picture takes along."""
    outbox = [message for message in order.outbox if message.carried_by == task_id]
    about = {"customer_id": order.customer_id, "acc_id": order.acc_id, "acc_type": order.acc_type}
    return Words(**about, outbox=outbox) if outbox else None


def queue_preview(order: Order, picture: Picture, image_key: str, now: datetime) -> None:
    """Show the preview of a picture, with its number where the order has several.

    It waits a moment for the previews of earlier pictures that are being made.
    """
    number = order.number(picture) if len(order.pictures) > 1 else 0
    patience = timedelta(seconds=order.known_rules.preview_order_seconds)
    held_until = now + patience if patience and _is_earlier_one_made(order, number) else None
    order.show(image_key, now, number=number, held_until=held_until)


def is_held(order: Order, message: Outgoing) -> bool:
    """Whether a message needs no report now: it waits for earlier previews, or some work takes it along."""
    return bool(message.carried_by) or bool(message.held_until and _is_earlier_one_made(order, message.number))


def held_until(order: Order) -> datetime | None:
    """Return when the first of the previews that wait for earlier ones goes out in any case."""
    held = [message.held_until for message in order.outbox if message.held_until and is_held(order, message)]
    return min(held, default=None)


def release_due(order: Order, now: datetime) -> None:
    """Let previews go out that have waited long enough."""
    for message in order.outbox:
        if message.held_until and message.held_until <= now:
            message.held_until = None


def shown_numbers(order: Order) -> Values:
    """Return as the value `numbers` which pictures lie before the customer, where the order has several."""
    shown = [str(order.number(picture)) for picture in order.with_status(Status.AWAITING_CONFIRM)]
    return {"numbers": "、".join(shown)} if len(order.pictures) > 1 else {}


def shown_previews(order: Order) -> list[str]:
    """Return which previews the customer has seen, of each picture the last one."""
    return [f"{picture.task_id}-{picture.shown}" for picture in order.live if picture.shown]


def _is_earlier_one_made(order: Order, number: int) -> bool:
    """Whether the machine is making a picture that comes before this number."""
    return any(picture.status is Status.PROCESSING for picture in order.pictures[: max(0, number - 1)])
