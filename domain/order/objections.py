"""What a customer said that somebody has to answer first: wanting out, a complaint, a call for a person.

Until the bot or staff have spoken nothing is done that cannot be taken back: no letter, no yes by silence, no round.
"""

from datetime import datetime

from domain.order import hours
from domain.order.order import Order
from domain.texts.phrase import Said, said
from domain.vocabulary.status import GONE

SHOWN = 200  # characters of their words that staff read


def raise_objections(order: Order, kinds: list[str], text: str, now: datetime) -> None:
    """Hold the order, and tell staff; the same again is on record, and told no second time."""
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
    """Let the order go on: the bot or staff have spoken with the customer and say what they want."""
    if order.objections:
        order.note("objection_answered", now, by=by, kinds=_said(order.objections))
        order.objections = []


def remind_staff(order: Order, now: datetime) -> None:
    """Tell staff once more, instead of taking silence as a yes."""
    order.waits_since = now
    order.tell_staff("staff_objection_open", now, kinds=_said(order.objections), status=order.shown_status)


def _said(kinds: list[str]) -> list[Said]:
    return [said(f"objection.{kind}") for kind in kinds]
