"""Whatever may be sent to an order, for random tests, and a model of what must come of it."""

from decimal import Decimal

from hypothesis import strategies as st

from domain.order.inbox import Unreadable, read
from domain.order.messages import CustomerMessage, PaymentReceived, RefundRecorded
from domain.order.order import Order
from tests.simulation import events

WORDS = st.sampled_from(events.WORDS)
PAYLOADS = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in events.FIELDS.items()})


class Books:
    """A model of the money and the letters, that knows nothing of orders."""

    def __init__(self, order: Order | None = None) -> None:
        self.seen: set[str] = set()
        self.paid = {payment.payment_id: payment.amount for payment in order.payments} if order else {}
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
