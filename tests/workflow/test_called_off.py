"""What has an effect outside is heard out when it is called off, or recorded as what may have happened."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.testing import TimeSkipper

from domain.order.messages import OperationChanged
from domain.ports import Letter
from domain.vocabulary.errors import ModelUnavailable, OutsideUnavailable
from domain.vocabulary.pictures import Operation
from domain.vocabulary.status import Status
from starter import orders
from tests.fakes import FakeMail
from tests.shop import TIMEOUT_SECONDS, FakeShop, OrderInHand


async def paid(shop: FakeShop) -> OrderInHand:
    order = await shop.order()
    await order.until(lambda o: o.quote)
    await order.signal("payment_received", payment_id="p1", amount="18.00")
    return order


async def mailing(shop: FakeShop) -> OrderInHand:
    """An order whose letter the mail server is just taking."""
    shop.mail.gate = asyncio.Event()
    order = await paid(shop)
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("email_provided", email="wang@example.com")
    await order.until(lambda _: shop.mail.begun, told=False)
    return order


class SlowWhenInTrouble(FakeMail):
    """A mail server that refuses the five tries before staff are told, and takes its time for the next."""

    async def send(self, letter: Letter) -> None:
        if self.begun < 5:
            self.failures = [OutsideUnavailable("421 try later")]
        elif not self.gate:
            self.gate = asyncio.Event()
        await super().send(letter)


async def until_idle(order: OrderInHand) -> None:
    """Wait until nothing is at work outside for the order."""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while True:
            if not (await order.handle.describe()).raw_description.pending_activities:
                return
            await asyncio.sleep(0.05)


# ---- a letter --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signal", "payload"),
    [("cancel_requested", {"requested_by": "staff"}), ("refund_recorded", {"refund_id": "r1", "amount": "18"})],
)
async def test_a_letter_that_was_taken_as_it_was_called_off_is_on_record_and_told(
    temporal_env: TimeSkipper, signal: str, payload: dict[str, str]
) -> None:
    shop = FakeShop(temporal_env)
    async with shop.open():
        order = await mailing(shop)
        await order.signal(signal, **payload)
        await order.until(lambda o: o.status is Status.CANCELLED, told=False)
        assert shop.mail.gate
        shop.mail.gate.set()
        after = await order.until(lambda o: o.deliveries and not o.notices)
    assert (after.status, after.email_status, len(shop.mail.letters)) == (Status.CANCELLED, "sent", 1)
    assert sum("邮件还是发出去了" in told for told in shop.staff.told) == 1
    assert "mail_sent" not in shop.chat.said


async def test_a_letter_in_trouble_that_is_called_off_may_have_gone_and_its_number_is_not_used_again(
    temporal_env: TimeSkipper,
) -> None:
    shop = FakeShop(temporal_env)
    shop.mail.failures = [OutsideUnavailable("dropped after DATA")] * 8
    async with shop.open():
        order = await paid(shop)
        await order.reaches(Status.AWAITING_CONFIRM)
        await order.signal("email_provided", email="wang@example.com")
        await order.pass_time(timedelta(minutes=1))
        await order.until(lambda o: o.mail_trouble, told=False)
        shop.mail.failures = []
        await order.signal("email_provided", email="li@example.com")
        after = await order.reaches(Status.COMPLETED)
        await order.until(lambda o: not o.notices)
    (letter,) = shop.mail.letters
    assert (letter.to, letter.message_id) == ("li@example.com", f"<{order.order_id}.2@darkroom.example>")
    assert (after.letters, after.deliveries) == (2, 1)
    assert sum("可能已经发出" in told for told in shop.staff.told) == 1


LAST_FAILURES = pytest.mark.parametrize(
    "failure", [OutsideUnavailable("dropped after DATA"), ValueError("a bug of ours")], ids=repr
)


async def goes_elsewhere(shop: FakeShop, order: OrderInHand, failure: Exception) -> None:
    """Give another address while a try is under way, which then fails; and see what comes of it."""
    shop.mail.failures = [failure]
    await order.signal("email_provided", email="li@example.com")
    await order.until(lambda o: o.email == "li@example.com", told=False)
    assert shop.mail.gate
    shop.mail.gate.set()
    after = await order.reaches(Status.COMPLETED)
    await order.until(lambda o: not o.notices)
    assert [letter.to for letter in shop.mail.letters] == ["li@example.com"]
    assert (after.mail_trouble, after.is_letter_broken, after.deliveries) == ("", False, 1)
    assert sum("可能已经发出" in told for told in shop.staff.told) == 1


@LAST_FAILURES
async def test_a_letter_in_its_first_tries_that_fails_as_it_is_called_off_is_told(
    temporal_env: TimeSkipper, failure: Exception
) -> None:
    shop = FakeShop(temporal_env)
    async with shop.open():
        await goes_elsewhere(shop, await mailing(shop), failure)


@LAST_FAILURES
async def test_a_letter_in_trouble_that_fails_as_it_is_called_off_is_told(
    temporal_env: TimeSkipper, failure: Exception
) -> None:
    shop = FakeShop(temporal_env)
    shop.mail = SlowWhenInTrouble()
    async with shop.open():
        order = await paid(shop)
        await order.reaches(Status.AWAITING_CONFIRM)
        await order.signal("email_provided", email="wang@example.com")
        await order.pass_time(timedelta(seconds=1 + 2 + 4 + 8))
        await order.until(lambda _: shop.mail.gate, told=False)
        await goes_elsewhere(shop, order, failure)


@pytest.mark.parametrize(
    ("signal", "payload"),
    [
        ("customer_message", {"text": "我要退款"}),
        ("customer_message", {"text": "叫你们老板来"}),
        ("customer_message", {"text": "我要投诉"}),
        ("revision_requested", {"note": "太暗"}),
    ],
)
async def test_a_letter_in_its_first_tries_does_not_leave_once_it_is_not_wanted(
    temporal_env: TimeSkipper, signal: str, payload: dict[str, str]
) -> None:
    shop = FakeShop(temporal_env)
    async with shop.open():
        order = await paid(shop)
        await order.reaches(Status.AWAITING_CONFIRM)
        shop.mail.failures = [OutsideUnavailable("421 try later")] * 2
        await order.signal("email_provided", email="wang@example.com")
        await order.until(lambda _: shop.mail.begun, told=False)
        await order.signal(signal, **payload)
        await order.until(lambda o: not o.posting, told=False)
        shop.mail.failures = []
        await order.pass_time(timedelta(hours=2))
        after = await order.until(lambda o: not o.notices)
    assert (shop.mail.letters, after.deliveries) == ([], 0)
    assert sum("可能已经发出" in told for told in shop.staff.told) == 1


async def test_a_letter_goes_once_an_objection_is_answered_and_one_that_was_taken_is_told(
    temporal_env: TimeSkipper,
) -> None:
    shop = FakeShop(temporal_env)
    async with shop.open():
        order = await mailing(shop)
        await order.signal("customer_message", text="我要退款")
        await order.until(lambda o: o.objections, told=False)
        assert shop.mail.gate
        shop.mail.gate.set()
        after = await order.until(lambda o: o.deliveries and not o.notices)
        assert (after.status, after.objections) == (Status.COMPLETED, ["leave"])
        await order.signal("processing_resumed", requested_by="staff")
        await order.until(lambda o: not o.objections)
        await order.pass_time(timedelta(hours=2))
    assert len(shop.mail.letters) == 1, "no second one"
    assert sum("邮件还是发出去了" in told for told in shop.staff.told) == 1
    assert "mail_sent" not in shop.chat.said


async def test_a_letter_in_its_first_tries_goes_to_the_address_that_was_given_last(temporal_env: TimeSkipper) -> None:
    shop = FakeShop(temporal_env)
    shop.mail.failures = [OutsideUnavailable("421 try later")] * 2
    async with shop.open():
        order = await paid(shop)
        await order.reaches(Status.AWAITING_CONFIRM)
        await order.signal("email_provided", email="wang@example.com")
        await order.until(lambda _: shop.mail.begun, told=False)
        await order.signal("email_provided", email="li@example.com")
        await order.reaches(Status.COMPLETED)
    assert [letter.to for letter in shop.mail.letters] == ["li@example.com"]


# ---- a picture -------------------------------------------------------------------------------------------------------


async def test_a_part_of_the_money_back_breaks_off_the_model_and_nothing_is_made_before_staff_say_so(
    temporal_env: TimeSkipper,
) -> None:
    shop = FakeShop(temporal_env)
    gate = shop.model.gate = asyncio.Event()
    async with shop.open():
        order = await paid(shop)
        await order.until(lambda _: shop.model.wishes, told=False)
        await order.signal("refund_recorded", refund_id="r1", amount="3")
        await order.reaches(Status.PAID)
        await until_idle(order)
        gate.set()
        await order.pass_time(timedelta(hours=3))
        assert (len(shop.model.wishes), shop.vision.asked) == (1, 0)
        await order.signal("processing_resumed", requested_by="staff")
        await order.reaches(Status.AWAITING_CONFIRM)
    assert len(shop.model.wishes) == 2


async def test_a_part_of_the_money_back_ends_the_tries_at_a_model_that_is_away(temporal_env: TimeSkipper) -> None:
    shop = FakeShop(temporal_env)
    shop.model.failures = [ModelUnavailable("503")] * 2
    async with shop.open():
        order = await paid(shop)
        await order.until(lambda _: shop.model.wishes, told=False)
        await order.signal("refund_recorded", refund_id="r1", amount="3")
        await order.reaches(Status.PAID)
        await until_idle(order)
        calls = len(shop.model.wishes)
        await order.pass_time(timedelta(hours=3))
        assert len(shop.model.wishes) == calls


async def test_what_was_made_and_not_checked_begins_by_its_check_once_staff_resume_it(
    temporal_env: TimeSkipper,
) -> None:
    shop = FakeShop(temporal_env)
    gate = shop.vision.gate = asyncio.Event()
    async with shop.open():
        order = await paid(shop)
        await order.until(lambda _: shop.vision.asked, told=False)
        await order.signal("refund_recorded", refund_id="r1", amount="3")
        stopped = await order.reaches(Status.PAID)
        await until_idle(order)
        gate.set()
        assert stopped.live[0].attempts[-1].unjudged
        await order.signal("processing_resumed", requested_by="staff")
        after = await order.reaches(Status.AWAITING_CONFIRM)
    assert (len(shop.model.wishes), shop.vision.asked, len(after.live[0].attempts)) == (1, 2, 1)
    assert after.live[0].result.score is not None
    assert after.live[0].attempts[-1].unjudged is None


# ---- results of others -----------------------------------------------------------------------------------------------


GOOD, BROKEN = {"result_url": "https://staff.example/1.png"}, {"result_key": "uploads/nothing.png"}


@pytest.mark.parametrize("results", [(GOOD, BROKEN), (BROKEN, GOOD)], ids=["good first", "broken first"])
async def test_a_result_is_not_lost_to_one_that_is_no_picture(
    temporal_env: TimeSkipper, results: tuple[dict[str, str], ...]
) -> None:
    shop = FakeShop(temporal_env)
    shop.model.gate = asyncio.Event()
    async with shop.open():
        order = await paid(shop)
        await order.until(lambda _: shop.model.wishes, told=False)
        for result in results:
            await order.signal("result_submitted", source="staff", **result)
        after = await order.until(lambda o: o.status is Status.AWAITING_CONFIRM and not o.live[0].submission)
        await order.until(lambda o: not o.notices)
    assert after.live[0].result is not None
    assert sum("收到的成品图不能用" in told for told in shop.staff.told) == 1


# ---- what staff change -----------------------------------------------------------------------------------------------


async def test_an_operation_that_staff_change_at_work_is_what_is_made(temporal_env: TimeSkipper) -> None:
    shop = FakeShop(temporal_env)
    shop.model.gate = asyncio.Event()
    async with shop.open():
        order = await paid(shop)
        await order.until(lambda _: shop.model.wishes, told=False)
        change = OperationChanged(event_id="c1", operation=Operation.VECTORIZE, changed_by="staff")
        assert (await orders.update(shop.client, order.order_id, "change_operation", change)).accepted
        await order.until(lambda _: len(shop.model.wishes) == 2, told=False)
        shop.model.gate.set()
        made = await order.reaches(Status.AWAITING_CONFIRM)
    assert [wish.operation for wish in shop.model.wishes] == [Operation.ENHANCE, Operation.VECTORIZE]
    assert made.live[0].attempts[-1].round == 1
