"""Errors that nobody foresaw: they come to an end, staff hear of it once, and the order goes on to its letter."""

import asyncio
from datetime import timedelta

import pytest

from domain.vocabulary.errors import MessageRefused, OutsideUnavailable
from domain.vocabulary.status import Status
from starter import orders
from tests.shop import FakeShop, OrderInHand
from tests.workflow.unforeseen import BUG, TRIES, breaks, told_of, until
from workflows import telling

pytestmark = pytest.mark.usefixtures("few_tries")


async def go_on(order: OrderInHand) -> None:
    await order.signal("processing_resumed", requested_by="staff", reason="mended")


async def until_nothing_runs(shop: FakeShop, order: OrderInHand) -> None:
    while await orders.pending_activities(shop.client, order.order_id):  # noqa: ASYNC110 - it is another process that ends it
        await asyncio.sleep(0.1)


async def pay(order: OrderInHand) -> None:
    await order.signal("payment_received", payment_id="p1", amount="18.00")


async def accept(order: OrderInHand) -> None:
    await order.signal("customer_message", text="可以")


@pytest.mark.parametrize(
    ("port", "method"), [("web", "fetch"), ("files", "put"), ("imaging", "inspect"), ("records", "spent")]
)
async def test_a_first_look_that_a_bug_ends_waits_for_staff(
    shop: FakeShop, port: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        breaks(port, method)(shop, patch)
        order = await shop.order(email="wang@example.com")
        await order.until(lambda o: o.live[0].look_failed)
        await order.until(lambda o: not o.notices)
    assert len(await told_of(shop)) == 1
    await go_on(order)
    await order.until(lambda o: o.quote)
    await pay(order)
    await order.reaches(Status.AWAITING_CONFIRM)
    await accept(order)
    await order.reaches(Status.COMPLETED)
    assert len(shop.mail.letters) == len(await told_of(shop)) == 1


@pytest.mark.parametrize(
    ("port", "method"),
    [
        ("model", "generate"),
        ("imaging", "finish"),
        ("imaging", "check"),
        ("records", "open_call"),
        ("records", "record_outcome"),
    ],
)
async def test_an_attempt_that_a_bug_ends_waits_for_staff(
    shop: FakeShop, port: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await shop.order(email="wang@example.com")
    await order.until(lambda o: o.quote)
    with monkeypatch.context() as patch:
        breaks(port, method)(shop, patch)
        await pay(order)
        await order.reaches(Status.FAILED)
        await order.until(lambda o: not o.notices)
    assert len(await told_of(shop)) == 1
    await go_on(order)
    await order.reaches(Status.AWAITING_CONFIRM)
    await accept(order)
    await order.reaches(Status.COMPLETED)
    assert len(shop.mail.letters) == len(await told_of(shop)) == 1


@pytest.mark.parametrize(("port", "method"), [("imaging", "check"), ("records", "record_outcome")])
async def test_what_was_made_is_paid_once_though_a_bug_ends_its_check(
    shop: FakeShop, port: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await shop.order(email="wang@example.com")
    await order.until(lambda o: o.quote)
    for _ in range(2):  # and once more, before it is mended
        with monkeypatch.context() as patch:
            breaks(port, method)(shop, patch)
            told = len(await told_of(shop))
            await (go_on(order) if told else pay(order))
            failed = await order.until(lambda o: o.status is Status.FAILED and o.last_bug and not o.notices)
            assert failed.live[0].unjudged
            assert len(await told_of(shop)) == told + 1
    await go_on(order)
    after = await order.reaches(Status.AWAITING_CONFIRM)
    assert (len(shop.model.wishes), len(after.live[0].attempts)) == (1, 1)
    assert (after.live[0].attempts[0].error_type, after.live[0].result.score is not None) == ("", True)


@pytest.mark.parametrize(("port", "method"), [("records", "save"), ("chat", "hint")])
async def test_a_report_that_a_bug_ends_is_told_and_goes_out_once_resumed(
    shop: FakeShop, port: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        breaks(port, method)(shop, patch)
        order = await shop.order(email="wang@example.com")
        await order.until(lambda o: o.broken_report, told=False)
        await order.until(lambda o: not o.notices, told=False)
        assert len(await told_of(shop)) == 1
        assert shop.chat.said == []
    await go_on(order)
    await order.until(lambda o: o.quote)
    await pay(order)
    await order.reaches(Status.AWAITING_CONFIRM)
    await accept(order)
    await order.reaches(Status.COMPLETED)
    assert len(shop.mail.letters) == len(await told_of(shop)) == 1
    assert len({*shop.chat.said}) == len(shop.chat.said)


@pytest.mark.parametrize(("port", "method"), [("mail", "send"), ("files", "get")])
async def test_a_letter_that_a_bug_ends_waits_for_staff(
    shop: FakeShop, port: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await shop.order(email="wang@example.com")
    await order.until(lambda o: o.quote)
    await pay(order)
    await order.reaches(Status.AWAITING_CONFIRM)
    with monkeypatch.context() as patch:
        breaks(port, method)(shop, patch)
        await accept(order)
        await order.until(lambda o: o.is_letter_broken and not o.notices)
    assert len(await told_of(shop)) == 1
    await go_on(order)
    await order.reaches(Status.COMPLETED)
    assert len(shop.mail.letters) == len(await told_of(shop)) == 1


async def test_a_result_of_others_that_a_bug_ends_goes_back_to_whoever_sent_it(
    shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await shop.order(email="wang@example.com")
    await order.until(lambda o: o.quote)
    await pay(order)
    await order.reaches(Status.AWAITING_CONFIRM)
    result = {"result_url": "https://shop.example/made.png", "source": "another AI"}
    with monkeypatch.context() as patch:
        breaks("imaging", "accept")(shop, patch)
        await order.signal("result_submitted", **result)
        await order.until(lambda o: o.live[0].attempts[-1].error and not o.notices)
    assert len(await told_of(shop)) == 1
    await order.signal("result_submitted", **result)
    await order.until(lambda o: o.live[0].shown == len(o.live[0].attempts))
    await accept(order)
    await order.reaches(Status.COMPLETED)


async def test_staff_who_cannot_be_told_for_a_bug_are_told_once_it_is_mended(
    shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        breaks("staff", "tell")(shop, patch)
        order = await shop.order()
        await order.until(lambda o: o.quote)
        await order.signal("payment_received", payment_id="p1", amount="1.00")
        held = await order.until(lambda o: o.hold)
        assert held.notices
        await asyncio.wait_for(until_nothing_runs(shop, order), 60)
    await order.pass_time(timedelta(hours=1))
    await order.until(lambda o: not o.notices)
    assert len(shop.staff.told) >= 1


async def test_an_error_told_of_no_customer(shop: FakeShop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def quoting(*_: object) -> None:
        raise ValueError("550 wang@example.com")

    monkeypatch.setattr(shop.files, "put", quoting)
    order = await shop.order()
    failed = await order.until(lambda o: o.live[0].look_failed)
    assert "w…@example.com" in str(failed.live[0].look_failed.values["detail"])


async def test_a_message_that_the_bot_refuses_for_good_is_left_to_staff_with_its_words(shop: FakeShop) -> None:
    order = await shop.order(email="wang@example.com")
    await order.until(lambda o: o.quote)
    await pay(order)
    await order.reaches(Status.AWAITING_CONFIRM)
    shop.chat.failures = [MessageRefused("The chat bot answered 422")]
    await accept(order)
    await order.reaches(Status.COMPLETED)
    await order.until(lambda o: not o.notices)
    (told,) = [words for words in shop.staff.told if "**消息发不出去,机器人不收**" in words]
    assert "发到您邮箱了,注意查收哈" in told
    assert len(shop.mail.letters) == 1


async def test_a_bug_after_a_report_stops_the_order_until_it_is_fixed_and_nothing_is_lost(
    shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = []

    def broken(*_: object) -> None:
        failures.append(1)
        raise ValueError(BUG)

    order = await shop.order(email="wang@example.com")
    await order.until(lambda o: o.quote)
    with monkeypatch.context() as patch:
        patch.setattr(telling, "report_refused_messages", broken)
        await pay(order)
        await until(lambda: failures)
    await order.reaches(Status.AWAITING_CONFIRM)
    assert len({*shop.chat.said}) == len(shop.chat.said)


def failing(*, is_alone: bool) -> OutsideUnavailable:
    error = OutsideUnavailable("421 busy")
    error.is_alone = is_alone
    return error


@pytest.mark.parametrize("is_alone", [True, False])
async def test_staff_hear_of_a_letter_that_is_not_taken_unless_none_is(shop: FakeShop, is_alone: bool) -> None:
    order = await shop.order(email="wang@example.com")
    await order.until(lambda o: o.quote)
    await pay(order)
    await order.reaches(Status.AWAITING_CONFIRM)
    shop.mail.failures = [failing(is_alone=is_alone) for _ in range(5)]
    await accept(order)
    await order.until(lambda _: len(shop.mail.failures) < 5, told=False)
    await order.pass_time(timedelta(seconds=1 + 2 + 4 + 8))
    await order.until(lambda o: o.status is Status.COMPLETED and not o.notices)
    assert len([told for told in shop.staff.told if "**邮件服务器有问题**" in told]) == is_alone


async def test_rows_that_are_refused_for_this_order_alone_end_as_a_report_that_staff_look_at(
    shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.failures.ALONE", TRIES)
    shop.records.failures = [failing(is_alone=True) for _ in range(TRIES)]
    order = await shop.order()
    await order.until(lambda o: o.broken_report and not o.notices, told=False)
    assert len(shop.staff.told) == 1
    await go_on(order)
    await order.until(lambda o: o.quote)
