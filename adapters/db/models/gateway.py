"""The tables that the gateway keeps for itself: keys of its callers, what they began, and what was asked already."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from adapters.db.models.base import Base, listed, now


class ApiKeyRow(Base):
    """One caller of the gateway. The key itself is nowhere: only its hash is kept."""

    __tablename__ = "api_keys"
    __table_args__ = ({"comment": "Callers of the gateway: chat bots and other agents"},)

    key_id: Mapped[str] = mapped_column(primary_key=True, comment="The part of a key that is no secret")
    name: Mapped[str] = mapped_column(unique=True, comment="Whose it is; logs and rate limits go by it")
    hash: Mapped[str] = mapped_column(comment="SHA-256 of the whole key: 32 random bytes need no slower one")
    scopes: Mapped[list[str]] = listed("bot, agent")
    created_at: Mapped[datetime] = now()
    revoked_at: Mapped[datetime | None] = mapped_column(comment="From then on it opens nothing")


class BegunRow(Base):
    """Something that an agent began."""

    __tablename__ = "begun"
    __table_args__ = (
        Index(None, "begun_by"),
        {"comment": "What agents began: their keys reach nothing else"},
    )

    name: Mapped[str] = mapped_column(primary_key=True, comment="Id of an order, a question to designers or a search")
    begun_by: Mapped[str] = mapped_column(comment="Name of the API key that began it")
    created_at: Mapped[datetime] = now()


class IdempotencyKeyRow(Base):
    """Something that was asked of the gateway, and which order it led to: asked again, it leads there again."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        Index(None, "created_at"),
        {"comment": "What was asked and which order it went to, so that a repeat meets the same order; kept 30 days"},
    )

    scope: Mapped[str] = mapped_column(primary_key=True, comment="Whose keys these are, and for what")
    key: Mapped[str] = mapped_column(primary_key=True, comment="Idempotency-Key, event id or payment id")
    fingerprint: Mapped[str] = mapped_column(comment="SHA-256 of what was asked: another thing is no repeat")
    order_id: Mapped[str] = mapped_column(comment="Where it went; the order may not be on record yet")
    created_at: Mapped[datetime] = now()
