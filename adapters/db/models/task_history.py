"""The tables of the task history: users' records, their statistics, and their credits."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Computed, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.db.columns import not_negative, one_of
from adapters.db.models.base import Base, count, new_id, now
from domain.task_history.records import (
    LONGEST_COMMENT,
    LONGEST_ERROR,
    LONGEST_KEPT_PROMPT,
    LONGEST_NAME,
    Period,
    TaskStatus,
    TaskType,
)


def at_most(column: str, length: int) -> CheckConstraint:
    """Return the constraint on the number of characters of a text."""
    return CheckConstraint(f"length({column}) <= {length}", name=f"{column}_length")


class TaskRow(Base):
    """One record of a user: an image that was made, or is being made."""

    __tablename__ = "user_task_history"
    __table_args__ = (
        one_of("task_type", TaskType),
        one_of("status", TaskStatus),
        at_most("prompt", LONGEST_KEPT_PROMPT),
        at_most("error_message", LONGEST_ERROR),
        at_most("aspect_ratio", LONGEST_NAME),
        at_most("model_version", LONGEST_NAME),
        at_most("rating_comment", LONGEST_COMMENT),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating_range"),
        *not_negative("tokens_used", "credits_deducted", "generation_time_ms", "storage_bytes"),
        CheckConstraint(
            "status <> 'completed' OR order_id IS NOT NULL OR aws_generated_key IS NOT NULL", name="completed_has_image"
        ),
        CheckConstraint("status <> 'failed' OR error_message IS NOT NULL", name="failed_has_error"),
        CheckConstraint("(status = 'pending') = (completed_at IS NULL)", name="finished_at"),
        Index(
            "ix_user_task_history_newest",
            "user_id",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_include=["status", "task_type", "favourite", "aspect_ratio"],
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(None, "user_id", "revision"),
        Index(None, "created_at"),
        Index("ix_user_task_history_bin", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
        Index("ix_user_task_history_order_id", "order_id", postgresql_where=text("order_id IS NOT NULL")),
        {"comment": "Users' task history. Row-level security: users see and change only their own"},
    )

    id: Mapped[UUID] = new_id()
    user_id: Mapped[UUID]
    task_type: Mapped[str]
    prompt: Mapped[str]
    original_image_url: Mapped[str | None] = mapped_column(comment="Where the original was given as an address")
    generated_image_url: Mapped[str | None] = mapped_column(comment="Address of the result outside our storage, if any")
    aws_original_key: Mapped[str | None] = mapped_column(comment="Key of the original in object storage")
    aws_generated_key: Mapped[str | None] = mapped_column(comment="Key of the result in object storage")
    tokens_used: Mapped[int | None] = mapped_column(comment="Null until known")
    credits_deducted: Mapped[int] = count("By our price table; 0 of a failed record, whose credits are refunded")
    status: Mapped[str] = mapped_column(server_default=text("'pending'"))
    error_message: Mapped[str | None]
    aspect_ratio: Mapped[str | None] = mapped_column(comment="Such as 3:4")
    model_version: Mapped[str | None]
    generation_time_ms: Mapped[int | None] = mapped_column(comment="Null until known")
    created_at: Mapped[datetime] = now()
    updated_at: Mapped[datetime] = now()
    completed_at: Mapped[datetime | None] = mapped_column(comment="When it was completed or failed")
    favourite: Mapped[bool] = mapped_column(server_default=text("false"))
    rating: Mapped[int | None] = mapped_column(SmallInteger, comment="1 to 5")
    rating_comment: Mapped[str | None]
    order_id: Mapped[str | None] = mapped_column(comment="Order whose picture it is; null of a record of the API")
    image_task_id: Mapped[str | None] = mapped_column(comment="Picture of the order, as in image_tasks")
    call_id: Mapped[str | None] = mapped_column(unique=True, comment="Model call of the order, one record each")
    storage_bytes: Mapped[int] = mapped_column(
        BigInteger, server_default=text("0"), comment="Size of its files in storage"
    )
    deleted_at: Mapped[datetime | None] = mapped_column(
        comment="In the bin: hidden and not counted, until the undo ends"
    )
    revision: Mapped[int] = mapped_column(
        BigInteger, server_default=text("0"), comment="Set at each write, rising; event id of the live page"
    )


class TaskStatisticsRow(Base):
    """The sums of a user's records in one period."""

    __tablename__ = "user_task_statistics"
    __table_args__ = (
        one_of("period_type", Period),
        UniqueConstraint("user_id", "period_type", "period_date"),
        Index("ix_user_task_statistics_day", "period_date", postgresql_where=text("period_type = 'day'")),
        Index("ix_user_task_statistics_storage", "total_storage_bytes", postgresql_where=text("period_type = 'all'")),
        {"comment": "Sums of the task history, kept by its triggers. Row-level security: users see only their own"},
    )

    id: Mapped[UUID] = new_id()
    user_id: Mapped[UUID]
    period_type: Mapped[str]
    period_date: Mapped[date] = mapped_column(comment="First day, in the shop's time zone; 1970-01-01 for all")
    total_tasks: Mapped[int] = count("Pending ones included")
    successful_tasks: Mapped[int] = count()
    failed_tasks: Mapped[int] = count()
    total_tokens_used: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    total_credits_deducted: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    total_generation_time_ms: Mapped[int] = mapped_column(
        BigInteger, server_default=text("0"), comment="Of completed tasks"
    )
    avg_generation_time_ms: Mapped[int] = mapped_column(
        BigInteger,
        Computed("CASE WHEN successful_tasks > 0 THEN total_generation_time_ms / successful_tasks ELSE 0 END", True),
        comment="Of completed tasks; 0 if there are none",
    )
    total_storage_bytes: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    created_at: Mapped[datetime] = now()
    updated_at: Mapped[datetime] = now()


class CreditRow(Base):
    """One entry of a user's account of credits."""

    __tablename__ = "credit_ledger"
    __table_args__ = (
        UniqueConstraint("user_id", "what", "task", postgresql_nulls_not_distinct=True),
        Index(None, "user_id", "at", postgresql_include=["what", "amount"]),
        Index("ix_credit_ledger_task", "task", postgresql_where=text("task IS NOT NULL")),
        {"comment": "Credits granted, charged and refunded; the balance is the sum. Rows are added, never changed"},
    )

    id: Mapped[UUID] = new_id()
    user_id: Mapped[UUID]
    what: Mapped[str] = mapped_column(comment="grant of a month, the type of a task, order, or refund")
    amount: Mapped[int] = mapped_column(comment="Positive adds credits, negative takes them")
    task: Mapped[UUID | None] = mapped_column(comment="Record that was charged or refunded; it may be deleted since")
    at: Mapped[datetime] = now()
