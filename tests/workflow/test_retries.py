"""When the outside fails: what is tried again, what counts as an attempt, what the customer hears."""

import asyncio
from datetime import timedelta

import pytest

from domain.order.messages import RequestedPicture
from domain.ports import Letter
from domain.texts.phrase import written
from domain.vocabulary.errors import (
    AddressRefused,
    ModelAnswerUnusable,
    ModelRefused,
    ModelUnavailable,
    OutsideUnavailable,
    PictureUnreadable,
)
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.status import Status
from starter import orders
from tests.shop import FakeShop, OrderInHand

TRIES = ModelUnavailable.tries or 0
THREE_WAITS = timedelta(seconds=1 + 2 + 4)
NEARLY_ALL_WAITS = timedelta(seconds=2 + 4 + 8 + 16 + 32 + 64 + 120 * (TRIES - 7) - 2)


async def paid(shop: FakeShop, *pictures: RequestedPicture, email: str = "wang@example.com") -> OrderInHand:
    order = await shop.order(*pictures, email=email)
    await order.until(lambda o: o.quote)
    await order.signal("payment_received", payment_id="p1", amount=str(18 * max(len(pictures), 1)))
    return order


async def test_unusable_answers_count_as_attempts(shop: FakeShop) -> None:
    shop.model.failures = [ModelAnswerUnusable("no picture"), ModelAnswerUnusable("no picture")]
    order = await paid(shop)
    shown = await order.reaches(Status.AWAITING_CONFIRM)
    assert [attempt.outcome for attempt in shown.live[0].attempts] == [Outcome.NO_PICTURE] * 2 + [Outcome.PASSED]
    assert shown.live[0].shown == 3
    assert list(shop.records.states.values()) == ["failed", "failed", "completed"]


async def test_nothing_but_unusable_answers_is_a_failure_after_three(shop: FakeShop) -> None:
    shop.model.failures = [ModelAnswerUnusable("no picture")] * 3
    order = await paid(shop)
    given = await order.reaches(Status.WITH_DESIGNER)
    assert (len(shop.model.wishes), given.live[0].error.phrase) == (
        3,
        "outcome.no_picture",
    )


async def test_a_result_that_the_vision_model_refuses_to_check_is_shown_as_its_maker_made_it(shop: FakeShop) -> None:
    shop.vision.scores = [-1, -1]  # which it refuses, in the activity of the attempt and in its own
    order = await paid(shop)
    shown = await order.reaches(Status.AWAITING_CONFIRM)
    (attempt,) = shown.live[0].attempts
    assert (attempt.outcome, attempt.provider, attempt.model) == (Outcome.MADE, "fake", "fake-image-1")
    assert (attempt.error_type, attempt.result.score, len(shop.model.wishes)) == ("ModelRefused", None, 1)


async def test_a_refused_picture_fails_and_the_customer_is_asked_to_wait(shop: FakeShop) -> None:
    shop.model.failures = [ModelRefused("SAFETY")]
    order = await paid(shop)
    given = await order.reaches(Status.WITH_DESIGNER)
    assert (len(shop.model.wishes), given.live[0].error.phrase) == (
        1,
        "outcome.refused",
    )
    assert "您好,图片正在处理中,稍后发您,请稍等" in shop.chat.said


async def test_one_refused_picture_does_not_hold_up_the_others(shop: FakeShop) -> None:
    shop.model.failures = [ModelRefused("SAFETY")]
    pictures = [RequestedPicture(image_url=f"https://shop.example/{number}.jpg") for number in (1, 2)]
    order = await paid(shop, *pictures)
    settled = await order.until(lambda o: not o.with_status(Status.PAID, Status.PROCESSING) and o.paid_at)
    assert {picture.status for picture in settled.live} == {Status.WITH_DESIGNER, Status.AWAITING_CONFIRM}
    assert sum("图片已处理完成" in words for words in shop.chat.said) == 1


async def test_the_best_is_shown_when_the_check_never_passes(shop: FakeShop) -> None:
    shop.vision.scores = [30, 65, 40]
    order = await paid(shop)
    shown = await order.reaches(Status.AWAITING_CONFIRM)
    assert (len(shop.model.wishes), shown.live[0].shown, shown.live[0].result.score) == (3, 2, 65)
    assert "only 30 good" in shop.model.wishes[1].prompt
    assert "only 65 good" in shop.model.wishes[2].prompt
    assert sum(words.startswith("[") for words in shop.chat.said) == 1


async def test_a_file_that_measures_wrong_is_made_again(shop: FakeShop) -> None:
    shop.imaging.issue = "no alpha channel"
    order = await paid(shop)
    shown = await order.reaches(Status.AWAITING_CONFIRM)
    assert len(shop.model.wishes) == 3
    assert (shown.live[0].result.score, shown.live[0].result.issue) == (20, written("no alpha channel"))


async def test_a_busy_provider_is_left_alone_for_as_long_as_it_said(shop: FakeShop) -> None:
    shop.model.failures = [ModelUnavailable("429", retry_after=timedelta(minutes=10))]
    order = await paid(shop)
    await order.until(lambda o: shop.model.wishes, told=False)
    await asyncio.sleep(2.5)  # the usual wait is 2 s
    assert len(shop.model.wishes) == 1
    (waiting,) = await orders.pending_activities(shop.client, order.order_id)
    assert (waiting["activity"], waiting["attempt"], waiting["failure"]) == ("produce", 2, "429")
    await order.pass_time(timedelta(minutes=10))
    shown = await order.reaches(Status.AWAITING_CONFIRM)
    assert len(shown.live[0].attempts) == 1
    assert list(shop.records.states.values()) == ["failed", "completed"]


