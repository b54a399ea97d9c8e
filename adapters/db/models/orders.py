"""The tables of an order: its pictures, its money, what was changed, and what happened."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.db.columns import not_negative, one_of
from adapters.db.models.base import Base, new_id, now, word
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
        {"comment": "Orders: a projection of what their workflows decided, never older than what stands here"},
    )

    order_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str]
    acc_id: Mapped[str] = mapped_column(comment="Shop account the customer talks to")
    acc_type: Mapped[str] = mapped_column(comment="Shop platform, such as AliWorkbench")
    owner: Mapped[str | None] = mapped_column(comment="User whose task history the order belongs to")
    status: Mapped[str] = mapped_column(comment="That of the picture which has the longest way to go")
    quote: Mapped[dict[str, Any] | None] = mapped_column(comment="Last quote, whole, with the factors behind it")
    amount_due: Mapped[Decimal | None] = mapped_column(comment="The least that pays the quote; null until quoted")
    amount_paid: Mapped[Decimal] = mapped_column(comment="Sum of the payments")
    amount_refunded: Mapped[Decimal] = mapped_column(server_default=text("0"), comment="Sum of the refunds")
    refund_due: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="It will not be made, and money of the customer may still be here"
    )
    currency: Mapped[str | None] = mapped_column(comment="Currency of the amounts; null until quoted or paid")
    high_value: Mapped[bool]
    email: Mapped[str | None]
    email_status: Mapped[str] = mapped_column(comment="sent or refused; empty before the first letter")
    created_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(comment="Of the snapshot; a lower one never overwrites a higher one")
    waits_for: Mapped[str] = word("In words; phrases.toml says them in the shop's language")


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
    original_image: Mapped[str | None] = mapped_column(comment="Key in object storage; null until it is stored")
    operation: Mapped[str | None] = mapped_column(comment="What is to be done; null until it is known")
    requirements: Mapped[list[str]] = mapped_column(comment="Structured wishes, as a list")
    customer_notes: Mapped[str] = mapped_column(comment="The customer's free words")
    status: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(comment="When anything last happened to the order")
    paid_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    result_image: Mapped[str | None] = mapped_column(comment="Key of the current result in object storage")
    error_message: Mapped[str | None]
    retry_count: Mapped[int] = mapped_column(comment="Attempts beyond the first of each round")
    revision_count: Mapped[int] = mapped_column(comment="Rounds the customer asked for")
    email: Mapped[str | None]
    acc_id: Mapped[str]
    acc_type: Mapped[str]
    qa_score: Mapped[int | None] = mapped_column(comment="Of the current result, 0 to 100")
    version: Mapped[int] = mapped_column(comment="Of the snapshot; a lower one never overwrites a higher one")


class PaymentRow(Base):
    """Money in or out; two shops may use the same id, and so may a payment and a refund."""

    __tablename__ = "payments"
    __table_args__ = (
        one_of("kind", ("payment", "refund")),
        *not_negative("amount"),
        Index(None, "paid_at"),
        {"comment": "Payments and refunds; rows are added, and nothing of them changes but why they are flagged"},
    )

    order_id: Mapped[str] = mapped_column(ForeignKey(OrderRow.order_id), primary_key=True)
    payment_id: Mapped[str] = mapped_column(primary_key=True, comment="Of a refund its refund_id")
    kind: Mapped[str] = mapped_column(primary_key=True, comment="payment or refund")
    amount: Mapped[Decimal]
    currency: Mapped[str]
    paid_at: Mapped[datetime]
    flagged: Mapped[str] = mapped_column(
        comment="Why staff should look at it, such as payment.too_little; empty when all is well"
    )


class RequirementChangeRow(Base):
    """A change of what is wanted of a picture."""

    __tablename__ = "task_requirement_changes"
    __table_args__ = (
        one_of("change_type", ("add_note", "modify_operation", "add_requirement")),
        one_of("changed_by", ("customer", "staff")),
        Index(None, "task_id", "changed_at"),
        {"comment": "History of changes to what is wanted of a picture"},
    )

    id: Mapped[UUID] = new_id()
    task_id: Mapped[str] = mapped_column(ForeignKey(ImageTaskRow.task_id))
    serial: Mapped[int] = mapped_column(
        server_default=text("0"), comment="Counts the changes of an order: several may fall in one instant"
    )
    change_type: Mapped[str]
    refused: Mapped[bool] = mapped_column(server_default=text("false"), comment="It was asked for and not done")
    old_value: Mapped[str]
    new_value: Mapped[str]
    changed_at: Mapped[datetime] = now()
    changed_by: Mapped[str]
    reason: Mapped[str] = mapped_column(
        server_default=text("''"), comment="Why staff changed what is paid, or the key of the phrase that refused it"
    )


class OrderEventRow(Base):
    """One line of an order's audit trail."""

    __tablename__ = "order_events"
    __table_args__ = (
        Index(None, "order_id", "serial"),
        Index(None, "task_id"),
        {"comment": "Audit trail: what happened when, by whom; rows are added, never changed"},
    )

    event_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(comment="As it was said; a late event may be of an order that nobody knows")
    serial: Mapped[int] = mapped_column(comment="Order of the lines; several may happen at the same instant")
    task_id: Mapped[str | None] = mapped_column(comment="As it was said; it need not be a task of ours")
    at: Mapped[datetime]
    what: Mapped[str]
    by: Mapped[str] = mapped_column(comment="customer, staff, bot, sender (whoever sent it) or darkroom")
    facts: Mapped[dict[str, Any]] = mapped_column(comment="Model, prompt hash, score, message ids, consent...")
