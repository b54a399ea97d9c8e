"""What a customer is told while pictures are made: that work has begun, and the numbered previews in order."""

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
    """Confirm the payment with an estimate of the time. The activity of the first picture sends the message."""
    if not order.known_rules.is_start_told:
        return
    facts = {"count": str(len(begun)), "minutes": str(estimates.minutes(begun))}
    order.hint_along(begun[0].task_id, "payment_received_hint", "payment_received", now, **facts)


def carried_messages(order: Order, task_id: str) -> Words | None:
    """Return the messages that the activity of a picture sends, or None."""
    outbox = [message for message in order.outbox if message.carried_by == task_id]
    about = {"customer_id": order.customer_id, "acc_id": order.acc_id, "acc_type": order.acc_type}
    return Words(**about, outbox=outbox) if outbox else None


def queue_preview(order: Order, picture: Picture, image_key: str, now: datetime) -> None:
    """Put the preview of a picture into the outbox, numbered if the order has several pictures.

    It waits up to `preview_order_seconds` for the previews of earlier pictures that are being made.
    """
    number = order.shown_number(picture)
    patience = timedelta(seconds=order.known_rules.preview_order_seconds)
    held_until = now + patience if patience and _is_earlier_one_made(order, number) else None
    order.show(image_key, now, number=number, held_until=held_until)


def is_held(order: Order, message: Outgoing) -> bool:
    """Whether a message needs no report yet: it waits for earlier previews, or another activity sends it."""
    return bool(message.carried_by) or bool(message.held_until and _is_earlier_one_made(order, message.number))


def held_until(order: Order) -> datetime | None:
    """Return the earliest time at which a waiting preview is sent in any case, or None."""
    held = [message.held_until for message in order.outbox if message.held_until and is_held(order, message)]
    return min(held, default=None)


def release_due(order: Order, now: datetime) -> None:
    """Release the previews that have waited long enough."""
    for message in order.outbox:
        if message.held_until and message.held_until <= now:
            message.held_until = None


def shown_numbers(order: Order) -> Values:
    """Return the numbers of the pictures awaiting confirmation as the value `numbers`, if the order has several."""
    shown = [str(order.number(picture)) for picture in order.with_status(Status.AWAITING_CONFIRM)]
    return {"numbers": "、".join(shown)} if len(order.pictures) > 1 else {}


def shown_previews(order: Order) -> list[str]:
    """Return the last preview that the customer has seen of each picture."""
    return [f"{picture.task_id}-{picture.shown}" for picture in order.live if picture.shown]


def _is_earlier_one_made(order: Order, number: int) -> bool:
    """Whether a picture with a lower number is being made."""
    return any(picture.status is Status.PROCESSING for picture in order.pictures[: max(0, number - 1)])