async def test_a_provider_away_for_too_long_is_a_failed_picture(shop: FakeShop) -> None:
    shop.model.failures = [ModelUnavailable("503")] * TRIES
    order = await paid(shop)
    await order.until(lambda o: shop.model.wishes, told=False)
    await order.pass_time(NEARLY_ALL_WAITS)  # not to the end: no time is skipped while the dispatch is open
    given = await order.until(lambda o: o.status is Status.WITH_DESIGNER, patience=60)
    assert len(shop.model.wishes) == TRIES
    assert (given.live[0].error.phrase, len(given.live[0].attempts)) == (
        "outcome.broken",
        1,
    )
    assert "您好,图片正在处理中,稍后发您,请稍等" in shop.chat.said


async def test_an_order_waits_for_the_bot_and_then_says_everything_once(shop: FakeShop) -> None:
    order = await shop.order()
    await order.until(lambda o: o.quote)
    before = len(shop.chat.said)
    shop.chat.failures = [OutsideUnavailable("away")] * 3
    await order.signal("payment_received", payment_id="p1", amount="18.00")
    await order.until(lambda _: len(shop.chat.failures) < 3, told=False)
    await order.pass_time(THREE_WAITS)
    await order.reaches(Status.AWAITING_CONFIRM)
    told = shop.chat.said[before:]
    assert [words[:5] for words in told] == ["[http", "【图片已处"]
    assert shop.chat.failures == []


async def test_an_order_waits_for_the_records_and_says_nothing_before_them(shop: FakeShop) -> None:
    shop.records.failures = [OutsideUnavailable("away")] * 3
    order = await shop.order()
    await order.until(lambda _: len(shop.records.failures) < 3, told=False)
    await order.pass_time(THREE_WAITS)
    quoted = await order.until(lambda o: o.quote)
    assert len(shop.chat.said) == 1
    assert shop.records.saved[-1].version == quoted.version


async def test_the_records_do_not_wait_until_staff_can_be_told(shop: FakeShop) -> None:
    shop.staff.failures = [OutsideUnavailable("away")] * 100
    order = await shop.order()
    await order.until(lambda o: o.quote)
    await order.signal("payment_received", payment_id="p1", amount="1.00")
    await order.until(lambda o: o.hold)
    await order.signal("consent_recorded", kind="no_ai_label", text="不用标AI")
    agreed = await order.until(lambda o: o.consents)
    assert agreed.notices
    assert shop.records.saved[-1].consents == agreed.consents


async def test_a_mail_server_that_asks_to_come_back_is_tried_again(shop: FakeShop) -> None:
    shop.mail.failures = [OutsideUnavailable("451 later")]
    order = await paid(shop)
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", text="可以")
    done = await order.reaches(Status.COMPLETED)
    assert (len(shop.mail.letters), done.deliveries) == (1, 1)
    assert "邮件发送失败了,您再发一次邮箱试试" not in shop.chat.said


async def test_a_refused_address_is_asked_for_again_and_the_next_one_does(shop: FakeShop) -> None:
    shop.mail.failures = [AddressRefused("550 no such user")]
    order = await paid(shop)
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", text="可以")
    refused = await order.until(lambda o: o.email_status == "refused")
    assert (refused.status, refused.email) == (Status.AWAITING_CONFIRM, None)
    assert shop.chat.said[-1] == "邮件发送失败了,您再发一次邮箱试试"
    await order.signal("customer_message", text="li@example.com")
    done = await order.reaches(Status.COMPLETED)
    assert [letter.to for letter in shop.mail.letters] == ["li@example.com"]
    assert done.email_status == "sent"


async def test_a_refusal_while_the_letter_goes_out_starts_the_rework(
    shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted, send = asyncio.Event(), shop.mail.send

    async def slowly(letter: Letter) -> None:
        await posted.wait()
        await send(letter)

    monkeypatch.setattr(shop.mail, "send", slowly)
    order = await paid(shop)
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", text="可以")
    await order.until(lambda o: o.live[0].accepted, told=False)
    await order.signal("customer_message", text="不对,太暗")
    await order.until(lambda o: o.status is Status.AWAITING_CONFIRM and o.live[0].round == 1)
    posted.set()
    after = await order.until(lambda o: o.deliveries == 1)
    assert after.status is Status.AWAITING_CONFIRM
    await order.signal("customer_message", text="可以")
    await order.reaches(Status.COMPLETED)
    assert [letter.attachments[0].data for letter in shop.mail.letters] == [
        b"finished picture 1",
        b"finished picture 2",
    ]


async def test_what_is_no_picture_is_said_and_another_one_takes_its_place(shop: FakeShop) -> None:
    shop.imaging.failure = PictureUnreadable("zero bytes")
    order = await shop.order()
    await order.until(lambda o: not o.live)
    assert shop.chat.said == ["不好意思,图片损坏或没有传完整,请重新发一次原图,最好是 JPEG、PNG 或 WebP 格式"]
    shop.imaging.failure = None
    await order.signal("image_received", image_url="https://shop.example/2.jpg")
    quoted = await order.until(lambda o: o.quote)
    assert quoted.quote.span == "15.00-20.00"
