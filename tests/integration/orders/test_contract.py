"""What orders agree on with staff, money and the mail server, as the tables and everybody's ledgers tell it."""

from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from domain.order.messages import PaymentReceived
from domain.vocabulary.pictures import Analysis, Complexity
from domain.vocabulary.status import Status
from starter import orders
from tests.integration.orders.conftest import RealOrder, RealShop, eventually
from tests.integration.simulators_fixtures import GEMINI_KEY, running_simulators

TOO_LITTLE = Decimal(1)
SIMPLE = Analysis(complexity=Complexity.SIMPLE)
HELD = "付款与报价不符,暂不开工"
LATE = "收到已结束或不存在的订单的消息"


async def in_rows(shop: RealShop, order: RealOrder, table: str = "orders") -> list[dict[str, Any]]:
    return await shop.rows(f"SELECT * FROM {table} WHERE order_id = :id", id=order.order_id)


async def shown_to(shop: RealShop, order: RealOrder) -> list[str]:
    """What the bot showed the customer; of a hint the words that it has for it."""
    shown = await shop.ledger("bot", customer=order.customer_id, repeat="False")
    return [str(entry.get("content") or entry.get("fallback_text")) for entry in shown]


async def test_an_order_that_is_paid_short_waits_for_staff_and_goes_on_by_their_word(
    real_shop: RealShop, photo: bytes
) -> None:
    real_shop.have_a_worker()
    order = await real_shop.new_order(photo, analysis=SIMPLE)
    await order.is_quoted()
    await order.pay(TOO_LITTLE)
    (held,) = await real_shop.staff_told(order.order_id, HELD)
    assert order.customer_id in held
    await order.until(lambda o: o.hold)  # staff may be told before the rows are written
    (row,), (payment,) = await in_rows(real_shop, order), await in_rows(real_shop, order, "payments")
    assert (row["status"], row["amount_paid"], row["amount_due"]) == ("paid", TOO_LITTLE, Decimal(10))
    assert (payment["kind"], payment["flagged"]) == ("payment", "payment.too_little")
    assert await order.calls() == []

    await order.signal("processing_resumed", event_id="go", reason="the rest came in cash")
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", event_id="yes", text="可以,发到 wang@example.com")
    await order.reaches(Status.COMPLETED)
    assert [row["status"] for row in await in_rows(real_shop, order)] == ["completed"]
    assert len(await real_shop.staff_told(order.order_id, HELD)) == 1


async def test_wishes_before_payment_are_noted_with_their_time_and_refused_after_it(
    real_shop: RealShop, photo: bytes
) -> None:
    real_shop.have_a_worker()
    order = await real_shop.new_order(photo, analysis=SIMPLE)
    await order.is_quoted()
    await order.signal("customer_message", event_id="wish", text="再加个边框")
    await order.until(lambda o: len(o.live[0].notes) == 2)
    await order.pay(TOO_LITTLE)  # so that nothing is begun
    await order.until(lambda o: o.hold)
    await order.signal("customer_message", event_id="late", text="背景换成蓝色")
    refused = await order.until(lambda o: o.changes[-1].refused)

    zone = ZoneInfo(refused.known_rules.timezone)
    said = [(note.at.astimezone(zone), note.text) for note in refused.live[0].notes]
    (task,) = await in_rows(real_shop, order, "image_tasks")
    assert task["customer_notes"] == "\n".join(f"[{at:%m-%d %H:%M}] {text}" for at, text in said)
    assert [text for _, text in said] == ["变清晰一点", "再加个边框"]
    changes = await real_shop.rows(
        "SELECT * FROM task_requirement_changes WHERE task_id = :task ORDER BY changed_at", task=task["task_id"]
    )
    told = [(change["change_type"], change["new_value"], change["refused"], change["reason"]) for change in changes]
    assert told == [
        ("add_note", "再加个边框", False, ""),
        ("add_note", "背景换成蓝色", True, "已经付款"),
    ]
    assert (await shown_to(real_shop, order))[-1] == "这单先按现在的要求给您做,做好先发您看,哪里要改到时候跟我说就行"


