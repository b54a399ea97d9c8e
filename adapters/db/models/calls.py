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
        {"comment": "Calls to models, one row each, with what they cost"},
    )

    id: Mapped[UUID] = new_id()
    task_id: Mapped[str] = mapped_column(unique=True, comment="Id of this call, not of the picture's task")
    image_task_id: Mapped[str] = mapped_column(comment="Picture it was made for")
    order_id: Mapped[str] = word("Order of that picture")
    kind: Mapped[str] = mapped_column(
        server_default=text("'image'"), comment="image, or a look at one: analysis, score"
    )
    attempt: Mapped[int] = mapped_column(comment="Attempt of the picture, counted over all rounds")
    provider: Mapped[str] = mapped_column(comment="gemini, seedream, or local for the packaged networks")
    input_image_url: Mapped[str | None] = mapped_column(comment="Address the provider fetched from, where it did")
    input_image_id: Mapped[str] = mapped_column(comment="Key of the picture that was sent")
    prompt: Mapped[str]
    model: Mapped[str]
    size: Mapped[str]
    watermark: Mapped[bool] = mapped_column(server_default=text("false"), comment="Provider's own mark was asked for")
    status: Mapped[str] = mapped_column(comment="processing, completed, failed, or interrupted when its worker died")
    created_at: Mapped[datetime] = now()
    completed_at: Mapped[datetime | None]
    error_message: Mapped[str | None]
    api_response: Mapped[dict[str, Any] | None] = mapped_column(comment="What was answered, without picture bytes")
    tokens: Mapped[dict[str, Any] | None] = mapped_column(comment='By modality: {"input": {...}, "output": {...}}')
    outcome: Mapped[str] = word("What it came to; docs/models.md tells each")
    is_told: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="Staff were told of it, and so not of the same of others for a while"
    )
    cost: Mapped[Decimal | None] = mapped_column(comment="By our price table; null when unknown")
    cost_currency: Mapped[str | None]
    booked_cost: Mapped[Decimal | None] = mapped_column(
        comment="In the shop's currency, by the exchange rate of the moment; null when unknown"
    )
    expected_cost: Mapped[Decimal] = count(
        "In the shop's currency, counted where it may be billed and the cost is unknown"
    )
    latency_ms: Mapped[int | None]
    provider_request_id: Mapped[str | None]
    finish_reason: Mapped[str | None]
    possibly_billed: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="No answer was kept, yet the provider may charge for it"
    )


class GenerationResultRow(Base):
    """A deliverable that came of a call; a call may make several."""

    __tablename__ = "generation_result"
    __table_args__ = (
        UniqueConstraint("task_id", "generated_image_id"),
        *not_negative("file_size"),
        {"comment": "Files made of what image models answered"},
    )

    id: Mapped[UUID] = new_id()
    task_id: Mapped[str] = mapped_column(ForeignKey(GenerationTaskRow.task_id), comment="Id of the call")
    generated_image_id: Mapped[str] = mapped_column(comment="Key of the file in object storage")
    generated_image_url: Mapped[str | None] = mapped_column(comment="Lasting public address, where there is one")
    model: Mapped[str]
    content_type: Mapped[str]
    file_size: Mapped[int] = mapped_column(BigInteger, comment="In bytes")
    created_at: Mapped[datetime] = now()
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

    id: Mapped[UUID] = new_id()
    task_id: Mapped[str] = mapped_column(ForeignKey(GenerationTaskRow.task_id), comment="Id of the call")
    parameter_name: Mapped[str]
    parameter_value: Mapped[str]
    created_at: Mapped[datetime] = now()
