"""The tables of the shop, with names and columns kept as the spec gives them, so that people's own SQL works."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, MetaData, Numeric, UniqueConstraint, Uuid, func, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from adapters.db.columns import Facts, Words, not_negative, one_of
from domain.order import Status
from domain.pictures import Operation

CALL_STATUSES = ("processing", "completed", "failed", "interrupted")


class Base(DeclarativeBase):
    """Postgres's own types behind the Python ones; `numeric` without a scale, so that money is never rounded."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a class attribute
        str: Words,
        UUID: Uuid(),
        datetime: DateTime(timezone=True),
        Decimal: Numeric(),
        dict[str, Any]: Facts,
        list[str]: Facts,
    }


def _id() -> Mapped[UUID]:
    return mapped_column(primary_key=True, server_default=text("uuidv7()"))


def _now() -> Mapped[datetime]:
    return mapped_column(server_default=func.now())


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
    amount_due: Mapped[Decimal | None] = mapped_column(comment="Upper end of the last quote; null until quoted")
    amount_paid: Mapped[Decimal] = mapped_column(comment="Sum of the payments")
    amount_refunded: Mapped[Decimal] = mapped_column(server_default=text("0"), comment="Sum of the refunds")
    currency: Mapped[str | None] = mapped_column(comment="Currency of the amounts; null until quoted or paid")
    high_value: Mapped[bool]
    email: Mapped[str | None]
    email_status: Mapped[str] = mapped_column(comment="sent or refused; empty before the first letter")
    created_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(comment="Of the snapshot; a lower one never overwrites a higher one")


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
    """Money in or out; two shops may use the same payment_id, so the order is part of the key."""

    __tablename__ = "payments"
    __table_args__ = (
        one_of("kind", ("payment", "refund")),
        *not_negative("amount"),
        Index(None, "paid_at"),
        {"comment": "Payments and refunds; rows are added, never changed"},
    )

    order_id: Mapped[str] = mapped_column(ForeignKey(OrderRow.order_id), primary_key=True)
    payment_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(comment="payment or refund")
    amount: Mapped[Decimal]
    currency: Mapped[str]
    paid_at: Mapped[datetime]
    flagged: Mapped[str] = mapped_column(comment="Why staff should look at it; empty when all is well")


class RequirementChangeRow(Base):
    """A change of what is wanted of a picture."""

    __tablename__ = "task_requirement_changes"
    __table_args__ = (
        one_of("change_type", ("add_note", "modify_operation", "add_requirement")),
        one_of("changed_by", ("customer", "staff")),
        Index(None, "task_id", "changed_at"),
        {"comment": "History of changes to what is wanted of a picture"},
    )

    id: Mapped[UUID] = _id()
    task_id: Mapped[str] = mapped_column(ForeignKey(ImageTaskRow.task_id))
    change_type: Mapped[str]
    refused: Mapped[bool] = mapped_column(server_default=text("false"), comment="It was asked for and not done")
    old_value: Mapped[str]
    new_value: Mapped[str]
    changed_at: Mapped[datetime] = _now()
    changed_by: Mapped[str]


class OrderEventRow(Base):
    """One line of an order's audit trail."""

    __tablename__ = "order_events"
    __table_args__ = (
        Index(None, "order_id", "serial"),
        Index(None, "task_id"),
        {"comment": "Audit trail: what happened when, by whom; rows are added, never changed"},
    )

    event_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey(OrderRow.order_id))
    serial: Mapped[int] = mapped_column(comment="Order of the lines; several may happen at the same instant")
    task_id: Mapped[str | None] = mapped_column(comment="As it was said; it need not be a task of ours")
    at: Mapped[datetime]
    what: Mapped[str]
    by: Mapped[str] = mapped_column(comment="customer, staff, bot or darkroom")
    facts: Mapped[dict[str, Any]] = mapped_column(comment="Model, prompt hash, score, message ids, consent...")


class GenerationTaskRow(Base):
    """One call to an image model; `task_id` is the id of the call, as the providers' own tables name it."""

    __tablename__ = "image_generation_task"
    __table_args__ = (
        one_of("status", CALL_STATUSES),
        *not_negative("attempt", "cost", "latency_ms"),
        Index(None, "image_task_id", "attempt"),
        Index(None, "created_at"),
        {"comment": "Calls to image models, one row each, with what they cost"},
    )

    id: Mapped[UUID] = _id()
    task_id: Mapped[str] = mapped_column(unique=True, comment="Id of this call, not of the picture's task")
    image_task_id: Mapped[str] = mapped_column(ForeignKey(ImageTaskRow.task_id), comment="Picture it was made for")
    attempt: Mapped[int] = mapped_column(comment="Attempt of the picture, counted over all rounds")
    provider: Mapped[str] = mapped_column(comment="gemini, seedream, or local for the packaged networks")
    input_image_url: Mapped[str | None] = mapped_column(comment="Address the provider fetched from, where it did")
    input_image_id: Mapped[str] = mapped_column(comment="Key of the picture that was sent")
    prompt: Mapped[str]
    model: Mapped[str]
    size: Mapped[str]
    watermark: Mapped[bool] = mapped_column(server_default=text("false"), comment="Provider's own mark was asked for")
    status: Mapped[str] = mapped_column(comment="processing, completed, failed, or interrupted when its worker died")
    created_at: Mapped[datetime] = _now()
    completed_at: Mapped[datetime | None]
    error_message: Mapped[str | None]
    api_response: Mapped[dict[str, Any] | None] = mapped_column(comment="What was answered, without picture bytes")
    tokens: Mapped[dict[str, Any] | None] = mapped_column(comment='By modality: {"input": {...}, "output": {...}}')
    cost: Mapped[Decimal | None] = mapped_column(comment="By our price table; null when unknown")
    cost_currency: Mapped[str | None]
    latency_ms: Mapped[int | None]
    provider_request_id: Mapped[str | None]
    finish_reason: Mapped[str | None]
    possibly_billed: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="No answer was kept, yet the provider may charge for it"
    )


class GenerationResultRow(Base):
    """The deliverable that came of a call."""

    __tablename__ = "generation_result"
    __table_args__ = (*not_negative("file_size"), {"comment": "Files made of what image models answered"})

    id: Mapped[UUID] = _id()
    task_id: Mapped[str] = mapped_column(ForeignKey(GenerationTaskRow.task_id), unique=True, comment="Id of the call")
    generated_image_id: Mapped[str] = mapped_column(comment="Key of the file in object storage")
    generated_image_url: Mapped[str | None] = mapped_column(comment="Lasting public address, where there is one")
    model: Mapped[str]
    content_type: Mapped[str]
    file_size: Mapped[int] = mapped_column(BigInteger, comment="In bytes")
    created_at: Mapped[datetime] = _now()
    sha256: Mapped[str]
    qa_score: Mapped[int | None] = mapped_column(comment="0 is useless, 100 flawless")
    qa_facts: Mapped[dict[str, Any] | None] = mapped_column(comment="What the quality check measured")


class GenerationParameterRow(Base):
    """One parameter of a call."""

    __tablename__ = "generation_parameter"
    __table_args__ = (
        UniqueConstraint("task_id", "parameter_name"),
        {"comment": "Parameters the calls were made with"},
    )

    id: Mapped[UUID] = _id()
    task_id: Mapped[str] = mapped_column(ForeignKey(GenerationTaskRow.task_id), comment="Id of the call")
    parameter_name: Mapped[str]
    parameter_value: Mapped[str]
    created_at: Mapped[datetime] = _now()
