"""What was asked of the gateway already, and where it went: a repeat must meet the same order, question or search."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db.engine import outages
from adapters.db.models import IdempotencyKeyRow
from domain.vocabulary.errors import OutsideUnavailable

KEPT = timedelta(days=30)  # an order's id is remembered by Temporal for as long after its end


@dataclass(frozen=True)
class FirstUse:
    """Where something went when it was asked first."""

    went_to: str  # an order, a question to designers or a search
    fingerprint: str


class IdempotencyKeys:
    """The table of what was asked. Each method raises OutsideUnavailable while Postgres is away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def find(self, scope: str, key: str) -> FirstUse | None:
        """Return where something went, if it was asked before."""
        with outages():
            async with self._engine.connect() as connection:
                return await _found(connection, scope, key)

    async def remember(self, scope: str, key: str, fingerprint: str, went_to: str) -> FirstUse:
        """Note where something goes, unless it was asked before; return where it went the first time."""
        row = {"scope": scope, "key": key, "fingerprint": fingerprint, "order_id": went_to}
        noted = insert(IdempotencyKeyRow).values(row).on_conflict_do_nothing().returning(IdempotencyKeyRow.key)
        with outages():
            async with self._engine.begin() as connection:
                await connection.execute(
                    delete(IdempotencyKeyRow).where(IdempotencyKeyRow.created_at < datetime.now(UTC) - KEPT)
                )
                if (await connection.execute(noted)).first():
                    return FirstUse(went_to, fingerprint)
                found = await _found(connection, scope, key)
        if found is None:  # somebody took it back this very moment
            raise OutsideUnavailable("the same was asked and failed at this very moment; ask again")
        return found


async def _found(connection: AsyncConnection, scope: str, key: str) -> FirstUse | None:
    named = (IdempotencyKeyRow.scope == scope) & (IdempotencyKeyRow.key == key)
    row = (
        await connection.execute(select(IdempotencyKeyRow.order_id, IdempotencyKeyRow.fingerprint).where(named))
    ).one_or_none()
    return FirstUse(row.order_id, row.fingerprint) if row else None
