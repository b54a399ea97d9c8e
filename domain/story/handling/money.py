"""Messages about money: prices, payments and refunds."""

from datetime import datetime
from decimal import Decimal

from domain.order import objections
from domain.order.messages import Answer, PaymentReceived, QuoteSet, RefundRecorded
from domain.order.order import Order
from domain.pricing import payments, quoting
from domain.story import consequences, progress
from domain.story.handling.steering import cancel_all
from domain.story.screening import ask_for_refund
from domain.texts.phrase import Said, said
from domain.vocabulary import amounts, money
from domain.vocabulary.money import Fixed, Moved, Payment, Refund
from domain.vocabulary.status import AT_WORK, GONE, Status

MOST_CONTRADICTIONS = 5  # reported per id


def quote_set(message: QuoteSet, order: Order, now: datetime) -> Answer | None:
    """Fix the price. It holds until pictures, operation or requirements change."""
    refusal = _refusal(message, order)
    if refusal:
        price = money.figure(message.amount)
        order.note("quote_not_set", now, by=message.set_by, amount=price, reason=refusal.model_dump())
        if refusal.phrase != "change_after_end":
            order.tell_staff("staff_quote_not_set", now, price=f"{price} {message.currency}", by=message.set_by)
        return Answer(accepted=False, reason=refusal)
    objections.resolve_objections(order, now, by=message.set_by)
    order.fixed = Fixed(amount=message.amount, set_by=message.set_by, reason=message.reason, basis=quoting.basis(order))
    consequences.issue_quote(order, quoting.quote(order, order.known_rules, now), now)
    return None


def _refusal(message: QuoteSet, order: Order) -> Said:
    if order.status in {Status.CANCELLED, Status.DECLINED}:
        return Said(phrase="change_after_end")
    is_foreign = message.currency not in {None, order.known_rules.prices.currency}
    return said("price.other_currency", currency=message.currency) if is_foreign else Said()


# ---- payments --------------------------------------------------------------------------------------------------------


def payment_received(message: PaymentReceived, order: Order, now: datetime) -> None:
    """Record any payment, and mark unpaid and expired pictures as paid."""
    payment = _payment(message, order, now)
    known = next((other for other in order.payments if other.payment_id == payment.payment_id), None)
    if known:
        _record_contradiction(order, known, payment, now, message)
        return
    payment.flagged = _payment_flag(payment, order)
    is_over, is_first = order.status in {Status.CANCELLED, Status.DECLINED}, not order.payments
    order.payments.append(payment)
    order.note("paid", now, by="customer", **payment.model_dump(mode="json", exclude={"said_otherwise", "event_id"}))
    if is_over:
        ask_for_refund(order, now, payment.flagged)
    else:
        _pay(order, payment, now, is_first=is_first)
    if payment.flagged.phrase not in {"", payments.EARLY} and not _will_be_held(order):
        order.tell_staff("staff_payment_flagged", now, paid=payment.told, why=payment.flagged)


def _payment(message: PaymentReceived, order: Order, now: datetime) -> Payment:
    """Return the payment to record. If its time cannot be read, it counts as now and is compared with today's price."""
    paid_at = message.paid_at if isinstance(message.paid_at, datetime) else now
    words = [_unreadable_amount(message), message.paid_at if isinstance(message.paid_at, str) else ""]
    return Payment(
        payment_id=message.payment_id or message.event_id,
        event_id=message.event_id,
        amount=message.amount if isinstance(message.amount, Decimal) else Decimal(0),
        is_known=message.amount is not None and not words[0],
        currency=message.currency or order.currency,
        paid_at=amounts.in_zone(paid_at, order.known_rules.timezone),
        words=", ".join(filter(None, words)),
    )


def _unreadable_amount(message: PaymentReceived | RefundRecorded) -> str:
    """Return the amount and currency as sent if they cannot be read, else an empty text."""
    has_code = message.currency is None or amounts.currency(message.currency) is not None
    if has_code and not isinstance(message.amount, str):
        return ""
    amount = money.figure(message.amount) if isinstance(message.amount, Decimal) else message.amount
    return " ".join(filter(None, (amount, message.currency)))


def _payment_flag(payment: Payment, order: Order) -> Said:
    """Return why staff should look at a payment, the most serious reason only; nothing if it is fine."""
    if order.status in {Status.CANCELLED, Status.DECLINED}:
        return said("payment.after_end", status=order.status)
    if payment.words:
        return said(payments.UNREAD, words=payment.words)
    if not order.payments and order.refunds:
        return said("payment.refunded_before", refunded=", ".join(refund.told for refund in order.refunds))
    if twin := next((other for other in order.payments if other.event_id == payment.event_id), None):
        return said("payment.same_event", other=twin.payment_id)
    return payments.flag_for(payment, order.quote_at(payment.paid_at), order.amount_paid - order.amount_refunded)


def _will_be_held(order: Order) -> bool:
    """Whether the order is about to be held, which tells staff anyway."""
    is_free = order.hold is None and not order.is_refund_open and not order.is_released
    waiting = [picture for picture in order.with_status(Status.PAID) if not picture.stopped]
    return is_free and bool(waiting) and bool(payments.misfit_of_order(order))


