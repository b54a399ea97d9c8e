"""What is wanted: free words, requirements and operations, before payment and after it."""

from typing import Any

import pytest

from domain.attempts import rounds
from domain.designers import transfers
from domain.order.order import Order
from domain.story.opening import open_order
from domain.vocabulary.pictures import Operation
from domain.vocabulary.status import Status
from domain.vocabulary.trail import Change
from tests.unit.domain.making import (
    LINEUP,
    NOW,
    ORDER_ID,
    attempt,
    customer_says,
    examine,
    happened,
    new_order,
    phrases,
    post,
    quoted_order,
    send,
    shown_order,
    working_order,
)


def last_change(order: Order) -> tuple[str, str, str, str, str]:
    change: Change = order.changes[-1]
    return change.change_type, change.old, change.new, change.by, change.refused


def test_free_words_before_payment_are_notes_with_their_time() -> None:
    order = quoted_order()
    customer_says(order, "需要去掉背景")
    (note,) = order.live[0].notes
    assert (note.at, note.text) == (NOW, "需要去掉背景")
    assert ("add_note", "无", "需要去掉背景", "customer", "") in [
        (change.change_type, change.old, change.new, change.by, change.refused) for change in order.changes
    ]


@pytest.mark.parametrize("words", ["在吗", "好的", "多少钱", "wang@example.com", ""])
def test_words_that_wish_nothing_are_no_notes(words: str) -> None:
    order = quoted_order()
    customer_says(order, words)
    assert (order.live[0].notes, order.changes) == ([], [])


def test_words_that_name_an_operation_change_one_that_nobody_chose() -> None:
    order = quoted_order()
    customer_says(order, "帮我抠图")
    assert order.live[0].operation is Operation.REMOVE_BG
    assert last_change(order) == ("modify_operation", "enhance", "remove_bg", "customer", "")
    assert order.quote.version == 2


def test_words_never_overrule_what_words_or_the_bot_named_before() -> None:
    order = new_order(pictures=0)
    send(order, "image_received", image_url="https://shop.example/1.jpg", note="抠图")
    send(order, "image_received", image_url="https://shop.example/2.jpg", operation="vectorize")
    for picture in order.live:
        examine(order, picture)
    customer_says(order, "要清晰一点")
    assert [picture.operation for picture in order.live] == [Operation.REMOVE_BG, Operation.VECTORIZE]
    assert [picture.words for picture in order.live] == ["抠图\n要清晰一点", "要清晰一点"]


def test_words_about_one_of_several_pictures_are_noted_there() -> None:
    order = quoted_order(pictures=2)
    customer_says(order, "第一张抠图,第二张换成蓝色背景")
    assert [picture.operation for picture in order.live] == [Operation.REMOVE_BG, Operation.EDIT]
    assert "蓝色" not in order.live[0].words
    assert "抠图" not in order.live[1].words


def test_words_said_before_the_first_picture_wait_for_it() -> None:
    order = new_order(pictures=0)
    customer_says(order, "帮我把照片抠图")
    assert happened(order)[-1] == "kept_for_a_picture"
    send(order, "image_received", image_url="https://shop.example/1.jpg")
    assert order.live[0].operation is Operation.REMOVE_BG
    assert order.early == []


def test_a_requirement_is_added_with_its_old_value() -> None:
    order = quoted_order()
    send(order, "requirement_added", requirement="白底")
    send(order, "requirement_added", requirement="2K", changed_by="staff", reason="on the phone")
    assert order.live[0].requirements == ["白底", "2K"]
    assert [(change.old, change.new) for change in order.changes] == [("无", "白底"), ("白底", "2K")]
    assert (order.changes[1].by, order.changes[1].reason) == ("staff", "on the phone")


def test_another_operation_is_taken_and_on_record() -> None:
    order = quoted_order()
    send(order, "operation_changed", operation="vectorize")
    assert order.live[0].operation is Operation.VECTORIZE
    assert last_change(order) == ("modify_operation", "enhance", "vectorize", "customer", "")


def test_after_payment_the_customers_change_is_refused_with_a_reason_and_on_record() -> None:
    order = working_order()
    answer = send(order, "requirement_added", requirement="白底")
    assert answer is not None
    assert (answer.accepted, answer.reason.phrase) == (False, "change_after_payment")
    assert order.live[0].requirements == []
    assert last_change(order) == ("add_requirement", "无", "白底", "customer", "change_after_payment")
    answer = send(order, "operation_changed", operation="vectorize")
    assert answer is not None
    assert not answer.accepted
    assert order.live[0].operation is Operation.ENHANCE


def test_after_payment_free_words_are_refused_notes() -> None:
    order = working_order()
    customer_says(order, "背景要蓝色的")
    assert last_change(order) == ("add_note", "无", "背景要蓝色的", "customer", "change_after_payment")
    assert order.live[0].notes == []


def test_staff_may_change_what_is_paid_with_a_reason() -> None:
    order = working_order()
    send(order, "requirement_added", requirement="白底", changed_by="staff", reason="promised on the phone")
    send(order, "operation_changed", operation="edit", changed_by="客服", reason="as above")
    assert order.live[0].requirements == ["白底"]
    assert order.live[0].operation is Operation.EDIT
    assert [change.reason for change in order.changes] == ["promised on the phone", "as above"]


def test_nobody_changes_what_is_finished() -> None:
    order = shown_order(email="wang@example.com")
    customer_says(order, "可以")
    post(order)
    answer = send(order, "requirement_added", requirement="白底", changed_by="staff")
    assert answer is not None
    assert answer.reason.phrase == "change_after_end"
    assert last_change(order)[-2:] == ("staff", "change_after_end")


