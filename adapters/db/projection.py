"""Projects an order's snapshot onto rows: pure functions, one per table."""

from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5
from zoneinfo import ZoneInfo

from domain.library import photos
from domain.order.order import Order
from domain.order.picture import Picture
from domain.pricing import payments
from domain.story import deadlines, details, needs
from domain.texts.catalogue import TEXTS
from domain.texts.phrase import Said
from domain.vocabulary.pictures import StoredPicture

Row = dict[str, Any]


def order_row(order: Order) -> Row:
    """Return the row of `orders`. The amount due is the minimum accepted for the quoted price."""
    price, deadline = payments.binding_quote(order), deadlines.next_deadline(order)
    return {
        "order_id": order.order_id,
        "customer_id": order.customer_id,
        "acc_id": order.acc_id,
        "acc_type": order.acc_type,
        "owner": order.owner,
        "status": order.status,
        "quote": order.quote and order.quote.model_dump(mode="json"),
        "amount_due": price and price.minimum,
        "amount_paid": order.amount_paid,
        "amount_refunded": order.amount_refunded,
        "refund_due": order.is_refund_due,
        "currency": _currency(order),
        "high_value": order.high_value,
        "email": order.email,
        "email_status": order.email_status,
        "created_at": order.created_at,
        "paid_at": order.paid_at,
        "completed_at": order.completed_at,
        "version": order.version,
        "waits_for": _words(order, details.waits_for(order)),
        "needs": [need.model_dump(mode="json", exclude_defaults=True) for need in needs.of(order)],
        "deadline": deadline[1] if deadline else "",
        "deadline_at": deadline and deadline[0],
    }


def task_rows(order: Order) -> list[Row]:
    """Return the rows of `image_tasks`, one per picture."""
    return [_task_row(order, picture) for picture in order.pictures]


def payment_rows(order: Order) -> list[Row]:
    """Return the rows of `payments`: payments and refunds."""
    paid = [
        {
            "order_id": order.order_id,
            "payment_id": payment.payment_id,
            "kind": "payment",
            "amount": payment.amount,
            "currency": payment.currency,
            "paid_at": payment.paid_at,
            "flagged": payment.flagged.phrase,
        }
        for payment in order.payments
    ]
    refunded = [
        {
            "order_id": order.order_id,
            "payment_id": refund.refund_id,
            "kind": "refund",
            "amount": refund.amount,
            "currency": refund.currency,
            "paid_at": refund.at,
            "flagged": refund.flagged.phrase,
        }
        for refund in order.refunds
    ]
    return paid + refunded


def quote_rows(order: Order) -> list[Row]:
    """Return the row of `quotes` of the last quote."""
    return [
        {
            "order_id": order.order_id,
            "version": quote.version,
            "quoted_at": quote.quoted_at,
            "quote": quote.model_dump(mode="json"),
        }
        for quote in order.quotes[-1:]
    ]


def change_rows(order: Order) -> list[Row]:
    """Return the rows of `task_requirement_changes`; changes of unknown tasks are only in `order_events`."""
    tasks = {picture.task_id for picture in order.pictures}
    return [
        {
            "id": uuid5(NAMESPACE_OID, change.change_id),
            "task_id": change.task_id,
            "serial": change.serial,
            "change_type": change.change_type,
            "refused": bool(change.refused),
            "old_value": change.old,
            "new_value": change.new,
            "changed_at": change.at,
            "changed_by": change.by,
            "reason": TEXTS[order.language].name("refusal", change.refused) if change.refused else change.reason,
        }
        for change in order.changes
        if change.task_id in tasks
    ]


def event_rows(order: Order) -> list[Row]:
    """Return the rows of `order_events`: the latest journal lines, most of which are already stored."""
    return [
        {
            "event_id": entry.event_id,
            "order_id": order.order_id,
            "serial": entry.serial,
            "task_id": entry.task_id,
            "at": entry.at,
            "what": entry.what,
            "by": entry.by,
            "facts": entry.facts,
        }
        for entry in order.journal
    ]


def photo_rows(order: Order) -> list[Row]:
    """Return the rows of `photo`: each original, and each result shown to the customer."""
    originals = [
        _photo_row(order, picture, "original", picture.original, picture.original.key)
        for picture in order.pictures
        if picture.original
    ]
    results = [
        _photo_row(order, picture, "result", picture.result.file, picture.result.view_key)
        for picture in order.pictures
        if picture.result
    ]
    return originals + results


def tags_of_tasks(order: Order) -> list[tuple[str, str]]:
    """Return pairs of task id and tag."""
    return [(picture.task_id, tag) for picture in order.pictures for tag in photos.tags_of(picture.analysis)]


def _photo_row(order: Order, picture: Picture, kind: str, file: StoredPicture, view_key: str) -> Row:
    return {
        "key": file.key,
        "kind": kind,
        "task_id": picture.task_id,
        "order_id": order.order_id,
        "customer_id": order.customer_id,
        "acc_id": order.acc_id,
        "owner": order.owner,
        "view_key": view_key,
        "hash": photos.as_number(file.likeness) if file.likeness else None,
        "width": file.width,
        "height": file.height,
    }


def _task_row(order: Order, picture: Picture) -> Row:
    happened = [entry.at for entry in order.journal if entry.task_id == picture.task_id]
    return {
        "task_id": picture.task_id,
        "order_id": order.order_id,
        "customer_id": order.customer_id,
        "customer_name": order.customer_name,
        "original_image": picture.original and picture.original.key,
        "operation": picture.operation,
        "requirements": picture.requirements,
        "customer_notes": _notes(order, picture),
        "status": picture.status,
        "created_at": min(happened, default=order.created_at),
        "updated_at": _last_change(order),
        "paid_at": order.paid_at,
        "started_at": picture.started_at,
        "completed_at": picture.completed_at,
        "result_image": picture.result and picture.result.file.key,
        "error_message": _words(order, picture.error or picture.needs_designer or picture.stopped) or None,
        "retry_count": picture.retry_count,
        "revision_count": picture.revision_count,
        "email": order.email,
        "acc_id": order.acc_id,
        "acc_type": order.acc_type,
        "qa_score": picture.result and picture.result.score,
        "version": order.version,
    }


def _words(order: Order, told: Said) -> str:
    """API callers read the rows, so error texts of outside systems are only in the journal and the ledger."""
    return TEXTS[order.language].say(told, detail=False)


def _notes(order: Order, picture: Picture) -> str:
    zone = ZoneInfo(order.known_rules.timezone)
    return "\n".join(f"[{note.at.astimezone(zone):%m-%d %H:%M}] {note.text}" for note in picture.notes)


def _last_change(order: Order) -> datetime:
    return max((entry.at for entry in order.journal), default=order.created_at)


def _currency(order: Order) -> str | None:
    return order.currency if order.quotes or order.payments or order.refunds else None
