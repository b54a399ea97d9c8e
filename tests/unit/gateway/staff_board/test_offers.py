"""What the board offers for an order: only what makes sense, and what a need asks for first."""

from typing import Any

import pytest

from domain.order.staff_acts import Action
from domain.vocabulary.needs import NeedKind
from domain.vocabulary.status import Status
from gateway.staff_board.offers import ANSWERS, OF_A_PICTURE, Offer, offers

A = Action


def row(status: str, *, paid: int = 0, refunded: int = 0, refund_due: bool = False) -> dict[str, Any]:
    paid_at = "then" if paid else None
    return {
        "status": status, "paid_at": paid_at, "amount_paid": paid, "amount_refunded": refunded, "refund_due": refund_due
    }  # fmt: skip


def offered(order: dict[str, Any], *needs: NeedKind) -> list[Offer]:
    return offers(order, [{"task_id": "T_1", "status": order["status"]}], list(needs))


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (row("pending"), {A.MARK_PAID, A.FIX_PRICE, A.CHANGE_ADDRESS, A.CANCEL}),
        (row("processing", paid=18), {A.RECORD_REFUND, A.TRANSFER, A.SUBMIT_RESULT, A.CHANGE_ADDRESS, A.CANCEL}),
        (row("with_designer", paid=18), {A.RECORD_REFUND, A.TAKE_BACK, A.SUBMIT_RESULT, A.CHANGE_ADDRESS, A.CANCEL}),
        (row("completed", paid=18), {A.RECORD_REFUND, A.RESEND, A.CHANGE_ADDRESS}),
        (row("cancelled", paid=18, refund_due=True), {A.RECORD_REFUND}),
        (row("cancelled", paid=18, refunded=18), set()),
        (row("expired"), {A.MARK_PAID}),
    ],
)
def test_only_what_makes_sense_is_offered(order: dict[str, Any], expected: set[Action]) -> None:
    assert {offer.action for offer in offered(order)} == expected


def test_what_a_need_asks_for_comes_first() -> None:
    first, *others = offered(row("failed", paid=18), NeedKind.FAILED)
    assert (first.action, first.is_asked_for, list(first.tasks)) == (A.RETRY, True, ["T_1"])
    assert not any(offer.is_asked_for for offer in others if offer.action is A.CANCEL)


@pytest.mark.parametrize("kind", NeedKind)
def test_each_need_has_its_answers_and_none_is_offered_twice(kind: NeedKind) -> None:
    actions = [offer.action for offer in offered(row("failed", paid=18), kind)]
    assert len(actions) == len(set(actions))
    assert set(ANSWERS[kind]) <= set(actions)


@pytest.mark.parametrize("status", Status)
def test_an_action_on_a_picture_names_one(status: Status) -> None:
    for offer in offered(row(status, paid=18)):
        assert bool(offer.tasks) is (offer.action in OF_A_PICTURE)
