"""The main road of an order, on a real Temporal server."""

from datetime import timedelta

from domain.order.messages import RequestedPicture
from domain.vocabulary.status import Status
from tests.shop import FakeShop


async def test_an_order_goes_from_a_picture_to_the_letter(shop: FakeShop) -> None:
    order = await shop.order()
    quoted = await order.until(lambda o: o.quote)
    assert quoted.quote.span == "15.00-20.00"
    assert quoted.status is Status.PENDING

    await order.signal("payment_received", event_id="p1", payment_id="pay-1", amount="18.00")
    shown = await order.reaches(Status.AWAITING_CONFIRM)
    assert shown.live[0].result.score == 90

    await order.signal("customer_message", event_id="m1", text="可以,发我邮箱 wang@example.com")
    done = await order.reaches(Status.COMPLETED)

    assert [letter.to for letter in shop.mail.letters] == ["wang@example.com"]
    assert shop.mail.letters[0].attachments[0].data == b"finished picture 1"
    assert shop.chat.said[-1] == "发到您邮箱了,注意查收哈"
    assert done.deliveries == 1
    assert shop.records.saved[-1].status is Status.COMPLETED


async def test_an_order_closes_when_after_care_ends(shop: FakeShop) -> None:
    order = await shop.order(email="wang@example.com")
    await order.signal("payment_received", payment_id="pay-1", amount="18.00")
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", text="没问题")
    await order.reaches(Status.COMPLETED)
    await order.pass_time(timedelta(days=15, minutes=1))
    outcome = await order.handle.result()
    assert outcome["status"] == "completed"


async def test_a_revision_is_made_with_the_customers_words_in_the_prompt(shop: FakeShop) -> None:
    order = await shop.order(email="wang@example.com")
    await order.signal("payment_received", payment_id="pay-1", amount="18.00")
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", text="颜色不对,脸再亮一点")
    revised = await order.until(lambda o: o.status is Status.AWAITING_CONFIRM and o.live[0].round == 1)
    assert "【客户修改要求】颜色不对,脸再亮一点" in shop.model.wishes[-1].prompt
    assert revised.live[0].shown == 2
    await order.signal("customer_message", text="OK")
    await order.reaches(Status.COMPLETED)
    assert shop.mail.letters[0].attachments[0].data == b"finished picture 2"


async def test_pictures_are_worked_on_side_by_side_and_delivered_in_one_letter(shop: FakeShop) -> None:
    pictures = [RequestedPicture(image_url=f"https://shop.example/{n}.jpg") for n in (1, 2, 3)]
    order = await shop.order(*pictures)
    await order.until(lambda o: o.quote)
    await order.signal("payment_received", payment_id="pay-1", amount="50.00")
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", text="第二张改一下,背景换成蓝色")
    await order.until(lambda o: o.live[1].round == 1 and o.status is Status.AWAITING_CONFIRM)
    await order.signal("email_provided", email="wang@example.com")
    await order.reaches(Status.COMPLETED)
    assert [len(letter.attachments) for letter in shop.mail.letters] == [3]
