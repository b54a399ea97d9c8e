from typing import Any

import pytest

from domain.order import Order, Status
from domain.pictures import Complexity, Operation
from tests.unit.domain.making import (
    NOW,
    customer_says,
    happened,
    later,
    make,
    money,
    new_order,
    phrases,
    post,
    quoted_order,
    send,
    shown_order,
    statuses,
    working_order,
)

S = Status


def telling_anew(order: Order) -> Order:
    order.told(order.serial)
    return order


# ---- pictures and analysis -------------------------------------------------------------------------------------------


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
    assert order.journal[-1].facts["image_url"] == "https://shop.example/2.jpg"


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


# ---- payment ---------------------------------------------------------------------------------------------------------


def test_a_payment_starts_every_picture() -> None:
    order = quoted_order(pictures=2)
    send(order, "payment_received", payment_id="p1", amount="35.00", now=later(5))
    assert statuses(order) == [S.PAID, S.PAID]
    assert (order.paid_at, order.amount_paid) == (later(5), money("35.00"))


def test_the_same_payment_told_twice_is_one() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="18")
    send(order, "payment_received", payment_id="p1", amount="18", event_id="another")
    assert order.amount_paid == money("18")


def test_the_event_id_stands_in_for_a_payment_id() -> None:
    order = quoted_order()
    send(order, "payment_received", event_id="e7", amount="18")
    assert order.payments[0].payment_id == "e7"


def test_different_payments_add_up_and_the_rest_of_a_price_is_not_flagged() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="10")
    send(order, "payment_received", payment_id="p2", amount="8")
    assert order.amount_paid == money("18")
    assert [bool(payment.flagged) for payment in order.payments] == [True, False]


def test_a_payment_below_the_quote_is_kept_and_flagged() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="1")
    assert order.payments[0].flagged == "below the quote of 15-20 CNY"
    assert order.status is S.PAID


def test_a_payment_without_an_amount_is_taken_as_paid_and_flagged() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1")
    assert (order.amount_paid, order.payments[0].flagged) == (money("0"), "no amount given")
    assert order.paid_at == NOW


def test_a_payment_binds_the_quote_that_was_told_before_it_was_made() -> None:
    order = quoted_order()
    dearer = order.quote.lines[0].model_copy(update={"minimum": money("60"), "maximum": money("80")})
    order.quotes.append(order.quote.model_copy(update={"version": 2, "quoted_at": later(60), "lines": [dearer]}))
    send(order, "payment_received", payment_id="p1", amount="18", paid_at=later(30), now=later(90))
    assert order.payments[0].flagged == ""


# ---- the customer's word ---------------------------------------------------------------------------------------------


def test_content_with_an_address_known_accepts() -> None:
    order = shown_order(email="wang@example.com")
    customer_says(order, "可以")
    assert order.live[0].accepted
    assert "ask_address" not in phrases(order)


def test_content_without_an_address_asks_for_one_once() -> None:
    order = shown_order()
    customer_says(order, "可以")
    customer_says(order, "可以的")
    assert phrases(order).count("ask_address") == 1


def test_content_may_be_about_one_picture_only() -> None:
    order = shown_order(pictures=3, email="wang@example.com")
    customer_says(order, "第二张可以")
    assert [picture.accepted for picture in order.live] == [False, True, False]


def test_an_address_accepts_what_is_shown() -> None:
    order = shown_order(pictures=2)
    customer_says(order, "发到wang@example.com")
    assert order.email == "wang@example.com"
    assert all(picture.accepted for picture in order.live)


def test_an_address_before_the_preview_is_remembered_and_accepts_nothing() -> None:
    order = working_order()
    customer_says(order, "做好发wang@example.com")
    make(order, order.live[0])
    assert order.email == "wang@example.com"
    assert not order.live[0].accepted


def test_a_doubtful_address_is_asked_back() -> None:
    order = shown_order()
    customer_says(order, "123@qq")
    assert phrases(order)[-1] == "address_doubtful"
    assert order.email is None