def test_of_several_pictures_a_change_must_name_one() -> None:
    order = quoted_order(pictures=2)
    answer = send(order, "requirement_added", requirement="白底")
    assert answer is not None
    assert (answer.accepted, answer.reason.phrase, answer.reason.values) == (False, "which_picture", {"count": "2"})
    assert happened(order)[-1] == "change_not_placed"
    send(order, "requirement_added", requirement="白底", task_id=order.live[1].task_id)
    assert [picture.requirements for picture in order.live] == [[], ["白底"]]


def test_changes_and_analyses_that_come_before_their_picture_are_applied_to_it() -> None:
    order = new_order(pictures=0)
    send(order, "requirement_added", requirement="白底")
    send(order, "operation_changed", operation="edit")
    send(order, "analysis_received", complexity="hard", image_url="https://shop.example/2.jpg")
    send(order, "image_received", image_url="https://shop.example/1.jpg")
    send(order, "image_received", image_url="https://shop.example/2.jpg")
    assert (order.pictures[0].requirements, order.pictures[0].operation) == (["白底"], Operation.EDIT)
    assert order.pictures[0].analysis is None
    assert order.pictures[1].analysis is not None


def test_the_history_of_changes_is_kept_whole_until_it_is_told() -> None:
    order = quoted_order()
    for number in range(120):
        send(order, "requirement_added", requirement=f"wish {number}")
    assert len(order.changes) == 120
    order.mark_told(order.serial)
    assert [change.new for change in order.changes] == [f"wish {number}" for number in range(70, 120)]


# ---- what staff change once work has begun ---------------------------------------------------------------------------

CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("operation_changed", {"operation": "vectorize"}),
    ("requirement_added", {"requirement": "白底"}),
]


@pytest.mark.parametrize(("signal", "payload"), CHANGES, ids=["operation", "requirement"])
def test_what_staff_change_at_a_preview_begins_a_round_that_is_none_of_the_free_ones(
    signal: str, payload: dict[str, Any]
) -> None:
    order = shown_order()
    answer = send(order, signal, changed_by="staff", **payload)
    picture = order.live[0]
    assert answer is not None
    assert (answer.accepted, picture.status, picture.round, picture.revision_notes) == (True, Status.PROCESSING, 1, [])
    assert phrases(order)[-1] == "redo_by_shop"
    assert rounds.choose_model(picture, LINEUP) is not None


@pytest.mark.parametrize(("signal", "payload"), CHANGES, ids=["operation", "requirement"])
def test_what_staff_change_at_work_is_begun_anew(signal: str, payload: dict[str, Any]) -> None:
    order = working_order()
    attempt(order.live[0], error_type="ModelAnswerUnusable")
    send(order, signal, changed_by="staff", **payload)
    picture = order.live[0]
    assert (picture.status, picture.is_restarted, picture.round, picture.tries) == (Status.PROCESSING, True, 1, [])


@pytest.mark.parametrize(("signal", "payload"), CHANGES, ids=["operation", "requirement"])
def test_designers_hear_what_staff_change(signal: str, payload: dict[str, Any]) -> None:
    order = shown_order()
    send(order, "transfer_requested", reason="客户要真人")
    send(order, signal, changed_by="staff", **payload)
    picture = order.live[0]
    assert (picture.status, picture.dispatch.asked) == (Status.WITH_DESIGNER, 2)
    assert transfers.picture_news(picture).why == picture.dispatch.reason


def test_the_same_operation_once_more_changes_nothing_at_a_preview() -> None:
    order = shown_order()
    send(order, "operation_changed", operation=order.live[0].operation, changed_by="staff")
    assert order.status is Status.AWAITING_CONFIRM


def test_a_delivered_picture_of_several_is_changed_no_more() -> None:
    order = shown_order(pictures=2, email="wang@example.com")
    order.move([order.live[0]], Status.COMPLETED, NOW)
    task = order.live[0].task_id
    answer = send(order, "operation_changed", operation="vectorize", changed_by="staff", task_id=task)
    assert answer is not None
    assert (answer.accepted, answer.reason.phrase) == (False, "change_after_end")


def test_words_with_two_photographs_do_to_each_what_is_said_of_it() -> None:
    note = "第一张变清晰,第二张抠图,背景透明"
    order = new_order(pictures=0)
    for number in (1, 2):
        send(order, "image_received", image_url=f"https://shop.example/{number}.jpg", note=note)
    assert [picture.operation for picture in order.live] == [Operation.ENHANCE, Operation.REMOVE_BG]
    assert [picture.words for picture in order.live] == ["变清晰", "抠图,背景透明"]


def test_an_order_that_begins_with_two_photographs_splits_their_note() -> None:
    note = "第一张去水印,第二张变清晰"
    wanted = [{"image_url": f"https://shop.example/{number}.jpg", "note": note} for number in (1, 2, 3)]
    order = open_order(f"order-{ORDER_ID}", {"customer_id": "c1", "pictures": wanted}, NOW)
    assert [picture.words for picture in order.live] == ["去水印", "变清晰", ""]


def test_words_that_name_no_picture_come_whole_with_each() -> None:
    order = new_order(pictures=0)
    send(order, "image_received", image_url="https://shop.example/1.jpg", note="给猫戴个帽子,谢谢")
    assert order.live[0].words == "给猫戴个帽子,谢谢"


def test_what_was_said_before_the_photographs_waits_for_the_one_it_names() -> None:
    order = new_order(pictures=0)
    customer_says(order, "第一张变清晰,第二张抠图")
    send(order, "image_received", image_url="https://shop.example/1.jpg")
    assert [picture.words for picture in order.live] == ["变清晰"]
    send(order, "image_received", image_url="https://shop.example/2.jpg")
    assert [picture.words for picture in order.live] == ["变清晰", "抠图"]
