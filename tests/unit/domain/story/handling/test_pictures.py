"""Pictures and their analyses."""

from typing import Any

import pytest

from domain.order.order import Order
from domain.vocabulary.pictures import Complexity, Operation
from domain.vocabulary.status import Status
from tests.unit.domain.making import (
    happened,
    new_order,
    send,
    statuses,
    working_order,
)

S = Status


def telling_anew(order: Order) -> Order:
    order.mark_told(order.serial)
    return order


def test_a_picture_joins_an_unpaid_order_with_the_operation_its_words_ask_for() -> None:
    order = new_order()
    send(order, "image_received", image_url="https://shop.example/2.jpg", note="抠图,一寸")
    assert order.pictures[1].task_id == "TASK_20261122_7K3F9Q_2"
    assert order.pictures[1].operation is Operation.REMOVE_BG
    assert order.pictures[1].size is not None


def test_a_picture_after_payment_is_kept_on_record_only() -> None:
    order = working_order()
    send(order, "image_received", image_url="https://shop.example/2.jpg")
    assert len(order.pictures) == 1
    (late,) = [entry for entry in order.journal if entry.what == "picture_too_late"]
    assert late.facts["image_url"] == "https://shop.example/2.jpg"


def test_a_picture_that_follows_a_payment_without_one_is_paid_already() -> None:
    order = new_order(pictures=0)
    send(order, "payment_received", payment_id="p1", amount="18")
    send(order, "image_received", image_url="https://shop.example/1.jpg")
    assert statuses(order) == [S.PAID]


@pytest.mark.parametrize(
    "named", [{"task_id": "TASK_20261122_7K3F9Q_2"}, {"image_url": "https://shop.example/2.jpg"}], ids=["task", "url"]
)
def test_the_bots_analysis_goes_to_the_picture_it_names(named: dict[str, Any]) -> None:
    order = new_order(pictures=2)
    send(order, "analysis_received", complexity="hard", gemini_prompt="a cat", **named)
    assert order.pictures[0].analysis is None
    assert order.pictures[1].analysis.complexity is Complexity.HARD
    assert order.pictures[1].analysis.prompt == "a cat"


def test_an_analysis_that_names_no_picture_of_several_is_not_guessed() -> None:
    order = new_order(pictures=2)
    send(order, "analysis_received", complexity="hard")
    assert [picture.analysis for picture in order.pictures] == [None, None]
    assert happened(order)[-1] == "analysis_not_used"


def test_an_analysis_after_payment_changes_nothing() -> None:
    order = working_order()
    send(order, "analysis_received", complexity="hard")
    assert order.pictures[0].analysis.complexity is Complexity.NORMAL