async def test_a_returning_customer_is_offered_the_address_of_last_time(real_shop: RealShop, photo: bytes) -> None:
    real_shop.have_a_worker()
    first = await real_shop.new_order(photo, analysis=SIMPLE)
    await first.is_shown()
    await first.signal("customer_message", event_id="yes", text="可以,发到 wang@example.com")
    await first.reaches(Status.COMPLETED)

    second = await real_shop.new_order(photo, customer_id=first.customer_id, analysis=SIMPLE)
    await second.is_shown()
    await second.signal("customer_message", event_id="fine", text="可以")
    await second.until(lambda o: o.is_known_email_offered)
    assert (await shown_to(real_shop, second))[-1] == "好的,还是发到您之前的邮箱 w***g@example.com 吗?"
    assert await real_shop.ledger("mailbox", order=second.order_id) == []
    await second.signal("customer_message", event_id="there", text="对的")
    await second.reaches(Status.COMPLETED)

    letters = await real_shop.ledger("mailbox", order=second.order_id)
    assert [letter["to"] for letter in letters] == [["wang@example.com"]]
    (customer,) = await real_shop.rows("SELECT * FROM customers WHERE customer_id = :id", id=first.customer_id)
    assert (customer["email"], customer["email_status"], customer["orders"]) == ("wang@example.com", "sent", 2)
    assert (customer["spent"], customer["tags"]) == (Decimal(20), ["returning"])


async def test_a_refund_stops_the_model_at_work(real_shop: RealShop, photo: bytes, tmp_path: Path) -> None:
    real_shop.have_no_worker()
    with running_simulators(tmp_path, gemini_seconds=60) as slow:
        real_shop.start_worker(GEMINI_BASE_URL=slow.gemini_url, GEMINI_API_KEY=GEMINI_KEY)
        order = await real_shop.new_order(photo, analysis=SIMPLE)
        await order.pay(await order.is_quoted())
        (call,) = await eventually(order.calls)
        assert call["status"] == "processing"
        await order.signal("refund_recorded", event_id="refund", refund_id="refund-1", reason="客户不要了")
        await order.reaches(Status.CANCELLED)
        (call,) = await eventually(order.calls, lambda calls: calls[0]["status"] != "processing")
        real_shop.have_no_worker()
    assert (call["status"], call["error_message"], call["possibly_billed"]) == ("failed", "called off", True)
    (row,) = await in_rows(real_shop, order)
    assert (row["status"], row["amount_paid"], row["amount_refunded"]) == ("cancelled", Decimal(10), Decimal(10))
    money = await in_rows(real_shop, order, "payments")
    assert sorted((one["kind"], one["amount"]) for one in money) == [("payment", Decimal(10)), ("refund", Decimal(10))]
    assert await real_shop.ledger("bot", customer=order.customer_id, kind="image") == []


async def test_what_comes_after_the_end_is_kept_and_told_to_staff_once(real_shop: RealShop, photo: bytes) -> None:
    real_shop.have_a_worker()
    order = await real_shop.new_order(photo, analysis=SIMPLE)
    await order.is_quoted()
    await real_shop.client.get_workflow_handle(f"order-{order.order_id}").terminate("the test wants it closed")
    late = PaymentReceived(event_id="late", payment_id="pay-late", amount=Decimal(10))
    for _ in range(2):
        assert not await orders.send_or_keep(real_shop.client, order.order_id, "payment_received", late)
    (told,) = await real_shop.staff_told(order.order_id, LATE)
    assert "pay-late" in told
    kept = await real_shop.rows(
        "SELECT * FROM order_events WHERE order_id = :id AND what = 'late_event'", id=order.order_id
    )
    assert [event["facts"]["payload"]["payment_id"] for event in kept] == ["pay-late"]
    (payment,), (row,) = await in_rows(real_shop, order, "payments"), await in_rows(real_shop, order)
    assert (payment["flagged"], row["amount_paid"]) == ("payment.late", Decimal(10))


async def test_a_mail_server_in_trouble_is_waited_for_and_the_customer_is_not_blamed(
    real_shop: RealShop, photo: bytes
) -> None:
    real_shop.have_a_worker()
    order = await real_shop.new_order(photo, analysis=SIMPLE)
    await order.is_shown()
    await order.signal("customer_message", event_id="yes", text="可以,发到 wang@later.example")
    trying = await order.until(lambda o: o.mail_trouble)
    assert (trying.status, trying.email, trying.email_status) == (Status.AWAITING_CONFIRM, "wang@later.example", "")
    assert not [words for words in await shown_to(real_shop, order) if "邮件发送失败" in words]

    await order.signal("email_provided", event_id="other", email="wang@example.com")  # does not wait for the old one
    await order.reaches(Status.COMPLETED)
    letters = await real_shop.ledger("mailbox", order=order.order_id)
    assert [letter["to"] for letter in letters] == [["wang@example.com"]]
    (called_off,) = await real_shop.staff_told(order.order_id, "邮件已叫停")
    assert "wang@later.example" in called_off
    told = await real_shop.staff_read(order.order_id, "邮件")
    assert told == [called_off], "of the server they hear once, not of each order"