def _pay(order: Order, payment: Payment, now: datetime, *, is_first: bool) -> None:
    if order.objected_at is None or payment.paid_at >= order.objected_at:
        objections.resolve_objections(order, now, by="customer")  # it withdraws earlier objections only
    order.paid_at, order.ended = order.paid_at or min(payment.paid_at, now), None
    order.move(order.with_status(Status.PENDING, Status.EXPIRED), Status.PAID, now, by="customer")
    if not order.live:
        order.tell_staff("staff_paid_without_picture", now, paid=payment.told)
    if is_first and money.is_all_back(order.payments, order.refunds):  # the refund came first
        cancel_all(order, now, by="platform")


# ---- refunds ---------------------------------------------------------------------------------------------------------


def refund_recorded(message: RefundRecorded, order: Order, now: datetime) -> None:
    """Record a refund and stop work at once: for good after a full refund, otherwise until staff resume it.

    Refunding an overpayment does not stop work. A refund that arrives before its payment stops that payment's work.
    """
    refund = _refund(message, order, now)
    known = next((other for other in order.refunds if other.refund_id == refund.refund_id), None)
    if known:
        _record_contradiction(order, known, refund, now, message)
        return
    order.refunds.append(refund)
    order.note("refunded", now, by="staff", **refund.model_dump(mode="json", exclude={"said_otherwise", "event_id"}))
    is_all = money.is_all_back(order.payments, order.refunds)
    is_stop = not is_all and _has_work(order) and not payments.is_refund_of_excess(order)
    facts = {"refunded": refund.told, "reason": message.reason or "-", "status": order.shown_status}
    order.tell_staff("staff_refunded_stopped" if is_stop else "staff_refunded", now, why=refund.flagged or "-", **facts)
    if is_all and order.status not in GONE:
        cancel_all(order, now, by="staff")
    elif is_stop:
        _stop(order, now)


def _stop(order: Order, now: datetime) -> None:
    order.is_refund_open = True
    for picture in order.with_status(*AT_WORK, Status.WITH_DESIGNER):
        progress.stop(order, picture, progress.REFUNDED, now)


def leave_to_staff(message: PaymentReceived | RefundRecorded, order: Order, now: datetime) -> None:
    """Tell staff about each payment or refund that the order has no room for. A refund still stops the work."""
    is_refund = isinstance(message, RefundRecorded)
    name = (message.refund_id if isinstance(message, RefundRecorded) else message.payment_id) or message.event_id
    amount = money.figure(message.amount) if isinstance(message.amount, Decimal) else message.amount
    told = " ".join(filter(None, (amount, message.currency))) or "?"
    order.tell_staff("staff_refund_no_room" if is_refund else "staff_payment_no_room", now, name=name, told=told)
    if is_refund and _has_work(order):
        _stop(order, now)


def _has_work(order: Order) -> bool:
    """Whether anything is being worked on or may still be started."""
    if order.status in {Status.CANCELLED, Status.DECLINED}:
        return False
    return not order.live or bool(order.with_status(Status.PENDING, *AT_WORK, Status.WITH_DESIGNER))


def _refund(message: RefundRecorded, order: Order, now: datetime) -> Refund:
    """Return the refund to record. Without an amount it is all that is left in its currency."""
    here = {
        currency: amount for currency, amount in money.balances(order.payments, order.refunds).items() if amount > 0
    }
    usual = next(iter(here)) if len(here) == 1 and message.amount is None else order.currency
    currency = message.currency or usual
    is_of_all, left, words = message.amount is None, here.get(currency, Decimal(0)), _unreadable_amount(message)
    given = message.amount if isinstance(message.amount, Decimal) else Decimal(0)
    is_known = not is_of_all or (bool(order.payments) and money.is_certain(order.payments, order.refunds))
    return Refund(
        refund_id=message.refund_id or message.event_id,
        event_id=message.event_id,
        amount=left if is_of_all else given,
        is_known=is_known and not words,
        currency=currency,
        at=now,
        reason=message.reason,
        words=words,
        of_payments=len(order.payments) if is_of_all else None,
        flagged=_refund_flag(message, order, currency, left),
    )


def _refund_flag(message: RefundRecorded, order: Order, currency: str, left: Decimal) -> Said:
    """Return why staff should look at a refund, or nothing."""
    if words := _unreadable_amount(message):
        return said("refund.unread", words=words)
    if twin := next((other for other in order.refunds if other.event_id == message.event_id), None):
        return said("refund.same_event", other=twin.refund_id)
    if not order.payments:
        return said("refund.before_payment")
    if message.amount is None:
        return said("refund.no_amount")
    if currency not in {payment.currency for payment in order.payments}:
        return said("refund.other_currency", currency=currency)
    return said("refund.too_much") if isinstance(message.amount, Decimal) and message.amount > left else Said()


# ---- the same id once more -------------------------------------------------------------------------------------------


def _record_contradiction(
    order: Order, known: Moved, again: Moved, now: datetime, message: PaymentReceived | RefundRecorded
) -> None:
    """Record and report an id that is reused with different content. An identical repeat changes nothing."""
    again.currency = again.currency if message.currency else known.currency
    told = again.told
    is_repeat = message.amount is None or told == known.told or told in known.said_otherwise
    if is_repeat or len(known.said_otherwise) >= MOST_CONTRADICTIONS:
        return
    kind, name = ("payment", known.payment_id) if isinstance(known, Payment) else ("refund", known.refund_id)  # type: ignore[attr-defined] # one of the two
    known.said_otherwise.append(told)
    known.flagged = said(f"{kind}.said_otherwise", first=known.told, then=known.said_otherwise)
    order.note("money_said_otherwise", now, by="sender", kind=kind, name=name, first=known.told, then=told)
    order.tell_staff("staff_money_said_otherwise", now, name=name, first=known.told, then=told)
