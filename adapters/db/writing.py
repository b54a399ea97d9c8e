"""The two ways to write rows: as a snapshot (upsert), or as immutable facts (insert)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from sqlalchemy import inspect
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.db.models import Base
from adapters.db.projection import Row

Work: TypeAlias = Callable[[], Awaitable[object]]


async def upsert(connection: AsyncConnection, table: type[Base], rows: Sequence[Row]) -> int:
    """Upsert rows unless the stored ones are newer, and return how many; other columns are kept."""
    if not rows:
        return 0
    statement = insert(table)
    key = [column.name for column in inspect(table).primary_key]
    fresh = {name: statement.excluded[name] for name in rows[0] if name not in {*key, "created_at"}}
    is_not_newer = inspect(table).columns["version"] <= statement.excluded["version"]
    return await _written(
        connection, table, statement.on_conflict_do_update(index_elements=key, set_=fresh, where=is_not_newer), rows
    )


async def add(connection: AsyncConnection, table: type[Base], rows: Sequence[Row]) -> int:
    """Insert the rows that do not exist yet, and return how many; existing ones never change."""
    return await _written(connection, table, insert(table).on_conflict_do_nothing(), rows) if rows else 0


async def _written(connection: AsyncConnection, table: type[Base], statement: Insert, rows: Sequence[Row]) -> int:
    result = await connection.execute(statement.returning(*inspect(table).primary_key), rows)
    return len(result.all())


class Writer:
    """Writes the rows of a table in one statement."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def upsert(self, table: type[Base], rows: Sequence[Row]) -> int:
        """Write rows of a snapshot, return how many."""
        return await upsert(self.connection, table, rows)

    async def add(self, table: type[Base], rows: Sequence[Row]) -> int:
        """Add facts, return how many were new."""
        return await add(self.connection, table, rows)

    async def step(self, table: type[Base], key: str, work: Work) -> None:  # noqa: ARG002 - used by the row-by-row writer
        """Do work of several statements on a table, all or nothing; `key` identifies it."""
        await work()
