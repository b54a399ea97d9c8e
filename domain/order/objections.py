"""Objections: the customer wants to cancel, complains or asks for a person, and somebody has to reply first.

Until the bot or staff have replied, nothing irreversible is done: no e-mail, no acceptance by silence, no new round.
"""

from datetime import datetime

from domain.order import hours
from domain.order.order import Order
from domain.texts.phrase import Said, said
from domain.vocabulary.status import GONE

SHOWN = 200  # characters of the customer's message in the notice to staff


def raise_objections(order: Order, kinds: list[str], text: str, now: datetime) -> None:
    """Hold the order and tell staff; an objection that is open already only renews its time."""
    order.objected_at = now
    new = [kind for kind in kinds if kind not in order.objections]
    if not new:
        return
    if order.status not in GONE:
        order.objections = [*order.objections, *new]
    order.note("objected", now, by="customer", kinds=_said(new))
    order.tell_staff("staff_objection", now, kinds=_said(new), words=text[:SHOWN], status=order.shown_status)
    hours.tell_when_closed(order, now)


def resolve_objections(order: Order, now: datetime, by: str) -> None:
    """Release the order: the bot or staff have talked to the customer and say what the customer wants."""
    if order.objections:
        order.note("objection_answered", now, by=by, kinds=_said(order.objections))
        order.objections = []


def remind_staff(order: Order, now: datetime) -> None:
    """Remind staff, instead of taking silence as acceptance."""
    order.waits_since = now
    order.tell_staff("staff_objection_open", now, kinds=_said(order.objections), status=order.shown_status)


def _said(kinds: list[str]) -> list[Said]:
    return [said(f"objection.{kind}") for kind in kinds]
