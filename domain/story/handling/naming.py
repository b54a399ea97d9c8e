"""Finding the picture that a message is about."""

from collections.abc import Sequence
from datetime import datetime

from domain.bounds import budgets
from domain.order import capacity
from domain.order.messages import Event
from domain.order.order import Order
from domain.order.picture import Picture
from domain.vocabulary.trail import Early


def picture_by_task(pictures: Sequence[Picture], task_id: str | None) -> Picture | None:
    """Return the picture with this task id; without an id, the only picture, or None if there are several."""
    if task_id:
        return next((picture for picture in pictures if picture.task_id == task_id), None)
    return pictures[0] if len(pictures) == 1 else None


def picture_by_number(order: Order, number: int | None) -> Picture | None:
    """Return the picture with this number, in the order sent; an only picture is meant by any number."""
    if number and len(order.live) == 1:
        return order.live[0]
    return order.pictures[number - 1] if number and number <= len(order.pictures) else None


def keep_for_later(order: Order, signal: str, message: Event, now: datetime) -> None:
    """Keep a message about a picture that has not arrived yet. It is handled again when the next one arrives."""
    early = Early(signal=signal, payload=message.model_dump(mode="json", exclude_defaults=True))
    if budgets.sizes([*order.early, early]) > budgets.EARLY:
        order.note("not_kept_for_a_picture", now, by="sender", signal=signal, payload=early.payload)
        capacity.record_refusal(order, capacity.TOO_MUCH, now)
        return
    order.early.append(early)
    order.note("kept_for_a_picture", now, by="sender", signal=signal)
