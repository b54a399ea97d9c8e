"""The table of dispatches to human designers."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from adapters.db.models.base import Base, now, word


class DispatchRow(Base):
    """One dispatch: a picture, or a question without an order, that designers are to do."""

    __tablename__ = "dispatches"
    __table_args__ = (
        Index(None, "designer", "assigned_at"),
        Index(None, "task_id"),
        Index(None, "opened_at"),
        {"comment": "What was given to human designers, by whom it was done, and how it ended"},
    )

    dispatch_id: Mapped[str] = mapped_column(primary_key=True, comment="Its workflow in Temporal")
    task_id: Mapped[str] = mapped_column(comment="Of the picture, or the id of a transfer without an order")
    order_id: Mapped[str | None]
    customer_id: Mapped[str]
    acc_id: Mapped[str] = mapped_column(comment="Shop account the customer talks to")
    reason: Mapped[str]
    dispatch_task_id: Mapped[str] = word("The dispatch system's id; empty until somebody has it")
    designer: Mapped[str] = word("Who has it")
    closing: Mapped[str] = word("How it ended, by the key of a phrase")
    opened_at: Mapped[datetime] = now()
    assigned_at: Mapped[datetime | None] = mapped_column(comment="When the designer was given it last")
    closed_at: Mapped[datetime | None]
