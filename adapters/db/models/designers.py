"""The table of dispatches to human designers."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.db.models.base import Base, now, word


class DispatchRow(Base):
    """One dispatch: a picture, or a question without an order, that designers are to do."""

    __tablename__ = "dispatches"
    __table_args__ = (
        Index(None, "designer", "assigned_at"),
        Index(None, "task_id"),
        Index(None, "opened_at"),
        Index("ix_dispatches_open", "opened_at", postgresql_where=text("closed_at IS NULL")),
        Index(
            "ix_dispatches_questions_kept",
            "closed_at",
            postgresql_where=text("order_id IS NULL AND removed_at IS NULL"),
        ),
        {"comment": "Pictures and questions given to human designers, and how each dispatch ended"},
    )

    dispatch_id: Mapped[str] = mapped_column(primary_key=True, comment="Id of its workflow in Temporal")
    task_id: Mapped[str] = mapped_column(comment="Task id of the picture, or the id of a question without an order")
    order_id: Mapped[str | None]
    customer_id: Mapped[str]
    acc_id: Mapped[str] = mapped_column(comment="Shop account the customer talks to")
    reason: Mapped[str]
    dispatch_task_id: Mapped[str] = word("Task id in the dispatch system; empty until a designer is assigned")
    designer: Mapped[str] = word("The current designer")
    closing: Mapped[str] = word("How it ended: key of a phrase")
    opened_at: Mapped[datetime] = now()
    assigned_at: Mapped[datetime | None] = mapped_column(comment="When a designer was last assigned")
    closed_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None] = mapped_column(
        comment="When upkeep removed the words and files of a question for their age"
    )
