"""The ways to write rows, each a statement made from the table's own columns that takes its rows as one JSON parameter.

Statements with a fixed text are prepared once; building, hashing and binding a statement for each row costs more than
running it. Several can be joined into one statement, which is one round trip and all or nothing.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from pydantic_core import to_jsonable_python
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.db.columns import as_document, in_utc, storable
from adapters.db.models import Base
from adapters.db.projection import Row

Work: TypeAlias = Callable[[], Awaitable[object]]
Kind: TypeAlias = Literal["upsert", "add", "refresh"]


@dataclass(frozen=True)
class Part:
    """Rows of one table and how they are written.

    `upsert` writes a snapshot unless the stored one is newer, and keeps other columns; `add` inserts facts that are not
    there yet; `refresh` updates the columns in `watched` where they differ. For an upsert, `watched` are the columns
    whose change is reported.
    """

    kind: Kind
    table: type[Base]
    rows: Sequence[Row]
    watched: tuple[str, ...] = ()
    needs_newest: bool = False  # only if the first part of the statement wrote a row


@dataclass(frozen=True)
class Written:
    """What became of a part: the number of rows written, and whether a watched column of one changed."""

    rows: int
    has_changed: bool


NOTHING = Written(0, has_changed=False)


async def write(connection: AsyncConnection, parts: Sequence[Part]) -> list[Written]:
    """Write all parts in one statement, the first part first; parts may have no rows."""
    named = [(f"part_{number}", part) for number, part in enumerate(parts) if part.rows]
    first = named[0][0]
    steps = [f"{name} AS ({_statement(part, name, first if name != first else '')})" for name, part in named]
    counts = [f"(SELECT count(*) FROM {name}), (SELECT bool_or(changed) FROM {name})" for name, _ in named]  # noqa: S608
    statement = text(f"WITH {', '.join(steps)} SELECT {', '.join(counts)}")
    found = (await connection.execute(statement, {name: _json(part) for name, part in named})).one()
    outcomes = {name: Written(found[2 * n], bool(found[2 * n + 1])) for n, (name, _) in enumerate(named)}
    return [outcomes.get(f"part_{number}", NOTHING) for number in range(len(parts))]


async def add(connection: AsyncConnection, table: type[Base], rows: Sequence[Row]) -> int:
    """Insert the rows that do not exist yet, and return how many; existing ones never change."""
    return (await write(connection, [Part("add", table, rows)]))[0].rows if rows else 0


class Writer:
    """Writes the parts of a snapshot in one statement."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def write(self, parts: Sequence[Part]) -> list[Written]:
        """Write rows, and return what became of each part."""
        return await write(self.connection, parts)

    async def add(self, table: type[Base], rows: Sequence[Row]) -> int:
        """Add facts, return how many were new."""
        return (await self.write([Part("add", table, rows)]))[0].rows if rows else 0

    async def step(self, table: type[Base], key: str, work: Work) -> None:  # noqa: ARG002 - used by the row-by-row writer
        """Do work of several statements on a table, all or nothing; `key` identifies it."""
        await work()


def _statement(part: Part, parameter: str, after: str) -> str:
    return _sql(part.kind, part.table, tuple(part.rows[0]), part.watched, parameter, after, part.needs_newest)


@lru_cache(maxsize=200)
def _sql(
    kind: Kind,
    table: type[Base],
    names: tuple[str, ...],
    watched: tuple[str, ...],
    parameter: str,
    after: str,
    needs_newest: bool,
) -> str:
    """Return the statement of a part.

    A part that comes after another one waits for it, so that concurrent snapshots of an order lock its row first.
    """
    to, key = table.__tablename__, [column.name for column in inspect(table).primary_key]
    columns = ", ".join(f'"{name}"' for name in names)
    rows = f"jsonb_populate_recordset(NULL::{to}, CAST(:{parameter} AS jsonb))"
    is_its_turn = "> 0" if needs_newest else ">= 0"
    waits = f"(SELECT count(*) FROM {after}) {is_its_turn}" if after else "true"  # noqa: S608 - our own names
    if kind == "refresh":
        fresh = ", ".join(f'"{name}" = fresh."{name}"' for name in watched)
        same = " AND ".join(f'{to}."{name}" = fresh."{name}"' for name in key)
        differs = " OR ".join(f'{to}."{name}" IS DISTINCT FROM fresh."{name}"' for name in watched)
        return (
            f"UPDATE {to} SET {fresh} FROM {rows} AS fresh WHERE {same} AND ({differs}) AND {waits} "  # noqa: S608
            "RETURNING true AS changed"
        )
    insert = f"INSERT INTO {to} ({columns}) SELECT {columns} FROM {rows} WHERE {waits}"  # noqa: S608 - our own names
    if kind == "add":
        return f"{insert} ON CONFLICT DO NOTHING RETURNING true AS changed"
    fresh = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in {*key, "created_at"})
    differs = " OR ".join(["old.version IS NULL", *(f'old."{name}" IS DISTINCT FROM new."{name}"' for name in watched)])
    return (
        f"{insert} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {fresh} WHERE {to}.version <= excluded.version "
        f"RETURNING ({differs}) AS changed"
    )


def as_json(row: Row) -> str:
    """Return a row as JSON that Postgres reads back as the types of its columns."""
    return json.dumps({name: _value(value) for name, value in row.items()}, ensure_ascii=False)


def _json(part: Part) -> str:
    return f"[{', '.join(map(as_json, part.rows))}]"


def _value(value: Any) -> Any:
    """Return a value as JSON that Postgres reads back as the column's type, cleaned as the column types do."""
    if isinstance(value, datetime):
        moment = in_utc(value)
        return moment and moment.isoformat()
    if isinstance(value, dict | list):
        return as_document(value)
    return storable(to_jsonable_python(value, fallback=str))
