"""Idempotency keys of the gateway: a repeat gets the same order, question or search as the first request."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db.engine import outages
from adapters.db.models import IdempotencyKeyRow
from domain.vocabulary.errors import OutsideUnavailable


@dataclass(frozen=True)
class FirstUse:
    """The target of the first request with a key."""

    went_to: str  # id of an order, a question to designers or a search
    fingerprint: str


class IdempotencyKeys:
    """The table of idempotency keys. Each method raises OutsideUnavailable if Postgres is unavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def find(self, scope: str, key: str) -> FirstUse | None:
        """Return the first use of a key, if any."""
        with outages():
            async with self._engine.connect() as connection:
                return await _found(connection, scope, key)

    async def remember(self, scope: str, key: str, fingerprint: str, went_to: str) -> FirstUse:
        """Record the target of a request, unless its key was used before; return the first use."""
        row = {"scope": scope, "key": key, "fingerprint": fingerprint, "order_id": went_to}
        noted = insert(IdempotencyKeyRow).values(row).on_conflict_do_nothing().returning(IdempotencyKeyRow.key)
        with outages():
            async with self._engine.begin() as connection:
                if (await connection.execute(noted)).first():
                    return FirstUse(went_to, fingerprint)
                found = await _found(connection, scope, key)
        if found is None:  # deleted by upkeep at the same moment
            raise OutsideUnavailable("a concurrent request with the same key failed; retry")
        return found


async def _found(connection: AsyncConnection, scope: str, key: str) -> FirstUse | None:
    named = (IdempotencyKeyRow.scope == scope) & (IdempotencyKeyRow.key == key)
    row = (
        await connection.execute(select(IdempotencyKeyRow.order_id, IdempotencyKeyRow.fingerprint).where(named))
    ).one_or_none()
    return FirstUse(row.order_id, row.fingerprint) if row else None
