"""Previews of several pictures on a real server: numbered, in order, and the word that the work begins."""

import asyncio

from domain.order.messages import RequestedPicture
from domain.ports import EncodedImage, Generation, Wish
from domain.vocabulary.errors import OutsideUnavailable
from domain.vocabulary.status import Status
from tests.fakes import FakeModel
from tests.shop import FakeShop, OrderInHand

BEGUN = "【客户已付款,马上开始做】"


class SlowFirst(FakeModel):
    """Makes the first picture of an order last."""

    def __init__(self) -> None:
        super().__init__()
        self.others_are_made = asyncio.Event()

    async def generate(self, original: EncodedImage, wish: Wish, aspect_ratio: str) -> Generation:
        if original.data.endswith(b"/1.jpg"):
            await self.others_are_made.wait()
        return await super().generate(original, wish, aspect_ratio)


async def paid_order(shop: FakeShop, pictures: int) -> OrderInHand:
    shop.settings.current.is_start_told, shop.settings.current.preview_order_seconds = True, 3600
    order = await shop.order(
        *(RequestedPicture(image_url=f"https://shop.example/{n}.jpg") for n in range(1, pictures + 1))
    )
    await order.until(lambda o: o.quote)
    await order.signal("payment_received", payment_id="pay-1", amount=f"{20 * pictures}.00")
    return order


async def test_a_preview_that_is_ready_first_waits_for_its_turn(closed_shop: FakeShop) -> None:
    model = SlowFirst()
    closed_shop.models = [model]
    async with closed_shop.open() as shop:
        order = await paid_order(shop, 2)
        await order.until(lambda o: o.pictures[1].status is Status.AWAITING_CONFIRM, told=False)
        assert not any(words.startswith("[") for words in shop.chat.said)
        model.others_are_made.set()
        await order.reaches(Status.AWAITING_CONFIRM)
    previews = [words for words in shop.chat.said if words.startswith(("第", "["))]
    assert [words for words in previews if words.startswith("第")] == ["第1张:", "第2张:"]
    assert ["_1/" in words for words in previews[1::2]] == [True, False]
    assert sum(BEGUN in words for words in shop.chat.said) == 1


async def test_a_bot_that_is_away_does_not_hold_up_the_work_nor_lose_the_word(shop: FakeShop) -> None:
    shop.settings.current.is_start_told = True
    order = await shop.order()
    await order.until(lambda o: o.quote)
    shop.chat.failures = [OutsideUnavailable("away")]
    await order.signal("payment_received", payment_id="pay-1", amount="20.00")
    await order.reaches(Status.AWAITING_CONFIRM)
    assert sum(BEGUN in words for words in shop.chat.said) == 1
