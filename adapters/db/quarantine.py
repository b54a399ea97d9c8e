"""Quarantines rows that Postgres rejects, so that all others are written, for staff to fix.

Only after a transaction was rejected are its rows written one by one, each in its own savepoint, so the normal case
has no overhead.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any, TypeAlias, cast

from pydantic_core import to_jsonable_python
from sqlalchemy import delete, func, inspect, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db.engine import outages
from adapters.db.models import Base, QuarantinedRow
from adapters.db.projection import Row
from adapters.db.writing import NOTHING, Part, Work, Writer, Written, write
from domain.vocabulary.errors import ValueRefused
from domain.vocabulary.quarantine import SetAside

LONGEST_ROW = 100_000  # characters of JSON
LONGEST_KEY = 200
LONGEST_REASON = 500
MOST_TOLD = 10  # rows per notice

Write: TypeAlias = Callable[[AsyncConnection], Awaitable[object]]

ASIDE = QuarantinedRow
TABLES = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}


class RowByRowWriter(Writer):
    """Writes each row separately, and quarantines those that are rejected."""

    async def write(self, parts: Sequence[Part]) -> list[Written]:
        """Write rows, and return what became of each part."""
        outcomes: list[Written] = []
        for part in parts:
            is_skipped = part.needs_newest and not outcomes[0].rows
            outcomes.append(NOTHING if is_skipped else await self._each(part))
        return outcomes

    async def step(self, table: type[Base], key: str, work: Work) -> None:
        """Do the work, or quarantine it if it is rejected."""
        try:
            await self._tried(work)
        except ValueRefused as error:
            await quarantine_row(self.connection, table, key, None, error)

    async def _each(self, part: Part) -> Written:
        written = [await self._row(part, row) for row in part.rows]
        return Written(sum(one.rows for one in written), any(one.has_changed for one in written))

    async def _row(self, part: Part, row: Row) -> Written:
        one = replace(part, rows=[row], needs_newest=False)
        try:
            return cast("Written", (await self._tried(partial(write, self.connection, [one])))[0])
        except ValueRefused as error:
            key = " ".join(str(row.get(column.name, "")) for column in inspect(part.table).primary_key)
            await quarantine_row(self.connection, part.table, key, row, error)
            return NOTHING

    async def _tried(self, work: Callable[[], Awaitable[Any]]) -> Any:
        with outages():
            async with self.connection.begin_nested():
                return await work()


async def quarantine_row(
    connection: AsyncConnection, table: type[Base], key: str, row: Row | None, refusal: ValueRefused
) -> None:
    """Store a rejected row; if it is already stored, update it without another notice."""
    said = json.dumps(to_jsonable_python(row, inf_nan_mode="strings", fallback=str), ensure_ascii=False)
    name = table.__tablename__
    kept = {
        "reason": str(refusal)[:LONGEST_REASON],
        "row": said[:LONGEST_ROW],
        "is_whole": row is not None and len(said) <= LONGEST_ROW,
    }
    facts = {
        "row_id": sha256(f"{name} {key}".encode(errors="replace")).hexdigest()[:16],
        "table_name": name,
        "key": key[:LONGEST_KEY],
        "created_at": func.clock_timestamp(),  # they are retried in order of arrival
        **kept,
    }
    await connection.execute(insert(ASIDE).values(facts).on_conflict_do_update(index_elements=["row_id"], set_=kept))


async def write_or_quarantine(
    engine: AsyncEngine,
    table: type[Base],
    key: str,
    write: Write,
    instead: Write | None = None,
    *,
    first: AsyncEngine | None = None,
) -> None:
    """Write in a transaction; if it is rejected, quarantine it and write the fallback instead.

    `first` is for the first try, if that needs no transaction.
    """
    try:
        with outages():
            async with (first or engine).begin() as connection:
                await write(connection)
    except ValueRefused as error:
        with outages():
            async with engine.begin() as connection:
                await quarantine_row(connection, table, key, None, error)
                if instead:
                    await instead(connection)


class Quarantine:
    """The table of quarantined rows. Each method raises OutsideUnavailable if Postgres is unavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def listing(self) -> list[SetAside]:
        """Return the quarantined rows, oldest first."""
        async with self._transaction() as connection:
            return await _found(connection)

    async def tell(self, staff: Callable[[list[SetAside]], Awaitable[None]]) -> None:
        """Notify staff of rows not reported yet; of several workers only one does."""
        async with self._transaction() as connection:
            lock = select(func.pg_try_advisory_xact_lock(func.hashtext("quarantine")))
            if not (await connection.execute(lock)).scalar():
                return
            if news := await _found(connection, is_untold=True):
                await staff(news)
                told = update(ASIDE).where(ASIDE.row_id.in_([row.row_id for row in news]))
                await connection.execute(told.values(told_at=func.now()))

    async def retry(self, row_id: str) -> None:
        """Retry a row, and delete it from the table if that succeeds. Raises ValueRefused, KeyError."""
        async with self._transaction() as connection:
            row = (await connection.execute(select(ASIDE.table_name, ASIDE.row).where(ASIDE.row_id == row_id))).one()
            table = TABLES[row.table_name]
            values = {name: value for name, value in json.loads(row.row).items() if name in table.__table__.columns}
            await write(connection, [Part("upsert" if "version" in values else "add", table, [values])])
            await connection.execute(delete(ASIDE).where(ASIDE.row_id == row_id))

    async def drop(self, row_id: str) -> bool:
        """Delete a row; return whether it existed."""
        async with self._transaction() as connection:
            gone = await connection.execute(delete(ASIDE).where(ASIDE.row_id == row_id).returning(ASIDE.row_id))
            return gone.first() is not None

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        with outages():
            async with self._engine.begin() as connection:
                yield connection


async def _found(connection: AsyncConnection, *, is_untold: bool = False) -> list[SetAside]:
    wanted = select(ASIDE.row_id, ASIDE.table_name, ASIDE.key, ASIDE.reason, ASIDE.is_whole, ASIDE.created_at)
    if is_untold:
        wanted = wanted.where(ASIDE.told_at.is_(None)).limit(MOST_TOLD)
    rows = (await connection.execute(wanted.order_by(ASIDE.created_at, ASIDE.row_id))).mappings()
    return [SetAside.model_validate(dict(row)) for row in rows]
