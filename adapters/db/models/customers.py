"""The table of customers."""

from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.db.columns import not_negative, one_of
from adapters.db.models.base import Base, count, listed, word


class CustomerRow(Base):
    """One customer of a shop, column by column what domain.story.customers.Profile holds."""

    __tablename__ = "customers"
    __table_args__ = (
        one_of("email_status", ("", "sent", "refused")),
        *not_negative("orders", "high_value_orders", "revisions"),
        {"comment": "Profiles of customers, merged from their orders; customer ids are the platform's"},
    )

    acc_id: Mapped[str] = mapped_column(primary_key=True, comment="Shop account")
    customer_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = word()
    email: Mapped[str | None] = mapped_column(
        comment="Address that an e-mail was sent to; offered again, never used without asking"
    )
    email_status: Mapped[str] = word("sent, or refused, in which case the address was dropped")
    requirement_history: Mapped[list[dict[str, Any]]] = listed("Requirements, one entry per task, newest first")
    complexity_history: Mapped[list[dict[str, Any]]] = listed("Complexity, one entry per task, newest first")
    last_picture: Mapped[str | None] = mapped_column(comment="Key of the original in object storage")
    last_prompt: Mapped[str] = word("Prompt from the analysis of the last picture")
    last_aspect_ratio: Mapped[str] = word()
    last_perspective: Mapped[str] = word()
    orders: Mapped[int] = count()
    high_value_orders: Mapped[int] = count()
    revisions: Mapped[int] = count("Revision rounds over all orders")
    spent: Mapped[Decimal] = count("Payments minus refunds, in `currency`")
    currency: Mapped[str | None] = mapped_column(comment="Currency of the newest order")
    tags: Mapped[list[str]] = listed("new, returning, high_value, often_revises..., computed from the rest")
    sources: Mapped[dict[str, Any]] = mapped_column(
        server_default=text("'{}'"), comment="Order from which name, email and picture are known"
    )
