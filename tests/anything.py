"""Whatever may be sent to an order, for random tests, and a model of what must come of it."""

from decimal import Decimal

from hypothesis import strategies as st

from domain.order.inbox import Unreadable, read
from domain.order.messages import CustomerMessage, PaymentReceived, RefundRecorded
from domain.order.order import Order

WORDS = st.sampled_from(
    [
        "可以", "不行", "重做,太暗", "第二张不对,太黄", "第一张可以", "2", "第九张不行", "嗯", "脸再亮一点", "好了吗",
        "wang@example.com", "对的", "发链接吧", "第一张抠图,第二张变清晰",
        "不行,发li@example.com", "123@qq", "邮箱改一下 li@example.com", "", "随便\x00",
    ]
)  # fmt: skip
TASKS = st.sampled_from([None, *(f"TASK_20261122_7K3F9Q_{number}" for number in range(1, 5))])
URLS = st.sampled_from(["https://shop.example/1.jpg", "https://shop.example/2.jpg"])
PAYLOADS = st.fixed_dictionaries(
    {},
    optional={
        "event_id": st.sampled_from(["e1", "e2", "e3"]),
        "text": WORDS,
        "note": WORDS,
        "requirement": st.sampled_from(["白底", "2K", ""]),
        "operation": st.sampled_from(["vectorize", "resize", "fly"]),
        "changed_by": st.sampled_from(["customer", "staff", 7]),
        "requested_by": st.sampled_from(["customer", "staff"]),
        "email": WORDS,
        "task_id": TASKS,
        "image_url": URLS,
        "result_url": URLS,
        "payment_id": st.sampled_from(["p1", "p2"]),
        "refund_id": st.sampled_from(["r1", "r2"]),
        "amount": st.sampled_from(["18", "￥18", "1", "1000", "-1", "25,00", None]),
        "currency": st.sampled_from(["CNY", "USD"]),
        "complexity": st.sampled_from(["simple", "hard", "odd"]),
        "risk": st.sampled_from(["none", "low", "high"]),
        "feasible": st.booleans(),
        "kind": st.sampled_from(["terms", ""]),
        "key": st.sampled_from(["TASK_20261122_7K3F9Q_1/attempt-1.png", "nothing"]),
    },
)


class Books:
    """A model of the money and the letters, that knows nothing of orders."""

    def __init__(self, order: Order) -> None:
        self.seen: set[str] = set()
        self.paid = {payment.payment_id: payment.amount for payment in order.payments}
        self.refunds: set[str] = set()
        self.said: list[str] = []
        self.letters = 0

    def note(self, signal: str, payload: object) -> None:
        message = read(signal, payload)
        if isinstance(message, Unreadable) or (message.event_id and f"{signal}:{message.identity}" in self.seen):
            return
        self.seen.add(f"{signal}:{message.identity}")
        if isinstance(message, PaymentReceived) and message.payment_id:
            known = message.amount if isinstance(message.amount, Decimal) else Decimal(0)
            self.paid.setdefault(message.payment_id, known)
        if isinstance(message, RefundRecorded) and message.refund_id:
            self.refunds.add(message.refund_id)
        if isinstance(message, CustomerMessage):
            self.said.append(message.text)

    def agree_with(self, order: Order) -> None:
        """Every payment and refund is on record once, with its first amount; every letter was sent once."""
        assert self.paid.items() <= {paid.payment_id: paid.amount for paid in order.payments}.items()
        assert self.refunds <= {refund.refund_id for refund in order.refunds}
        assert len({paid.payment_id for paid in order.payments}) == len(order.payments)
        assert all(moved.amount >= 0 for moved in [*order.payments, *order.refunds])
        assert order.deliveries == self.letters
