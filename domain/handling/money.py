"""Messages about money: a price is set, a payment or a refund is on record."""

from datetime import datetime
from decimal import Decimal

from domain import consequences, objections, quoting
from domain.acceptance import ask_for_refund
from domain.handling.steering import cancel_all
from domain.messages import Answer, PaymentReceived, QuoteSet, RefundRecorded
from domain.money import Fixed, Payment, Refund
from domain.order import Order
from domain.phrase import Said, said
from domain.progress import stop
from domain.status import AT_WORK, Status

REFUNDED = said("reason.refunded")


def quote_set(message: QuoteSet, order: Order, now: datetime) -> Answer | None:
    """Fix the price; it stands until pictures, operation or requirements change."""
    if order.status in {Status.CANCELLED, Status.DECLINED}:
        order.note(
            "quote_not_set", now, by=message.set_by, amount=str(message.amount), reason=f"the order is {order.status}"
        )
        return Answer(accepted=False, reason=Said(phrase="change_after_end"))
    objections.answer_them(order, now, by=message.set_by)
    order.fixed = Fixed(amount=message.amount, set_by=message.set_by, reason=message.reason, basis=quoting.basis(order))
    consequences.give_quote(order, quoting.quote(order, order.known_rules, now), now)
    return None


def payment_received(message: PaymentReceived, order: Order, now: datetime) -> None:
    """Keep a payment, whatever it is; pay the pictures that wait for it, also those that had expired."""
    payment_id = message.payment_id or message.event_id
    if any(payment.payment_id == payment_id for payment in order.payments):
        return
    paid_at, currency = message.paid_at or now, message.currency or order.currency
    flag = quoting.flag_of(message.amount, currency, order.quote_at(paid_at), order.amount_paid)
    is_over = order.status in {Status.CANCELLED, Status.DECLINED}
    flag = f"the order is {order.status}" if is_over else flag
    amount = message.amount or Decimal(0)
    payment = Payment(payment_id=payment_id, amount=amount, currency=currency, paid_at=paid_at, flagged=flag)
    order.payments.append(payment)
    order.note("paid", now, by="customer", **payment.model_dump(mode="json"))
    if is_over:
        ask_for_refund(order, now, flag)
    else:
        _pay(order, paid_at, now)
    will_be_held = order.hold is None and order.with_status(Status.PAID) and quoting.trouble(order)
    if flag not in {"", quoting.EARLY} and not will_be_held:
        order.tell_staff("staff_payment_flagged", now, paid=f"{amount} {currency}", why=flag)


def _pay(order: Order, paid_at: datetime, now: datetime) -> None:
    objections.answer_them(order, now, by="customer")  # whoever pays wants it
    order.paid_at, order.ended = order.paid_at or min(paid_at, now), None
    order.move(order.with_status(Status.PENDING, Status.EXPIRED), Status.PAID, now, by="customer")
    if not order.live:
        order.tell_staff("staff_paid_without_picture", now, paid=order.amount_paid)
    if order.refunds and order.amount_refunded >= order.amount_paid:  # the platform took it back before it came
        cancel_all(order, now, by="platform")


def refund_recorded(message: RefundRecorded, order: Order, now: datetime) -> None:
    """Keep a refund and stop work at once: for good where all went back, else until staff resume it."""
    refund_id = message.refund_id or message.event_id
    if any(refund.refund_id == refund_id for refund in order.refunds):
        return
    amount = order.amount_paid - order.amount_refunded if message.amount is None else message.amount
    refund = Refund(
        refund_id=refund_id, amount=amount, currency=message.currency or order.currency, at=now, reason=message.reason
    )
    order.refunds.append(refund)
    order.note("refunded", now, by="staff", **refund.model_dump(mode="json"))
    order.tell_staff(
        "staff_refunded",
        now,
        refunded=f"{amount} {refund.currency}",
        reason=message.reason or "-",
        status=order.shown_status,
    )
    if order.payments and not order.is_refund_owed:
        cancel_all(order, now, by="staff")
        return
    for picture in order.with_status(*AT_WORK, Status.WITH_DESIGNER):
        stop(order, picture, REFUNDED, now)
