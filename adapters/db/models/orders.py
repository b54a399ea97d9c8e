"""The tables of an order: its pictures, its money, what was changed, and what happened."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.db.columns import not_negative, one_of
from adapters.db.models.base import Base, listed, new_id, now, word
from domain.vocabulary.pictures import Operation
from domain.vocabulary.status import Status


class OrderRow(Base):
    """One order."""

    __tablename__ = "orders"
    __table_args__ = (
        one_of("status", Status),
        one_of("email_status", ("", "sent", "refused")),
        *not_negative("amount_due", "amount_paid", "amount_refunded", "version"),
        Index(None, "status", "created_at"),
        Index(None, "customer_id", "created_at"),
        Index("ix_orders_created_at", "created_at"),
        Index("ix_orders_deadline_at", "deadline_at"),
        *(
            Index(f"ix_orders_{what}_kept", "created_at", postgresql_where=text(f"{what}_removed_at IS NULL"))
            for what in ("pictures", "words")
        ),
        Index("ix_orders_with_needs", "order_id", postgresql_where=text("needs <> '[]'")),
        {"comment": "Orders: a projection of their workflows; a row is never replaced by an older state"},
    )

    order_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str]
    acc_id: Mapped[str] = mapped_column(comment="Shop account the customer talks to")
    acc_type: Mapped[str] = mapped_column(comment="Shop platform, e.g. AliWorkbench")
    owner: Mapped[str | None] = mapped_column(comment="User whose task history the order belongs to")
    status: Mapped[str] = mapped_column(comment="Status of the least-advanced picture")
    quote: Mapped[dict[str, Any] | None] = mapped_column(comment="The last quote, complete, with its factors")
    amount_due: Mapped[Decimal | None] = mapped_column(comment="The minimum that pays the quote; null until quoted")
    amount_paid: Mapped[Decimal] = mapped_column(comment="Sum of the payments")
    amount_refunded: Mapped[Decimal] = mapped_column(server_default=text("0"), comment="Sum of the refunds")
    refund_due: Mapped[bool] = mapped_column(
        server_default=text("false"),
        comment="The order will not be made, and the shop may still have money of the customer",
    )
    currency: Mapped[str | None] = mapped_column(comment="Currency of the amounts; null until quoted or paid")
    high_value: Mapped[bool]
    email: Mapped[str | None]
    email_status: Mapped[str] = mapped_column(comment="sent or refused; empty before the first e-mail")
    created_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(comment="Version of the state; a lower one never overwrites a higher one")
    waits_for: Mapped[str] = word("What the order waits for, as phrases")
    needs: Mapped[list[dict[str, Any]]] = listed("What staff have to do: kind, why, since when and until when")
    deadline: Mapped[str] = word("Name of the next deadline; empty if there is none")
    deadline_at: Mapped[datetime | None] = mapped_column(comment="When that is")
    pictures_removed_at: Mapped[datetime | None] = mapped_column(comment="When upkeep removed them for their age")
    words_removed_at: Mapped[datetime | None] = mapped_column(comment="The same of names, addresses and words")


class ImageTaskRow(Base):
    """One picture of an order."""

    __tablename__ = "image_tasks"
    __table_args__ = (
        one_of("status", Status),
        one_of("operation", Operation),
        *not_negative("retry_count", "revision_count", "version"),
        Index(None, "order_id"),
        Index(None, "status", "created_at"),
        Index(None, "customer_id", "created_at"),
        {"comment": "Pictures of the orders, one task each"},
    )

    task_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey(OrderRow.order_id))
    customer_id: Mapped[str]
    customer_name: Mapped[str]
    original_image: Mapped[str | None] = mapped_column(comment="Key in object storage; null until stored")
    operation: Mapped[str | None] = mapped_column(comment="null until known")
    requirements: Mapped[list[str]] = mapped_column(comment="Structured requirements")
    customer_notes: Mapped[str] = mapped_column(comment="The customer's notes, as free text")
    status: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(comment="Time of the last change of the order")
    paid_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    result_image: Mapped[str | None] = mapped_column(comment="Key of the current result in object storage")
    error_message: Mapped[str | None]
    retry_count: Mapped[int] = mapped_column(comment="Attempts beyond the first of each round")
    revision_count: Mapped[int] = mapped_column(comment="Revision rounds requested by the customer")
    email: Mapped[str | None]
    acc_id: Mapped[str]
    acc_type: Mapped[str]
    qa_score: Mapped[int | None] = mapped_column(comment="Quality score of the current result, 0 to 100")
    version: Mapped[int] = mapped_column(comment="Version of the state; a lower one never overwrites a higher one")


class PaymentRow(Base):
    """Money in or out; two shops may use the same id, and so may a payment and a refund."""

    __tablename__ = "payments"
    __table_args__ = (
        one_of("kind", ("payment", "refund")),
        *not_negative("amount"),
        Index(None, "paid_at"),
        {"comment": "Payments and refunds; rows are added, and only `flagged` changes"},
    )

    order_id: Mapped[str] = mapped_column(ForeignKey(OrderRow.order_id), primary_key=True)
    payment_id: Mapped[str] = mapped_column(primary_key=True, comment="Payment id, or the refund_id of a refund")
    kind: Mapped[str] = mapped_column(primary_key=True, comment="payment or refund")
    amount: Mapped[Decimal]
    currency: Mapped[str]
    paid_at: Mapped[datetime]
    flagged: Mapped[str] = mapped_column(comment="Why staff should look at it, e.g. payment.too_little; else empty")


class QuoteRow(Base):
    """A version of a quote."""

    __tablename__ = "quotes"
    __table_args__ = ({"comment": "Versions of quotes, as far as they were reported"},)

    order_id: Mapped[str] = mapped_column(ForeignKey(OrderRow.order_id), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    quoted_at: Mapped[datetime]
    quote: Mapped[dict[str, Any]] = mapped_column(comment="Complete, with its factors")


class RequirementChangeRow(Base):
    """A change of what is wanted of a picture."""

    __tablename__ = "task_requirement_changes"
    __table_args__ = (
        one_of("change_type", ("add_note", "modify_operation", "add_requirement")),
        one_of("changed_by", ("customer", "staff")),
        Index(None, "task_id", "changed_at"),
        {"comment": "Changes to what is wanted of a picture"},
    )

    id: Mapped[UUID] = new_id()
    task_id: Mapped[str] = mapped_column(ForeignKey(ImageTaskRow.task_id))
    serial: Mapped[int] = mapped_column(
        server_default=text("0"), comment="Number of the change within its order, since several may have the same time"
    )
    change_type: Mapped[str]
    refused: Mapped[bool] = mapped_column(server_default=text("false"), comment="Requested and refused")
    old_value: Mapped[str]
    new_value: Mapped[str]
    changed_at: Mapped[datetime] = now()
    changed_by: Mapped[str]
    reason: Mapped[str] = mapped_column(
        server_default=text("''"), comment="Why staff changed a paid picture, or the key of the phrase of a refusal"
    )


class OrderEventRow(Base):
    """One line of an order's audit trail."""

    __tablename__ = "order_events"
    __table_args__ = (
        Index(None, "order_id", "serial"),
        Index(None, "task_id"),
        Index("ix_order_events_late", "at", postgresql_where=text("what = 'late_event' AND facts ? 'payload'")),
        {"comment": "Audit trail: what happened when, by whom; rows are added, never changed"},
    )

    event_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(comment="As received; a late event may name an unknown order")
    serial: Mapped[int] = mapped_column(comment="Orders the lines, several of which may have the same time")
    task_id: Mapped[str | None] = mapped_column(comment="As received; it may be unknown")
    at: Mapped[datetime]
    what: Mapped[str]
    by: Mapped[str] = mapped_column(comment="customer, staff, bot, sender (an external sender) or darkroom")
    facts: Mapped[dict[str, Any]] = mapped_column(comment="Model, prompt hash, score, message ids, consent...")
