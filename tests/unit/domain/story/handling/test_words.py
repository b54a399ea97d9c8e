"""The customer's word about a preview."""

import pytest

from domain.order.order import Order
from domain.story import delivering
from domain.vocabulary.status import Status
from tests.unit.domain.making import (
    customer_says,
    make,
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
    customer_says(order, "不用改了,就这样")
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


def test_content_with_one_picture_accepts_none_that_was_refused() -> None:
    order = shown_order(pictures=2, email="wang@example.com")
    customer_says(order, "第一张不行")
    customer_says(order, "可以")
    assert [picture.accepted for picture in order.live] == [False, True]


def test_content_with_the_rework_of_one_of_several_is_asked_where_to_send_it() -> None:
    order = telling_anew(shown_order(pictures=2))
    customer_says(order, "可以,直接发链接给我吧")
    send(order, "link_opened", key=order.live[0].result.file.key)
    send(order, "revision_requested", note="太暗", task_id=order.live[1].task_id)
    make(order, order.live[1])
    customer_says(order, "可以")
    assert phrases(order)[-1] == "ask_address"


@pytest.mark.parametrize("words", ["再发一遍邮件", "没收到,再发一次", "重新发一下 谢谢", "麻烦再发我一遍"])
def test_the_letter_is_sent_again_once_it_was_delivered(words: str) -> None:
    order = shown_order()
    customer_says(order, "可以 wang@example.com")
    post(order)
    assert order.status is S.COMPLETED
    customer_says(order, words)
    assert delivering.is_deliverable(order)
    post(order)
    assert (order.deliveries, order.resend) == (2, False)


def test_whoever_has_no_letter_yet_and_wants_one_again_is_asked_where_to() -> None:
    order = telling_anew(shown_order())
    customer_says(order, "可以,发链接吧")
    send(order, "link_opened", key=order.live[0].result.file.key)
    customer_says(order, "再发一遍邮件")
    assert phrases(order)[-1] == "ask_address"


def test_another_letter_may_go_to_another_address() -> None:
    order = shown_order()
    customer_says(order, "可以 wang@example.com")
    post(order)
    customer_says(order, "没收到 再发一次 li@example.com")
    assert (order.email, delivering.is_deliverable(order)) == ("li@example.com", True)


@pytest.mark.parametrize(
    "words", ["怎么还没好", "快点啊急死了", "在吗", "[图片]", "发我邮箱", "能便宜吗", "xyz", "听说你们很专业的哦哦"]
)
def test_at_work_words_that_wish_nothing_are_not_refused(words: str) -> None:
    order = telling_anew(working_order())
    customer_says(order, words)
    assert phrases(order) == []
    assert not order.changes


def test_of_two_previews_the_other_is_asked_for_where_one_is_good() -> None:
    order = telling_anew(shown_order(pictures=2, email="wang@example.com"))
    customer_says(order, "第一张可以")
    assert phrases(order) == ["and_the_others"]
    assert not delivering.is_deliverable(order)
    customer_says(order, "第二张也可以")
    assert delivering.is_deliverable(order)
