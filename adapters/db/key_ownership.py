"""Records which API key started what; an agent has access to nothing else."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.engine import outages
from adapters.db.models import BegunRow


class KeyOwnership:
    """The table `begun`. Each method raises OutsideUnavailable if Postgres is unavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def record(self, name: str, begun_by: str) -> None:
        """Record who started an order, a question to designers or a search; the first record wins."""
        row = insert(BegunRow).values(name=name, begun_by=begun_by).on_conflict_do_nothing()
        with outages():
            async with self._engine.begin() as connection:
                await connection.execute(row)

    async def owned(self, names: Collection[str], begun_by: str) -> frozenset[str]:
        """Return which of these were started by this key."""
        found = select(BegunRow.name).where(BegunRow.name.in_(names), BegunRow.begun_by == begun_by)
        with outages():
            async with self._engine.connect() as connection:
                return frozenset((await connection.execute(found)).scalars())
