"""The tables that the gateway keeps for itself: keys of its callers, what they began, and what was asked already."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from adapters.db.models.base import Base, listed, now


class ApiKeyRow(Base):
    """One caller of the gateway. The key itself is nowhere: only its hash is kept."""

    __tablename__ = "api_keys"
    __table_args__ = ({"comment": "Callers of the gateway: chat bots and other agents"},)

    key_id: Mapped[str] = mapped_column(primary_key=True, comment="The public part of the key")
    name: Mapped[str] = mapped_column(unique=True, comment="Name of the caller, for logs and rate limits")
    hash: Mapped[str] = mapped_column(
        comment="SHA-256 of the whole key; a slow hash is unnecessary for 32 random bytes"
    )
    scopes: Mapped[list[str]] = listed("bot, agent")
    created_at: Mapped[datetime] = now()
    revoked_at: Mapped[datetime | None] = mapped_column(comment="When the key was revoked")


class BegunRow(Base):
    """Something that an agent began."""

    __tablename__ = "begun"
    __table_args__ = (
        Index(None, "begun_by"),
        {"comment": "Orders, questions and searches that agents began; an agent's key reaches only its own"},
    )

    name: Mapped[str] = mapped_column(primary_key=True, comment="Id of an order, a question to designers or a search")
    begun_by: Mapped[str] = mapped_column(comment="Name of the API key that began it")
    created_at: Mapped[datetime] = now()


class IdempotencyKeyRow(Base):
    """Something that was asked of the gateway, and which order it led to: asked again, it leads there again."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        Index(None, "created_at"),
        {"comment": "Requests and the order each one went to, so that a repeat reaches the same order"},
    )

    scope: Mapped[str] = mapped_column(primary_key=True, comment="Caller and purpose of the key")
    key: Mapped[str] = mapped_column(primary_key=True, comment="Idempotency-Key, event id or payment id")
    fingerprint: Mapped[str] = mapped_column(comment="SHA-256 of the request; a different request is not a repeat")
    order_id: Mapped[str] = mapped_column(comment="The order it went to, which may not have a row yet")
    created_at: Mapped[datetime] = now()
