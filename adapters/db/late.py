"""Records events for closed or unknown orders, and books their payments."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from pydantic import ValidationError
from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.db import customers
from adapters.db.models import OrderEventRow, OrderRow, PaymentRow
from adapters.db.projection import Row
from adapters.db.writing import Writer
from domain.attempts.work import LateEvent
from domain.order.messages import SIGNALS, Message, PaymentReceived, RefundRecorded
from domain.story.customers import with_totals
from domain.texts.phrase import Said
from domain.vocabulary import amounts, money
from domain.vocabulary.money import Payment, Refund
from domain.vocabulary.rules import OpeningHours, PriceList
from domain.vocabulary.status import GONE


async def keep(writer: Writer, event: LateEvent, event_id: str, at: datetime) -> bool:
    """Record an event once, with its payment or refund; return whether its order is known."""
    connection = writer.connection
    order = await _lock(connection, event.order_id)
    is_new = await writer.add(OrderEventRow, [await _event_row(connection, event, event_id, at)])
    payment = _payment_row(event, event_id, at, order) if order and is_new else None
    if order and payment and await writer.add(PaymentRow, [payment]):
        await writer.step(OrderRow, event.order_id, partial(_book, connection, order, payment))
    return order is not None


async def _lock(connection: AsyncConnection, order_id: str) -> RowMapping | None:
    """Return the order's row, locked until the transaction ends, to serialise late events."""
    statement = select(*OrderRow.__table__.columns).where(OrderRow.order_id == order_id).with_for_update()
    return (await connection.execute(statement)).mappings().one_or_none()


async def _event_row(connection: AsyncConnection, event: LateEvent, event_id: str, at: datetime) -> Row:
    last = select(func.coalesce(func.max(OrderEventRow.serial), 0)).where(OrderEventRow.order_id == event.order_id)
    return {
        # Senders choose event ids: two senders may use the same one.
        "event_id": f"{event.order_id}-L-{event.signal}-{event_id}",
        "order_id": event.order_id,
        "serial": (await connection.execute(last)).scalar_one() + 1,
        "at": at,
        "what": "late_event",
        "by": "sender",
        "facts": event.model_dump(include={"signal", "payload"}),
    }


def _payment_row(event: LateEvent, event_id: str, at: datetime, order: RowMapping) -> Row | None:
    """Return the row of a late payment or refund; an unreadable amount is not booked."""
    match _message(event):
        case PaymentReceived() as paid:
            kind, named, moment, unnamed = "payment", paid.payment_id, paid.paid_at, Decimal(0)
        case RefundRecorded() as paid:
            kind, named, moment = "refund", paid.refund_id, at
            unnamed = max(order["amount_paid"] - order["amount_refunded"], Decimal(0))  # all that was paid
        case _:
            return None
    known = paid.amount if isinstance(paid.amount, Decimal) else Decimal(0)
    return {
        "order_id": event.order_id,
        "payment_id": named or paid.event_id or event_id,
        "kind": kind,
        "amount": unnamed if paid.amount is None else known,
        "currency": paid.currency or order["currency"] or PriceList().currency,
        "paid_at": amounts.in_zone(moment, OpeningHours().timezone) if isinstance(moment, datetime) else at,
        "flagged": f"{kind}.{'unread' if isinstance(paid.amount, str) else 'late'}",
    }


def _message(event: LateEvent) -> Message | None:
    kind = SIGNALS.get(event.signal)
    try:
        return kind.model_validate(event.payload) if kind else None
    except ValidationError:
        return None


async def _book(connection: AsyncConnection, order: RowMapping, payment: Row) -> None:
    """Add the amount to the order's and the customer's totals, unless its currency differs."""
    raised: dict[str, Any] = {"refund_due": order["status"] in GONE and await _is_owed(connection, order)}
    if order["currency"] in {None, payment["currency"]}:
        total = "amount_paid" if payment["kind"] == "payment" else "amount_refunded"
        raised |= {total: order[total] + payment["amount"], "currency": payment["currency"]}
    await connection.execute(update(OrderRow).where(OrderRow.order_id == order["order_id"]).values(raised))
    await customers.remember(connection, order["acc_id"], order["customer_id"], with_totals)


async def _is_owed(connection: AsyncConnection, order: RowMapping) -> bool:
    """Whether we may hold money of the customer, going by the booked amounts."""
    columns = PaymentRow.__table__.columns
    found = (await connection.execute(select(*columns).where(columns.order_id == order["order_id"]))).mappings().all()
    facts = [dict(row, is_known=row["amount"] > 0, flagged=Said(phrase=row["flagged"])) for row in found]
    payments = [Payment(**one) for one in facts if one["kind"] == "payment"]
    back = [one | {"refund_id": one["payment_id"], "at": one["paid_at"]} for one in facts if one["kind"] == "refund"]
    return money.is_owed(payments, [Refund(**one) for one in back])
