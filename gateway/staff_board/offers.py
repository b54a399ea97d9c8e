"""Which actions the board offers for an order, with their fields; the order itself decides whether they are allowed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.order.staff_acts import Action
from domain.vocabulary.needs import NeedKind
from domain.vocabulary.status import BEFORE_THE_CUSTOMER, FINISHED, GONE, Status

A, K, S = Action, NeedKind, Status
FIELDS: Mapping[Action, tuple[str, ...]] = {
    A.MARK_PAID: ("amount", "payment_id"),
    A.FIX_PRICE: ("amount",),
    A.RECORD_REFUND: ("amount", "refund_id"),
    A.RETRY: ("requirement",),
    A.SUBMIT_RESULT: ("result_key", "result_url"),
    A.CHANGE_ADDRESS: ("email",),
}
DANGEROUS = {A.CANCEL, A.DECLINE_RISK, A.RECORD_REFUND}
OPTIONAL = {"payment_id", "refund_id", "requirement", "result_key", "result_url"}
ANSWERS: Mapping[NeedKind, tuple[Action, ...]] = {  # to a need, the usual one first
    K.PAYMENT: (A.RESUME, A.RECORD_REFUND, A.CANCEL),
    K.RISK: (A.ACCEPT_RISK, A.DECLINE_RISK),
    K.ANSWER: (A.RESUME, A.CANCEL),
    K.FAILED: (A.RETRY, A.TRANSFER, A.SUBMIT_RESULT),
    K.LOOK: (A.RESUME,),
    K.RESUME: (A.RESUME, A.TRANSFER),
    K.PRICE: (A.FIX_PRICE,),
    K.REFUND: (A.RECORD_REFUND,),
    K.LETTER: (A.CHANGE_ADDRESS, A.RESEND),
    K.DESIGNER: (A.TAKE_BACK, A.SUBMIT_RESULT),
    K.SHIPPING: (),
}
OF_A_PICTURE = {A.ACCEPT_RISK, A.TRANSFER, A.TAKE_BACK, A.RETRY, A.SUBMIT_RESULT}
IN_WORK = {S.PAID, S.PROCESSING, S.WITH_DESIGNER, S.FAILED, *BEFORE_THE_CUSTOMER}


@dataclass(frozen=True)
class Offer:
    """An action, the pictures that it may be about (empty: the whole order), and whether a need asks for it."""

    action: Action
    tasks: Sequence[str]
    is_asked_for: bool

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of its form, besides the reason."""
        return FIELDS.get(self.action, ())


def offers(order: Mapping[str, Any], pictures: Sequence[Mapping[str, Any]], needs: Sequence[NeedKind]) -> list[Offer]:
    """Return the actions that make sense now, those that a need asks for first."""
    asked = [action for need in needs for action in ANSWERS[need]]
    status, is_paid = Status(order["status"]), order["paid_at"] is not None
    is_money_here = order["refund_due"] or order["amount_paid"] > order["amount_refunded"]
    sensible = {
        A.MARK_PAID: not is_paid and status not in GONE - {S.EXPIRED},
        A.FIX_PRICE: not is_paid and status is S.PENDING,
        A.RECORD_REFUND: is_money_here,
        A.TRANSFER: is_paid and _tasks(pictures, IN_WORK - {S.WITH_DESIGNER}),
        A.TAKE_BACK: _tasks(pictures, {S.WITH_DESIGNER}),
        A.RETRY: _tasks(pictures, {S.FAILED}),
        A.SUBMIT_RESULT: is_paid and _tasks(pictures, IN_WORK),
        A.CHANGE_ADDRESS: status not in GONE,
        A.RESEND: _tasks(pictures, {S.COMPLETED}),
        A.CANCEL: status not in FINISHED,
    }
    actions = dict.fromkeys([*asked, *(action for action, fits in sensible.items() if fits)])
    return [Offer(action, _whose(action, pictures), action in asked) for action in actions]


def _whose(action: Action, pictures: Sequence[Mapping[str, Any]]) -> list[str]:
    if action not in OF_A_PICTURE:
        return []
    wanted = {
        A.TAKE_BACK: {S.WITH_DESIGNER},
        A.RETRY: {S.FAILED},
        A.ACCEPT_RISK: {S.PENDING, S.PAID},
        A.TRANSFER: IN_WORK - {S.WITH_DESIGNER},
    }
    return _tasks(pictures, wanted.get(action, IN_WORK))


def _tasks(pictures: Sequence[Mapping[str, Any]], statuses: set[Status]) -> list[str]:
    return [picture["task_id"] for picture in pictures if picture["status"] in statuses]
