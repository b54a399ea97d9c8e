"""What stands in the rows of pictures, of money and of changes."""

from datetime import timedelta
from decimal import Decimal

from adapters.db.records import PostgresRecords
from domain.order.order import Order
from domain.order.picture import Note
from domain.texts.phrase import said, written
from domain.vocabulary.money import Payment, Refund
from domain.vocabulary.rules import ShopRules
from domain.vocabulary.status import Status
from tests.integration.adapters.db.conftest import Query
from tests.integration.adapters.db.orders import NOW, TASK_ID, finished_order, new_order

CHANGES = "SELECT * FROM task_requirement_changes ORDER BY changed_at"


def refunded_order() -> Order:
    order = finished_order()
    at = NOW + timedelta(hours=2)
    order.refunds = [Refund(refund_id="pay-1", amount=Decimal("5.5"), currency="CNY", at=at, reason="late")]
    return order


async def test_notes_are_lines_in_the_time_of_the_shop(records: PostgresRecords, query: Query) -> None:
    order = new_order()
    order.pictures[0].notes = [
        Note(at=NOW, text="需要去掉背景"),
        Note(at=NOW + timedelta(hours=15), text="脸再亮一点"),
    ]
    await records.save(order)
    order.rules = ShopRules(timezone="Europe/Berlin")
    in_china = await query("SELECT customer_notes FROM image_tasks")
    assert in_china == [{"customer_notes": "[11-22 18:00] 需要去掉背景\n[11-23 09:00] 脸再亮一点"}]
    await records.save(order)
    in_berlin = await query("SELECT customer_notes FROM image_tasks")
    assert in_berlin == [{"customer_notes": "[11-22 11:00] 需要去掉背景\n[11-23 02:00] 脸再亮一点"}]


async def test_revisions_are_those_the_customer_asked_for(records: PostgresRecords, query: Query) -> None:
    order = new_order()
    order.pictures[0].round, order.pictures[0].revision_notes = 3, ["再亮一点"]  # two rounds were revivals by staff
    await records.save(order)
    assert await query("SELECT revision_count FROM image_tasks") == [{"revision_count": 1}]


async def test_a_picture_says_why_it_is_held_up(records: PostgresRecords, query: Query) -> None:
    order = new_order(pictures=4)
    first, second, third, _ = order.pictures
    first.error, first.needs_designer = written("no picture"), written("too hard")
    second.needs_designer, second.stopped = written("too hard"), written("money went back")
    third.stopped = written("money went back")
    await records.save(order)
    rows = await query("SELECT error_message FROM image_tasks ORDER BY task_id")
    assert [row["error_message"] for row in rows] == ["no picture", "too hard", "money went back", None]


async def test_an_order_without_pictures_has_the_status_it_ended_with(records: PostgresRecords, query: Query) -> None:
    for ended in (Status.CANCELLED, Status.DECLINED, Status.EXPIRED):
        order = new_order()
        order.order_id, order.pictures, order.journal, order.ended = f"ORDER_{ended}", [], [], ended
        await records.save(order)
    rows = await query("SELECT status FROM orders ORDER BY status")
    assert [row["status"] for row in rows] == ["cancelled", "declined", "expired"]


async def test_a_refund_stands_beside_a_payment_of_the_same_id(records: PostgresRecords, query: Query) -> None:
    await records.save(refunded_order())
    rows = await query("SELECT kind, payment_id, amount, paid_at, flagged FROM payments ORDER BY kind")
    assert [tuple(row.values()) for row in rows] == [
        ("payment", "pay-1", Decimal("15.5"), NOW + timedelta(minutes=5), ""),
        ("refund", "pay-1", Decimal("5.5"), NOW + timedelta(hours=2), ""),
    ]


async def test_what_went_back_is_what_the_order_knows_of(records: PostgresRecords, query: Query) -> None:
    order = refunded_order()
    await records.save(order)
    assert await query("SELECT amount_paid, amount_refunded FROM orders") == [
        {"amount_paid": Decimal("15.5"), "amount_refunded": Decimal("5.5")}
    ]
    await query("UPDATE orders SET amount_refunded = 99")
    await records.save(order)
    assert await query("SELECT amount_refunded FROM orders") == [{"amount_refunded": Decimal("5.5")}]


async def test_a_refund_without_a_quote_or_payment_has_its_currency(records: PostgresRecords, query: Query) -> None:
    order = refunded_order()
    order.quotes, order.payments = [], []
    await records.save(order)
    assert await query("SELECT currency, amount_refunded FROM orders") == [
        {"currency": "CNY", "amount_refunded": Decimal("5.5")}
    ]


async def test_money_in_another_currency_is_in_no_sum(records: PostgresRecords, query: Query) -> None:
    order = new_order()
    order.payments = [
        Payment(payment_id="p1", amount=Decimal(9), currency="USD", paid_at=NOW, flagged=said("payment.other_currency"))
    ]
    await records.save(order)
    assert await query("SELECT currency, amount_paid FROM orders") == [{"currency": "CNY", "amount_paid": 0}]
    assert await query("SELECT currency, flagged FROM payments") == [
        {"currency": "USD", "flagged": "payment.other_currency"}
    ]


async def test_a_change_says_what_was_and_what_is_wanted(records: PostgresRecords, query: Query) -> None:
    order = new_order()
    order.change(TASK_ID, "add_requirement", "无", "2K", NOW, by="customer")
    later = NOW + timedelta(minutes=1)
    order.change(TASK_ID, "modify_operation", "enhance", "remove_bg", later, by="staff", reason="客户打电话")
    refused = NOW + timedelta(minutes=2)
    order.change(TASK_ID, "add_note", "无", "白底", refused, by="customer", refused="change_after_payment")
    await records.save(order)
    rows = await query(CHANGES)
    assert {row["task_id"] for row in rows} == {TASK_ID}
    names = ("change_type", "old_value", "new_value", "changed_at", "changed_by", "refused", "reason")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("add_requirement", "无", "2K", NOW, "customer", False, ""),
        ("modify_operation", "enhance", "remove_bg", later, "staff", False, "客户打电话"),
        ("add_note", "无", "白底", refused, "customer", True, "已经付款"),
    ]


async def test_a_change_saved_again_is_the_same_row(records: PostgresRecords, query: Query) -> None:
    order = new_order()
    order.change(TASK_ID, "add_requirement", "无", "2K", NOW, by="customer")
    await records.save(order)
    before = await query(CHANGES)
    order.version += 1
    await records.save(order)
    assert await query(CHANGES) == before


async def test_a_refused_change_of_a_task_that_never_was_is_an_event_only(
    records: PostgresRecords, query: Query
) -> None:
    order = new_order()
    order.change("TASK_OF_NOBODY_9", "add_note", "无", "白底", NOW, by="customer", refused="which_picture")
    await records.save(order)
    assert await query(CHANGES) == []
    assert await query("SELECT what, task_id, facts->>'new' AS new FROM order_events WHERE serial > 1") == [
        {"what": "change_refused", "task_id": "TASK_OF_NOBODY_9", "new": "白底"}
    ]


async def test_why_a_payment_is_flagged_is_kept_up_to_date(records: PostgresRecords, query: Query) -> None:
    order = new_order()
    order.payments = [Payment(payment_id="p1", amount=Decimal(9), currency="CNY", paid_at=NOW)]
    await records.save(order)
    order.payments[0].flagged, order.version = said("payment.said_otherwise"), order.version + 1
    await records.save(order)
    assert await query("SELECT amount, flagged FROM payments") == [{"amount": 9, "flagged": "payment.said_otherwise"}]
