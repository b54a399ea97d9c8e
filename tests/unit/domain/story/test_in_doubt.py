"""What is not clear changes nothing that cannot be taken back."""

from domain.story import consequences
from domain.vocabulary.pictures import Operation, TargetSize
from domain.vocabulary.status import Status
from tests.unit.domain.making import NOW, customer_says, examine, new_order, send, shown_order


def test_a_number_that_nothing_bears_is_asked_about() -> None:
    order = shown_order(pictures=2, email="wang@example.com")
    customer_says(order, "第三张可以")
    assert not any(picture.accepted for picture in order.live)
    assert order.outbox[-1].phrase == "which_picture"


def test_pictures_are_counted_as_they_were_sent() -> None:
    order = shown_order(pictures=3, email="wang@example.com")
    order.pictures[0].status = Status.CANCELLED
    customer_says(order, "第三张可以")
    assert [picture.accepted for picture in order.pictures] == [False, False, True]


def test_an_address_does_not_take_back_a_refusal_while_another_picture_waits() -> None:
    order = shown_order(pictures=2)
    customer_says(order, "第一张不满意")
    customer_says(order, "发到 wang@example.com")
    assert [picture.accepted for picture in order.live] == [False, True]
    assert order.live[0].status is Status.REVISION


def test_a_revision_may_name_another_size() -> None:
    order = shown_order()
    customer_says(order, "不行,改成2000x3000")
    assert order.live[0].size == TargetSize(width=2000, height=3000)


def test_a_resize_without_a_size_is_a_wish_in_words() -> None:
    order = new_order(pictures=0)
    send(order, "image_received", image_url="https://shop.example/1.jpg", note="改一下尺寸")
    send(order, "image_received", image_url="https://shop.example/2.jpg", note="尺寸 2000x3000")
    assert [picture.operation for picture in order.pictures] == [Operation.EDIT, Operation.RESIZE]


def test_what_was_paid_before_any_quote_is_held_against_the_first() -> None:
    order = new_order()
    send(order, "payment_received", payment_id="p1", amount="12")
    send(order, "payment_received", payment_id="p2", amount="5")
    assert [payment.flagged.phrase for payment in order.payments] == ["payment.early"] * 2
    examine(order, order.live[0])
    consequences.apply_rules(order, NOW)
    assert order.quote is not None
    assert [payment.flagged.phrase for payment in order.payments] == ["payment.too_little", ""]
    assert not any(message.phrase == "quote_hint" for message in order.outbox)


def test_a_resize_that_the_analysis_names_without_a_size_is_a_wish_in_words_too() -> None:
    order = new_order(pictures=0)
    send(order, "image_received", image_url="https://shop.example/1.jpg", note="弄好看点")
    examine(order, order.live[0], proc_type="resize")
    assert order.live[0].operation is Operation.EDIT
