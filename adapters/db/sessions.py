"""Sessions of users and staff, and tokens that are refused before they expire. Only hashes of cookies are stored."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db.engine import outages
from adapters.db.models import RevocationRow, SessionRow
from adapters.identity.tokens import LEEWAY, SignIn
from domain.task_history.users import Role, User
from domain.vocabulary.errors import TokenRefused

MOST = 20  # sessions of one person; the one that was not used for longest makes room
NOTED_EVERY = timedelta(minutes=1)  # how exact `seen_at` is: not every request is a write
LONGEST_TOKEN = timedelta(days=366)  # that we issue; a token of an identity provider should be far shorter
SIGNED_OUT = "this token was signed out, or its session was ended: sign in with a new one"
ROW, REVOKED = SessionRow, RevocationRow
EVERYBODY = "everybody"


@dataclass(frozen=True)
class Session:
    """A browser in which somebody is signed in. `name` of the user is known of staff only."""

    session_id: UUID
    user: User
    client: str
    started_at: datetime
    seen_at: datetime
    expires_at: datetime


def hash_of(cookie: str) -> str:
    """Return the hash of a cookie; a fast hash is enough, as 2^256 cookies cannot be tried."""
    return sha256(cookie.encode()).hexdigest()


class Sessions:
    """The sessions. Each method raises OutsideUnavailable if Postgres is unavailable."""

    def __init__(self, engine: AsyncEngine, *, longest: timedelta, idle: timedelta) -> None:
        """Take how long a session lasts at most, and how long if nothing is done in it."""
        self._engine = engine
        self._longest = longest
        self._idle = idle

    async def begin(self, signed: SignIn, client: str, instead_of: str = "") -> tuple[str, Session]:
        """Begin a session, which replaces that of the browser; return its cookie. Raises TokenRefused."""
        cookie, user, now = secrets.token_urlsafe(32), signed.user, func.now()
        is_staff = user.role == "staff"
        begun = insert(ROW).values(
            hash=hash_of(cookie), user_id=user.user_id, role=user.role, plan=user.plan,
            name=user.name if is_staff else "", client=client, token_id=signed.token_id,
            token_issued_at=signed.issued_at, token_expires_at=signed.expires_at, seen_at=now,
            expires_at=func.least(now + self._longest, signed.expires_at),
        )  # fmt: skip
        newest = select(ROW.id).where(ROW.user_id == user.user_id).order_by(ROW.seen_at.desc(), ROW.id.desc())
        with outages():
            async with self._engine.begin() as connection:
                if await _is_revoked(connection, signed):
                    raise TokenRefused(SIGNED_OUT)
                await connection.execute(delete(ROW).where(ROW.hash == hash_of(instead_of)))
                row = (await connection.execute(begun.returning(*ROW.__table__.columns))).one()
                extra = ROW.id.in_(newest.offset(MOST))
                await connection.execute(delete(ROW).where(ROW.user_id == user.user_id, extra))
        return cookie, _session(row)

    async def find(self, cookie: str, *, is_active: bool) -> Session | None:
        """Return a session that has not ended; if its owner did something, note when."""
        found = select(*ROW.__table__.columns).where(ROW.hash == hash_of(cookie), *self._is_open())
        with outages():
            async with self._engine.connect() as connection:
                row = (await connection.execute(found)).first()
                if row is None:
                    return None
                if is_active:
                    due = update(ROW).where(ROW.id == row.id, ROW.seen_at < func.now() - NOTED_EVERY)
                    noted = due.values(seen_at=func.now()).returning(*ROW.__table__.columns)
                    row = (await connection.execute(noted)).first() or row
                    await connection.commit()
        return _session(row)

    async def of(self, user_id: UUID, role: Role | None = None) -> Sequence[Session]:
        """Return the sessions of a person, the last used first."""
        theirs = [ROW.user_id == user_id, *self._is_open(), *([ROW.role == role] if role else [])]
        found = select(*ROW.__table__.columns).where(*theirs).order_by(ROW.seen_at.desc(), ROW.id.desc())
        with outages():
            async with self._engine.connect() as connection:
                return [_session(row) for row in await connection.execute(found)]

    async def end(self, user: User, session_ids: Sequence[UUID]) -> None:
        """End sessions of a user in this role, and refuse from now on the tokens that began them. Idempotent."""
        theirs = (ROW.user_id == user.user_id) & (ROW.role == user.role) & ROW.id.in_(session_ids)
        ended = delete(ROW).where(theirs).returning(ROW.token_id, ROW.token_expires_at)
        with outages():
            async with self._engine.begin() as connection:
                for token_id, expires_at in (await connection.execute(ended)).all():
                    await _revoke(connection, f"token {token_id}", expires_at + LEEWAY)

    async def end_all(self, user_id: UUID | None) -> tuple[int, datetime]:
        """End all sessions of a person, of everybody without one, and refuse all tokens that were issued until now.

        Return how many sessions there were, and until when a token must have been issued to be refused: clocks of who
        issues tokens may be ahead of ours.
        """
        theirs = delete(ROW) if user_id is None else delete(ROW).where(ROW.user_id == user_id)
        subject = EVERYBODY if user_id is None else f"user {user_id}"
        with outages():
            async with self._engine.begin() as connection:
                until = await _revoke(connection, subject, func.now() + LONGEST_TOKEN)
                return (await connection.execute(theirs)).rowcount, until

    async def is_refused(self, signed: SignIn) -> bool:
        """Whether a token was signed out, or all tokens of its user were ended."""
        with outages():
            async with self._engine.connect() as connection:
                return await _is_revoked(connection, signed)

    def _is_open(self) -> list[ColumnElement[bool]]:
        """Whether a session has not ended. One that somebody was just beginning when all were ended has ended, too."""
        is_ended = exists().where(
            or_(REVOKED.subject == func.concat("user ", ROW.user_id), REVOKED.subject == EVERYBODY),
            REVOKED.issued_until >= ROW.token_issued_at,
        )
        return [ROW.expires_at > func.now(), ROW.seen_at > func.now() - self._idle, ~is_ended]


async def _is_revoked(connection: AsyncConnection, signed: SignIn) -> bool:
    subjects = (f"token {signed.token_id}", f"user {signed.user.user_id}", EVERYBODY)
    found = select(REVOKED.subject).where(REVOKED.subject.in_(subjects), REVOKED.issued_until >= signed.issued_at)
    return (await connection.execute(found.limit(1))).first() is not None


async def _revoke(connection: AsyncConnection, subject: str, expires_at: Any) -> datetime:
    """Refuse the tokens of a subject that were issued until now, by a clock that may be ahead of ours."""
    until = func.now() + LEEWAY
    statement = insert(REVOKED).values(subject=subject, issued_until=until, expires_at=expires_at)
    renewed = statement.on_conflict_do_update(
        index_elements=[REVOKED.subject],
        set_={"issued_until": statement.excluded.issued_until, "expires_at": statement.excluded.expires_at},
    )
    return (await connection.execute(renewed.returning(REVOKED.issued_until))).scalar_one()


def _session(row: Row[Any]) -> Session:
    user = User(row.user_id, cast("Role", row.role), row.plan, row.name)
    return Session(row.id, user, row.client, row.started_at, row.seen_at, row.expires_at)
