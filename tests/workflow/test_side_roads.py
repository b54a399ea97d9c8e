"""The side roads of an order on a real Temporal server, with skipped time."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from temporalio.testing import TimeSkipper

from domain.order.messages import RequestedPicture
from domain.order.order import Order
from domain.ports import EncodedImage, Wish
from domain.texts.phrase import written
from domain.vocabulary.errors import ModelRefused, OutsideUnavailable
from domain.vocabulary.pictures import Feasibility, Look, ModelCall, Risk, RiskLevel
from domain.vocabulary.rules import PriceList, PriceRange, ShopRules
from domain.vocabulary.status import Status
from tests.shop import FakeShop, OrderInHand

NIGHT = timedelta(hours=11)  # at most so long nobody is in the shop
HALF_AN_HOUR = timedelta(minutes=31)


async def quoted(shop: FakeShop, **facts: str) -> OrderInHand:
    order = await shop.order(**facts)
    await order.until(lambda o: o.quote)
    return order


async def shown(shop: FakeShop, **facts: str) -> OrderInHand:
    order = await quoted(shop, **facts)
    await order.signal("payment_received", payment_id="p1", amount="18.00")
    await order.reaches(Status.AWAITING_CONFIRM)
    return order


def staff_heard(shop: FakeShop, title: str) -> int:
    return sum(f"**{title}**" in message for message in shop.staff.told)


async def told(shop: FakeShop, order: OrderInHand, title: str) -> None:
    await order.until(lambda o: not o.notices and staff_heard(shop, title), told=False)


async def test_a_picture_of_high_risk_is_declined_when_staff_say_nothing(shop: FakeShop) -> None:
    shop.vision.analysis.risk = Risk(level=RiskLevel.HIGH, reasons=["banknote"])
    order = await shop.order()
    await told(shop, order, "图片有风险,请人工审核")
    await order.pass_time(HALF_AN_HOUR + NIGHT)
    await order.reaches(Status.DECLINED)
    assert "不好意思,这张图我们这边不方便处理,没法接这单,请您谅解" in shop.chat.said
    await order.pass_time(timedelta(days=15, minutes=1))
    assert (await order.handle.result())["status"] == "declined"


async def test_what_no_machine_can_do_is_priced_paid_and_given_to_designers(shop: FakeShop) -> None:
    shop.vision.analysis.feasible = Feasibility(possible=False, reason="hand lettering")
    order = await shop.order()
    await told(shop, order, "机器做不了,请设计师报价")
    await order.signal("quote_set", amount="120", set_by="designer")
    await order.signal("payment_received", payment_id="p1", amount="120")
    await order.reaches(Status.WITH_DESIGNER)
    assert shop.model.wishes == []
    await order.signal("designer_finished", result_url="https://designer.example/1.png")
    done = await order.reaches(Status.AWAITING_CONFIRM)
    assert done.live[0].result.file.key.endswith("attempt-1-generated.png")
    assert any("attempt-1-preview" in words for words in shop.chat.said)


async def test_an_unpaid_order_is_reminded_and_expires_and_a_late_payment_revives_it(shop: FakeShop) -> None:
    order = await quoted(shop)
    await order.pass_time(timedelta(hours=73))
    await order.reaches(Status.EXPIRED)
    assert sum("【客户还没付款】" in words for words in shop.chat.said) == 2
    await order.signal("payment_received", payment_id="p1", amount="18.00")
    await order.reaches(Status.AWAITING_CONFIRM)


async def test_silence_completes_an_order_with_a_link(shop: FakeShop) -> None:
    order = await shown(shop)
    await order.pass_time(timedelta(days=7, hours=1))
    await order.reaches(Status.COMPLETED)
    assert "原图放在这里" in shop.chat.said[-1]
    assert "https://darkroom.example/d/task-history/" in shop.chat.said[-1]
    assert shop.mail.letters == []
    await told(shop, order, "图片已交付,请在平台点发货")


async def test_a_short_payment_waits_for_staff_and_then_proceeds_flagged(shop: FakeShop) -> None:
    order = await quoted(shop)
    await order.signal("payment_received", payment_id="p1", amount="1")
    await told(shop, order, "付款与报价不符,暂不开工")
    held = await order.now()
    assert (held.status, shop.model.wishes) == (Status.PAID, [])
    await order.pass_time(HALF_AN_HOUR + NIGHT)
    shown = await order.reaches(Status.AWAITING_CONFIRM)
    assert shown.payments[0].flagged


async def test_a_switched_off_shop_leaves_paid_orders_to_staff(temporal_env: TimeSkipper) -> None:
    shop = FakeShop(temporal_env)
    shop.settings.is_on = False
    async with shop.open():
        order = await quoted(shop)
        await order.signal("payment_received", payment_id="p1", amount="18.00")
        await told(shop, order, "付款触发但已暂停自动作图")
        stopped = await order.reaches(Status.PAID)
        assert (shop.model.wishes, stopped.live[0].attempts) == ([], [])
        await order.signal("processing_resumed", requested_by="staff")
        await order.reaches(Status.AWAITING_CONFIRM)


async def test_a_refund_stops_the_work_at_once(shop: FakeShop) -> None:
    shop.model.gate = asyncio.Event()
    order = await quoted(shop)
    await order.signal("payment_received", payment_id="p1", amount="18.00")
    await order.until(lambda o: shop.model.wishes, told=False)
    await order.signal("refund_recorded", refund_id="r1", reason="the platform decided")
    await order.reaches(Status.CANCELLED)
    await order.until(lambda o: "failed" in shop.records.states.values(), told=False)
    assert not any(words.startswith("[http") for words in shop.chat.said)


async def test_a_paid_order_is_cancelled_before_its_preview_and_staff_refund_it(shop: FakeShop) -> None:
    shop.model.gate = asyncio.Event()
    order = await quoted(shop)
    await order.signal("payment_received", payment_id="p1", amount="18.00")
    await order.until(lambda o: shop.model.wishes, told=False)
    await order.signal("cancel_requested", reason="too slow")
    cancelled = await order.reaches(Status.CANCELLED)
    assert cancelled.label == "待退款"
    await told(shop, order, "请退款")
    assert "p1 (18.00 CNY)" in "".join(shop.staff.told)


async def test_a_cancellation_in_temporal_is_the_staffs_word(shop: FakeShop) -> None:
    order = await shown(shop)
    await order.handle.cancel()
    cancelled = await order.reaches(Status.CANCELLED)
    assert cancelled.label == "待退款"
    await order.signal("refund_recorded", refund_id="r1")
    await order.until(lambda o: o.label == "已取消")
    await order.pass_time(timedelta(days=16))
    assert (await order.handle.result())["status"] == "cancelled"


async def test_a_picture_that_the_check_leaves_to_a_designer_is_never_shown(
    shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def score(*_: EncodedImage | Wish) -> tuple[Look, ModelCall]:
        return Look(score=30, issue="two heads", next_step="designer"), ModelCall(provider="fake", model="v")

    monkeypatch.setattr(shop.vision, "score", score)
    order = await quoted(shop)
    await order.signal("payment_received", payment_id="p1", amount="18.00")
    given = await order.reaches(Status.WITH_DESIGNER)
    assert (len(shop.model.wishes), given.live[0].dispatch.reason) == (1, written("two heads"))
    assert not any(words.startswith("[http") for words in shop.chat.said)


async def test_a_picture_comes_back_from_the_designers_when_staff_name_it(shop: FakeShop) -> None:
    shop.model.failures = [ModelRefused("SAFETY")]
    order = await quoted(shop)
    await order.signal("payment_received", payment_id="p1", amount="18.00")
    await order.reaches(Status.WITH_DESIGNER)
    await told(shop, order, "fake作图失败")
    assert "原因:模型拒绝处理这张图或要求(内容审核)" in "".join(shop.staff.told)
    await order.signal("processing_resumed", requested_by="staff", task_id=order.task_id)
    revived = await order.reaches(Status.AWAITING_CONFIRM)
    assert (revived.live[0].shown, revived.live[0].revision_notes) == (2, [])


async def test_poor_quality_is_sent_all_the_same_and_staff_check_it(shop: FakeShop) -> None:
    shop.vision.scores = [30, 65, 40]
    order = await shown(shop)
    await told(shop, order, "图片质检未通过,请人工核查")
    (notice,) = [message for message in shop.staff.told if "图片质检未通过" in message]
    lines = [line.partition(" ([")[0] for line in notice.splitlines()]  # links aside
    assert lines[1:-2] == [
        "客户:customer-1",
        "店铺:shop-1",
        f"订单:{order.order_id}",
        f"图片:{order.order_id.replace('ORDER', 'TASK')}_1",
        "评分:65/100",
        "问题:only 65 good",
        "尝试次数:3",
        "结果已发出,请人工确认质量",
    ]


async def test_a_mail_server_in_trouble_is_told_to_staff_once_and_never_blamed_on_the_customer(
    shop: FakeShop,
) -> None:
    shop.mail.failures = [OutsideUnavailable("451 later")] * 8
    order = await shown(shop, email="wang@example.com")
    await order.signal("customer_message", text="可以")
    await order.until(lambda o: len(shop.mail.failures) < 8, told=False)
    await order.pass_time(timedelta(hours=1))
    await order.reaches(Status.COMPLETED)
    assert (len(shop.mail.letters), staff_heard(shop, "邮件服务器有问题")) == (1, 1)
    assert "邮件发送失败了,您再发一次邮箱试试" not in shop.chat.said


async def test_a_finished_order_is_paid_refunded_resent_and_reworked_in_after_care(shop: FakeShop) -> None:
    order = await shown(shop, email="wang@example.com")
    await order.signal("customer_message", text="可以")
    await order.reaches(Status.COMPLETED)
    await order.pass_time(timedelta(days=10))
    await order.signal("payment_received", payment_id="p2", amount="2.00")
    await order.signal("refund_recorded", refund_id="r1", amount="1.00")
    await order.signal("resend_requested")
    await order.until(lambda o: o.deliveries == 2)
    await order.signal("revision_requested", note="太暗")
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", text="可以")
    done = await order.until(lambda o: o.deliveries == 3)
    assert (str(done.amount_paid), str(done.amount_refunded)) == ("20.00", "1.00")
    await order.pass_time(timedelta(days=14))
    assert not (await order.now()).is_over
    await order.pass_time(timedelta(days=2))
    assert (await order.handle.result())["status"] == "completed"


async def test_a_result_of_others_takes_the_place_of_the_machines_running_work(shop: FakeShop) -> None:
    shop.model.gate = asyncio.Event()
    order = await quoted(shop)
    await order.signal("payment_received", payment_id="p1", amount="18.00")
    await order.until(lambda o: shop.model.wishes, told=False)
    await order.signal("result_submitted", result_url="https://staff.example/1.png", source="staff")
    made = await order.reaches(Status.AWAITING_CONFIRM)
    assert made.live[0].attempts[-1].provider == "staff"
    assert len(shop.model.wishes) == 1


async def test_a_result_of_others_is_held_to_the_size_that_the_machine_would_make(shop: FakeShop) -> None:
    order = await shop.order(RequestedPicture(image_url="https://shop.example/1.jpg", note="改成A4"))
    quote = (await order.until(lambda o: o.quote)).quote
    await order.signal("payment_received", payment_id="p1", amount=str(quote.minimum))
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("result_submitted", result_url="https://staff.example/1.png", source="staff")
    await order.until(lambda o: o.live[0].attempts[-1].provider == "staff" and o.live[0].attempts[-1].result)
    size = shop.imaging.offered.wish.size
    assert size == shop.model.wishes[-1].size
    assert (size.width, size.height) == (3508, 2480), "paper turns as the picture lies"


async def test_a_result_that_is_no_picture_is_told_to_staff_and_the_designers_go_on(shop: FakeShop) -> None:
    shop.model.failures = [ModelRefused("SAFETY")]
    order = await quoted(shop)
    await order.signal("payment_received", payment_id="p1", amount="18.00")
    await order.reaches(Status.WITH_DESIGNER)
    await order.signal("result_submitted", source="staff", result_key="uploads/nothing.png")
    await told(shop, order, "收到的成品图不能用")
    assert (await order.now()).status is Status.WITH_DESIGNER


async def test_staff_hear_of_a_wecom_outage_s_notices_once_it_is_over(shop: FakeShop) -> None:
    shop.staff.failures = [OutsideUnavailable("45009")] * 2
    order = await shop.order()
    await order.signal("customer_message", payload="no text")
    await order.signal("operation_changed", operation="fly")
    await order.until(lambda o: o.notices, told=False)
    await order.pass_time(timedelta(minutes=1))
    await order.until(lambda o: not o.notices, told=False)
    assert staff_heard(shop, "收到看不懂的信号") == 1


async def test_several_pictures_have_operations_and_words_of_their_own(shop: FakeShop) -> None:
    order = await shop.order()
    await order.signal("image_received", image_url="https://shop.example/2.jpg")
    await order.until(lambda o: len(o.live) == 2 and o.quote)
    await order.signal("customer_message", text="第一张抠图,第二张变清晰")
    await order.until(lambda o: o.quote.version > 1)
    await order.signal("payment_received", payment_id="p1", amount="36.00")
    made: Order = await order.reaches(Status.AWAITING_CONFIRM)
    assert [picture.operation for picture in made.live] == ["remove_bg", "enhance"]
    assert {wish.operation: wish.prompt.splitlines()[-1] for wish in shop.model.wishes} == {
        "remove_bg": "抠图",
        "enhance": "变清晰",
    }


async def test_changed_settings_apply_to_orders_that_begin_afterwards(shop: FakeShop) -> None:
    first = await quoted(shop)
    dearer = PriceList(unknown=PriceRange(minimum=Decimal(40), maximum=Decimal(50)))
    shop.settings.current = ShopRules(
        prices=dearer.model_copy(update={"normal": dearer.unknown, "simple": dearer.unknown})
    )
    second = await quoted(shop)
    await first.signal("requirement_added", requirement="白底")
    again = await first.until(lambda order: order.quote.version == 2)
    assert again.quote
    assert again.quote.minimum < Decimal(40)
    assert (await second.now()).quote.span == "40.00-50.00"
