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
        {"comment": "Profiles of customers, merged from their orders; ids of customers are the platform's"},
    )

    acc_id: Mapped[str] = mapped_column(primary_key=True, comment="Shop account")
    customer_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = word()
    email: Mapped[str | None] = mapped_column(comment="One that a letter went out to; offered, never used unasked")
    email_status: Mapped[str] = word("sent; or refused, and the address was dropped")
    requirement_history: Mapped[list[dict[str, Any]]] = listed("What was wanted, one entry a task, newest first")
    complexity_history: Mapped[list[dict[str, Any]]] = listed("How hard it was, one entry a task, newest first")
    last_picture: Mapped[str | None] = mapped_column(comment="Key of the original in object storage")
    last_prompt: Mapped[str] = word("Of the analysis of the last picture")
    last_aspect_ratio: Mapped[str] = word()
    last_perspective: Mapped[str] = word()
    orders: Mapped[int] = count()
    high_value_orders: Mapped[int] = count()
    revisions: Mapped[int] = count("Rounds the customer asked for, over all orders")
    spent: Mapped[Decimal] = count("Paid less refunded, in the currency that stands beside it")
    currency: Mapped[str | None] = mapped_column(comment="That of the newest order")
    tags: Mapped[list[str]] = listed("new, returning, high_value, often_revises..., computed from the rest")
    sources: Mapped[dict[str, Any]] = mapped_column(
        server_default=text("'{}'"), comment="Which order name, email and picture are known from"
    )
