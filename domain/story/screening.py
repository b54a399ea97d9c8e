"""Whether the shop accepts a picture: staff judge risky ones, a designer prices what no model can do."""

from datetime import datetime

from domain.order import hours
from domain.order.order import Order
from domain.order.picture import Picture
from domain.texts.phrase import Said, said, written
from domain.vocabulary.pictures import RiskLevel
from domain.vocabulary.status import Status


def screen(order: Order, picture: Picture, now: datetime) -> None:
    """Screen a picture by its analysis, again after each new analysis. What staff have passed stays passed."""
    if picture.analysis is None or picture.original is None:
        return
    _judge_risk(order, picture, now)
    _judge_feasibility(order, picture, now)


def _judge_risk(order: Order, picture: Picture, now: datetime) -> None:
    assert picture.analysis is not None
    assert picture.original is not None
    risk, was_waiting = picture.analysis.risk, picture.review == "waiting"
    if picture.review == "passed":
        return
    picture.review = "waiting" if risk.level is RiskLevel.HIGH else ""
    reasons = [*risk.reasons, *filter(None, [picture.unseen])] or "-"
    facts = {"task": picture.task_id, "reasons": reasons}
    looked_at = picture.original.key
    if picture.review and not was_waiting:
        picture.review_since = now
        minutes = f"{order.known_rules.review_minutes:g}"
        order.tell_staff("staff_risk_high", now, task_id=picture.task_id, picture=looked_at, minutes=minutes, **facts)
        hours.tell_when_closed(order, now)
    elif risk.level is RiskLevel.LOW:
        order.tell_staff("staff_risk_low", now, task_id=picture.task_id, picture=looked_at, **facts)


def _judge_feasibility(order: Order, picture: Picture, now: datetime) -> None:
    assert picture.analysis is not None
    assert picture.original is not None
    feasible = picture.analysis.feasible
    if feasible.possible or picture.needs_designer:
        return
    picture.needs_designer = written(feasible.reason) or said("reason.no_machine")
    order.say("cannot_do", now)
    order.tell_staff(
        "staff_price_wanted",
        now,
        task_id=picture.task_id,
        picture=picture.original.key,
        task=picture.task_id,
        reason=picture.needs_designer,
    )
    hours.tell_when_closed(order, now)


def decline(order: Order, picture: Picture, now: datetime, by: str = "darkroom") -> None:
    """Decline a high-risk picture; staff are asked to refund what was paid."""
    picture.review = ""
    order.move([picture], Status.DECLINED, now, by=by)
    order.say("declined_one" if order.live else "declined", now)
    if not order.live:
        order.ended = Status.DECLINED
    ask_for_refund(order, now, said("status.declined"))


def ask_for_refund(order: Order, now: datetime, why: Said) -> None:
    """Ask staff for a refund, naming the payments, if money is owed back."""
    if order.is_refund_owed:
        payments = ", ".join(f"{paid.payment_id} ({paid.told})" for paid in order.payments)
        order.tell_staff("staff_refund_due", now, payments=payments, why=why)
