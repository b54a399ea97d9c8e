"""The verdict on a storm notices whatever is lost or doubled of an order, and nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest

from domain.order.order import Order
from tests.faults.storm import verdict as verdicts
from tests.faults.storm.people import Customer, Plan
from tests.faults.storm.verdict import Books, How, Verdict

ORDER = "ORDER_20261122_7K3F9Q"
AT = datetime(2026, 11, 22, tzinfo=UTC)
LETTER = f"<{ORDER}.1@darkroom.example>"
NOTICE = "**新任务派单**\n订单号: 20261122_7K3F9Q"


def line(serial: int, what: str, **facts: Any) -> dict[str, Any]:
    return {"serial": serial, "what": what, "facts": facts}


def call(name: str, begun: int, ended: int) -> dict[str, Any]:
    """A call to a model that made attempt 1 between two seconds."""
    facts = {"kind": "image", "image_task_id": "T", "attempt": 1, "status": "completed", "possibly_billed": False}
    return {
        **facts,
        "task_id": name,
        "created_at": AT + timedelta(seconds=begun),
        "completed_at": AT + timedelta(seconds=ended),
    }


def books() -> Books:
    """The books of an order that went well."""
    customer = Customer(
        "wang", Plan(0, by_designer=True, parts=1, chatter=0, ending="mailed"), cast("Any", None), ORDER
    )
    customer.ended, customer.paid, customer.said = 1.0, {"pay": Decimal(15)}, ["可以"]
    order = Order(order_id=ORDER, customer_id="wang", created_at=AT)
    state = {name: getattr(order, name) for name in ("status", "amount_paid", "amount_refunded", "email")}
    told = [line(1, "told", message_id="M1", phrase="image"), line(2, "told", message_id="M2", phrase="mail_sent")]
    events = [*told, line(3, "customer_said", text="可以"), line(4, "mailed", message_id=LETTER, status="sent")]
    return Books(
        customer,
        order,
        {
            "orders": [state],
            "payments": [{"kind": "payment", "payment_id": "pay", "amount": "15"}],
            "order_events": [*events, line(5, "staff_told", phrase="staff_designer_assigned")],
            "dispatches": [{"dispatch_id": "dispatch-1", "dispatch_task_id": "d1", "closing": "dispatch_completed"}],
            "image_generation_task": [call("T-A1.1", 0, 3)],
        },
        {
            "bot": [
                {"message_id": "M1", "kind": "image", "repeat": False},
                {"message_id": "M2", "kind": "text", "repeat": False},
            ],
            "mailbox": [{"message_id": LETTER}],
            "tuhui": [{"kind": "create", "task_id": "d1"}],
            "wecom": [{"errcode": 0, "content": NOTICE}],
        },
    )


def found(of: Books) -> Verdict:
    verdict = Verdict()
    verdicts._compare(of, verdict)
    return verdict


Spoil = Callable[[Any, Any], object]  # gets rows and ledgers
SPOILT: dict[str, tuple[How, Spoil]] = {
    "a payment is missing": ("lost", lambda rows, _: rows["payments"].clear()),
    "a payment is there twice": ("doubled", lambda rows, _: rows["payments"].append(rows["payments"][0])),
    "an amount is another": ("lost", lambda rows, _: rows["payments"][0].update(amount="30")),
    "words are missing": ("lost", lambda rows, _: rows["order_events"].pop(2)),
    "words are there twice": ("doubled", lambda rows, _: rows["order_events"].append(rows["order_events"][2])),
    "a message never came": ("lost", lambda _, ledgers: ledgers["bot"].pop()),
    "a message is on no record": ("lost", lambda rows, _: rows["order_events"].pop(1)),
    "a picture is shown twice": (
        "doubled",
        lambda _, ledgers: ledgers["bot"].append({"message_id": "M1-number", "kind": "image", "repeat": False}),
    ),
    "a letter never came": ("lost", lambda _, ledgers: ledgers["mailbox"].clear()),
    "a letter is on no record": ("lost", lambda rows, _: rows["order_events"].pop(3)),
    "a second letter came": (
        "doubled",
        lambda _, ledgers: ledgers["mailbox"].append({"message_id": LETTER.replace(".1@", ".2@")}),
    ),
    "designers have a second task": (
        "doubled",
        lambda _, ledgers: ledgers["tuhui"].append({"kind": "create", "task_id": "d2"}),
    ),
    "a task is left open": ("stuck", lambda rows, _: rows["dispatches"][0].update(closing="")),
    "staff were not told": ("lost", lambda _, ledgers: ledgers["wecom"].clear()),
    "an attempt is made twice": (
        "doubled",
        lambda rows, _: rows["image_generation_task"].append(call("T-A1.2", 4, 6)),
    ),
    "the rows are behind": ("lost", lambda rows, _: rows["orders"][0].update(status="paid")),
}


def test_books_that_agree_are_no_trouble() -> None:
    assert found(books()).troubles == []


@pytest.mark.parametrize("name", SPOILT)
def test_books_that_differ_are(name: str) -> None:
    how, spoil = SPOILT[name]
    spoilt = books()
    spoil(spoilt.rows, spoilt.ledgers)
    assert how in {trouble.how for trouble in found(spoilt).troubles}


def test_a_letter_with_the_same_id_is_counted_apart() -> None:
    again = books()
    cast("Any", again.ledgers["mailbox"]).append({"message_id": LETTER})
    verdict = found(again)
    assert not verdict.troubles
    assert verdict.unknowable["letters sent again, with the same Message-ID"] == 1


def test_an_attempt_that_two_workers_made_at_once_is_counted_apart() -> None:
    """The second was begun while the first, presumed dead, still waited for its answer."""
    again = books()
    cast("Any", again.rows["image_generation_task"]).append(call("T-A1.2", 2, 6))
    verdict = found(again)
    assert not verdict.troubles
    assert verdict.unknowable["pictures made twice at once, as a worker was presumed dead"] == 1
