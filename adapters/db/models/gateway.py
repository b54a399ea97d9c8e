"""The tables that the gateway keeps for itself: keys, sessions, what agents began, and what was asked already."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from adapters.db.models.base import Base, listed, new_id, now


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


class SessionRow(Base):
    """A browser in which somebody is signed in. The cookie itself is nowhere: only its hash is kept."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index(None, "user_id"),
        Index(None, "expires_at"),
        {"comment": "Browsers in which users and staff are signed in; a row goes when its session ends"},
    )

    id: Mapped[UUID] = new_id()
    hash: Mapped[str] = mapped_column(unique=True, comment="SHA-256 of the cookie")
    user_id: Mapped[UUID] = mapped_column(comment="`sub` of the token that was signed in with")
    role: Mapped[str] = mapped_column(comment="user or staff")
    plan: Mapped[str] = mapped_column(comment="`plan` of the token")
    name: Mapped[str] = mapped_column(comment="What others see of a staff member; empty for a user")
    client: Mapped[str] = mapped_column(comment="Browser and system, such as `Firefox, Linux`")
    token_id: Mapped[str] = mapped_column(comment="SHA-256 of the token without its signature")
    token_issued_at: Mapped[datetime]
    token_expires_at: Mapped[datetime]
    started_at: Mapped[datetime] = now()
    seen_at: Mapped[datetime] = mapped_column(comment="When its owner last did something, within a minute")
    expires_at: Mapped[datetime] = mapped_column(comment="When it ends, whatever is done with it")


class RevocationRow(Base):
    """Tokens that are refused though they have not expired."""

    __tablename__ = "token_revocations"
    __table_args__ = (
        Index(None, "expires_at"),
        {"comment": "Tokens that are refused: one that was signed out, all of a person, or all of everybody"},
    )

    subject: Mapped[str] = mapped_column(primary_key=True, comment="`token HASH`, `user UUID` or `everybody`")
    issued_until: Mapped[datetime] = mapped_column(comment="Tokens that were issued until then are refused")
    expires_at: Mapped[datetime] = mapped_column(comment="When the last of these tokens has expired by itself")
