"""The tables of the calls to models, and of what came of them."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.db.columns import not_negative, one_of
from adapters.db.models.base import Base, count, new_id, now, word

CALL_STATUSES = ("processing", "completed", "failed", "interrupted")
KINDS = ("image", "analysis", "score")


class GenerationTaskRow(Base):
    """One call to a model; `task_id` is the id of the call, as the providers' own tables name it.

    It stands on its own: a first look is made before the order's first row.
    """

    __tablename__ = "image_generation_task"
    __table_args__ = (
        one_of("status", CALL_STATUSES),
        one_of("kind", KINDS),
        *not_negative("attempt", "cost", "latency_ms", "booked_cost", "expected_cost"),
        Index(None, "image_task_id", "attempt"),
        Index(None, "order_id"),
        Index(None, "created_at"),
        {"comment": "Calls to models, one row each, with their costs"},
    )

    id: Mapped[UUID] = new_id()
    task_id: Mapped[str] = mapped_column(unique=True, comment="Id of this call, not of the picture")
    image_task_id: Mapped[str] = mapped_column(comment="Task id of the picture")
    order_id: Mapped[str] = word("Order of that picture")
    kind: Mapped[str] = mapped_column(server_default=text("'image'"), comment="image, analysis or score")
    attempt: Mapped[int] = mapped_column(comment="Number of the attempt, counted over all rounds of the picture")
    provider: Mapped[str] = mapped_column(comment="gemini, seedream, or local for the packaged networks")
    input_image_url: Mapped[str | None] = mapped_column(comment="URL that the provider downloaded from, if it did")
    input_image_id: Mapped[str] = mapped_column(comment="Key of the input picture")
    prompt: Mapped[str]
    model: Mapped[str]
    size: Mapped[str]
    watermark: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="Whether the provider's watermark was requested"
    )
    status: Mapped[str] = mapped_column(comment="processing, completed, failed, or interrupted when its worker died")
    created_at: Mapped[datetime] = now()
    completed_at: Mapped[datetime | None]
    error_message: Mapped[str | None]
    api_response: Mapped[dict[str, Any] | None] = mapped_column(comment="The response, without image data")
    tokens: Mapped[dict[str, Any] | None] = mapped_column(comment='By modality: {"input": {...}, "output": {...}}')
    outcome: Mapped[str] = word("Outcome of the call, as in docs/models.md")
    is_told: Mapped[bool] = mapped_column(
        server_default=text("false"),
        comment="Staff were told; the same failure of other calls is not reported for a while",
    )
    cost: Mapped[Decimal | None] = mapped_column(comment="By our price table; null if unknown")
    cost_currency: Mapped[str | None]
    booked_cost: Mapped[Decimal | None] = mapped_column(
        comment="In the shop's currency, at the exchange rate at that time; null if unknown"
    )
    expected_cost: Mapped[Decimal] = count(
        "In the shop's currency; counted if the call may be billed and its cost is unknown"
    )
    latency_ms: Mapped[int | None]
    provider_request_id: Mapped[str | None]
    finish_reason: Mapped[str | None]
    possibly_billed: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="No response was stored, but the provider may bill the call"
    )


class GenerationResultRow(Base):
    """A deliverable that came of a call; a call may make several."""

    __tablename__ = "generation_result"
    __table_args__ = (
        UniqueConstraint("task_id", "generated_image_id"),
        *not_negative("file_size"),
        {"comment": "Files made from the responses of image models"},
    )

    id: Mapped[UUID] = new_id()
    task_id: Mapped[str] = mapped_column(ForeignKey(GenerationTaskRow.task_id), comment="Id of the call")
    generated_image_id: Mapped[str] = mapped_column(comment="Key of the file in object storage")
    generated_image_url: Mapped[str | None] = mapped_column(comment="Permanent public URL, if there is one")
    model: Mapped[str]
    content_type: Mapped[str]
    file_size: Mapped[int] = mapped_column(BigInteger, comment="Bytes")
    created_at: Mapped[datetime] = now()
    sha256: Mapped[str]
    qa_score: Mapped[int | None] = mapped_column(comment="From 0 (useless) to 100 (flawless)")
    qa_facts: Mapped[dict[str, Any] | None] = mapped_column(comment="Measurements of the quality check")


class GenerationParameterRow(Base):
    """One parameter of a call."""

    __tablename__ = "generation_parameter"
    __table_args__ = (
        UniqueConstraint("task_id", "parameter_name"),
        {"comment": "Parameters of the calls"},
    )

    id: Mapped[UUID] = new_id()
    task_id: Mapped[str] = mapped_column(ForeignKey(GenerationTaskRow.task_id), comment="Id of the call")
    parameter_name: Mapped[str]
    parameter_value: Mapped[str]
    created_at: Mapped[datetime] = now()
