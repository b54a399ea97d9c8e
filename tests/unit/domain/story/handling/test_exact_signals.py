"""The signals by which the bot says exactly what is meant."""

import pytest

from domain.order.order import Order
from domain.vocabulary.status import Status
from tests.unit.domain.making import (
    customer_says,
    happened,
    make,
    new_order,
    phrases,
    post,
    send,
    shown_order,
    statuses,
    working_order,
)

S = Status


def telling_anew(order: Order) -> Order:
    order.mark_told(order.serial)
    return order


def test_a_revision_names_its_picture() -> None:
    order = shown_order(pictures=2)
    send(order, "revision_requested", note=" 背景换成蓝色 ", task_id=order.pictures[1].task_id)
    assert order.pictures[1].revision_notes == ["背景换成蓝色"]
    assert statuses(order) == [S.AWAITING_CONFIRM, S.PROCESSING]


@pytest.mark.parametrize("task_id", [None, "TASK_20261122_7K3F9Q_9"])
def test_a_revision_of_no_one_picture_is_not_started(task_id: str | None) -> None:
    order = shown_order(pictures=2)
    send(order, "revision_requested", note="太暗", task_id=task_id)
    assert statuses(order) == [S.AWAITING_CONFIRM] * 2
    assert happened(order)[-1] == "revision_not_started"


def test_a_revision_without_a_note_asks_what_to_change() -> None:
    order = shown_order()
    send(order, "revision_requested", note="  ")
    assert (statuses(order), phrases(order)[-1]) == ([S.REVISION], "what_to_change")


def test_a_delivered_picture_is_reworked() -> None:
    order = shown_order(pictures=2, email="wang@example.com")
    customer_says(order, "可以")
    post(order)
    send(order, "revision_requested", note="太暗", task_id=order.pictures[0].task_id)
    assert statuses(order) == [S.PROCESSING, S.COMPLETED]


def test_an_address_signal_accepts_and_garbage_in_it_is_asked_back() -> None:
    order = shown_order()
    send(order, "email_provided", email="wang at example")
    assert phrases(order)[-1] == "address_doubtful"
    send(order, "email_provided", email=" Wang@Example.com ")
    assert order.email == "wang@example.com"
    assert order.live[0].accepted


def test_an_address_comes_before_content_and_the_order_is_ready_for_the_letter() -> None:
    order = working_order()
    send(order, "email_provided", email="wang@example.com")
    make(order, order.live[0])
    customer_says(order, "满意")
    assert order.live[0].accepted
    assert "ask_address" not in phrases(order)


def test_a_mistyped_address_at_the_start_is_not_taken() -> None:
    assert new_order(email="wang@qq.con").email is None
    assert new_order(email="Wang@QQ.com").email == "wang@qq.com"


def test_a_revision_before_any_preview_is_refused_with_its_reason() -> None:
    order = working_order()
    answer = send(order, "revision_requested", note="太暗")
    assert answer is not None
    assert (answer.accepted, answer.reason.phrase) == (False, "no_preview_yet")


def test_a_picture_alone_that_shows_the_change_is_not_asked_for_again() -> None:
    order = shown_order()
    send(order, "revision_requested", image_url="https://shop.example/like-this.jpg")
    assert (statuses(order), phrases(order)[-1]) == ([S.REVISION], "picture_noted")
