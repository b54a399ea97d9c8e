"""Orders as a workflow might hold them, for the tests of their rows."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from domain.attempts.ledger import CallRecord
from domain.order.order import Order
from domain.order.picture import Attempt, Note, Picture, Result
from domain.vocabulary.money import Payment, Quote, QuoteLine
from domain.vocabulary.pictures import Operation, StoredPicture
from domain.vocabulary.status import Status

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ORDER_ID = "ORDER_20261122_7K3F9Q"
TASK_ID = "TASK_20261122_7K3F9Q_1"


def stored(key: str) -> StoredPicture:
    return StoredPicture(key=key, content_type="image/png", width=8, height=6, file_size=1234, sha256="ab" * 32)


def new_order(pictures: int = 1) -> Order:
    """An order that has just come in."""
    order = Order(order_id=ORDER_ID, customer_id="tb_001", customer_name="王芳", acc_id="shop1", created_at=NOW)
    order.pictures = [Picture(task_id=f"{TASK_ID[:-1]}{number}") for number in range(1, pictures + 1)]
    order.note("created", NOW, by="customer")
    return order


def finished_order() -> Order:
    """An order of one picture after a retry, a revision round and the mail."""
    order = new_order()
    picture = order.pictures[0]
    picture.original, picture.operation = stored("original.jpg"), Operation.ENHANCE
    picture.notes, picture.requirements = [Note(at=NOW, text="脸部清晰一点")], ["2K", "白底"]
    line = QuoteLine(task_id=TASK_ID, minimum=Decimal(15), maximum=Decimal("20.50"), factors=["normal"])
    order.quotes = [Quote(version=1, lines=[line], currency="CNY", high_value=False, quoted_at=NOW)]
    paid_at = NOW + timedelta(minutes=5)
    order.payments = [Payment(payment_id="pay-1", amount=Decimal("15.5"), currency="CNY", paid_at=paid_at)]
    order.paid_at = picture.started_at = paid_at
    order.move([picture], Status.PAID, paid_at)
    order.move([picture], Status.PROCESSING, paid_at)
    picture.attempts = [Attempt(number=1, round=0), Attempt(number=2, round=0), Attempt(number=3, round=1)]
    picture.round, picture.revision_notes = 1, ["再亮一点"]
    picture.attempts[-1].result = Result(
        file=stored("attempt-3.png"), view_key="view.jpg", preview_key="preview.jpg", score=92
    )
    picture.shown = 3
    order.move([picture], Status.AWAITING_CONFIRM, paid_at)
    order.email, order.email_status = "fang@example.com", "sent"
    order.move([picture], Status.COMPLETED, NOW + timedelta(hours=1))
    order.completed_at = picture.completed_at = NOW + timedelta(hours=1)
    order.version = 7
    return order


def call(number: int = 1, attempt: int = 1) -> CallRecord:
    return CallRecord(
        call_id=f"{TASK_ID}-A{attempt}.{number}", task_id=TASK_ID, attempt=attempt, kind="image", provider="gemini",
        model="gemini-3.1-flash-image", prompt="变清晰", input_key="original.jpg", size="2048x1536",
        parameters={"aspect_ratio": "4:3"}, expected_cost=Decimal("0.73"),
    )  # fmt: skip


def look() -> CallRecord:
    return CallRecord(
        call_id=f"{TASK_ID}-analysis-run.1.1-original.jpg", task_id=TASK_ID, attempt=0, kind="analysis",
        provider="gemini", model="gemini-3.5-flash-lite", prompt="变清晰", input_key="original.jpg",
        expected_cost=Decimal("0.01"),
    )  # fmt: skip