def test_a_refusal_with_a_description_starts_the_work_at_once() -> None:
    order = telling_anew(shown_order())
    customer_says(order, "颜色不对,脸再亮一点")
    assert statuses(order) == [S.PROCESSING]
    assert (order.live[0].round, order.live[0].revision_notes) == (1, ["颜色不对,脸再亮一点"])
    assert phrases(order) == ["redo_started"]


def test_a_refusal_alone_is_asked_what_to_change_and_the_answer_starts_the_work() -> None:
    order = telling_anew(shown_order())
    customer_says(order, "不行")
    assert statuses(order) == [S.REVISION]
    customer_says(order, "好了吗")
    assert statuses(order) == [S.REVISION]
    customer_says(order, "背景太暗")
    assert statuses(order) == [S.PROCESSING]
    assert phrases(order) == ["what_to_change", "redo_started"]


def test_an_address_beside_the_change_that_was_asked_for_mails_nothing_unchanged() -> None:
    order = shown_order()
    customer_says(order, "不行")
    customer_says(order, "脸再亮一点,改好发wang@example.com")
    assert statuses(order) == [S.PROCESSING]
    assert order.live[0].revision_notes == ["脸再亮一点,改好发"]
    assert order.email == "wang@example.com"


def test_a_refusal_takes_an_acceptance_back() -> None:
    order = shown_order()
    customer_says(order, "可以")
    customer_says(order, "不对")
    assert not order.live[0].accepted


def test_a_customer_who_thinks_better_of_a_refusal_has_the_preview_before_them_again() -> None:
    order = shown_order(email="wang@example.com")
    customer_says(order, "不行")
    customer_says(order, "没问题")
    assert statuses(order) == [S.AWAITING_CONFIRM]
    assert order.live[0].accepted


def test_a_refusal_of_one_of_several_pictures_names_it() -> None:
    order = shown_order(pictures=3)
    customer_says(order, "第一张可以,第二张不行,太暗")
    assert statuses(order) == [S.AWAITING_CONFIRM, S.PROCESSING, S.AWAITING_CONFIRM]


def test_a_refusal_that_names_none_of_several_is_asked_which_and_keeps_its_wish() -> None:
    order = telling_anew(shown_order(pictures=3))
    customer_says(order, "颜色不对,太黄")
    assert phrases(order) == ["which_picture"]
    assert order.outbox[0].values == {"count": "3"}
    customer_says(order, "第二张")
    assert statuses(order) == [S.AWAITING_CONFIRM, S.PROCESSING, S.AWAITING_CONFIRM]
    assert order.live[1].revision_notes == ["颜色不对,太黄"]


def test_a_refusal_without_a_wish_is_asked_which_and_then_what() -> None:
    order = telling_anew(shown_order(pictures=2))
    customer_says(order, "不行")
    customer_says(order, "2")
    customer_says(order, "背景换成蓝色")
    assert phrases(order) == ["which_picture", "what_to_change", "redo_started"]
    assert statuses(order) == [S.AWAITING_CONFIRM, S.PROCESSING]


def test_a_picture_that_is_not_shown_yet_cannot_be_refused() -> None:
    order = working_order(pictures=2)
    make(order, order.live[0])
    customer_says(order, "第二张不行,太暗")
    assert statuses(order) == [S.AWAITING_CONFIRM, S.PROCESSING]
    assert phrases(order)[-1] == "which_picture"


def test_the_only_picture_is_meant_whatever_its_number() -> None:
    order = shown_order()
    customer_says(order, "第三张不行,太暗")
    assert statuses(order) == [S.PROCESSING]


@pytest.mark.parametrize("words", ["在吗", "多少钱", "", "😀"])
def test_anything_else_gets_no_reply_of_ours(words: str) -> None:
    order = telling_anew(shown_order())
    customer_says(order, words)
    assert phrases(order) == []
    assert statuses(order) == [S.AWAITING_CONFIRM]


@pytest.mark.parametrize("words", ["不行", "可以", "重做,太暗"])
def test_words_before_a_preview_move_nothing(words: str) -> None:
    order = telling_anew(working_order())
    customer_says(order, words)
    assert (statuses(order), phrases(order)) == ([S.PROCESSING], [])


# ---- the exact signals -----------------------------------------------------------------------------------------------


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
