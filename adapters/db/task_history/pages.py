"""Reads a user's records: pages, ids, ranges, neighbours, exports and changes."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db.task_history.claims import as_user
from adapters.db.task_history.rows import (
    IS_SHOWN,
    NEWEST_FIRST,
    TASK,
    conditions_of,
    count_of,
    day_of,
    task_of,
)
from domain.task_history import cursor as cursors
from domain.task_history.records import MOST_IDS, Task, TaskFilter, TaskPage, TaskRef
from domain.task_history.users import User
from domain.vocabulary.errors import NoSuchTask

BATCH = 500  # records of an export read at once

Place: TypeAlias = tuple[datetime, UUID]


class TaskReader:
    """Lists of a user's records, newest first. Each method raises OutsideUnavailable if Postgres is unavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def page(
        self, user: User, wanted: TaskFilter, *, limit: int, page: int | None = None, cursor: str | None = None
    ) -> TaskPage:
        """Return a page by its number (from 1), or the one behind a cursor, which stays stable while records come in.

        Raises ValueError for an invalid cursor.
        """
        place = cursors.decode(cursor) if cursor else None
        offset = 0 if place else ((page or 1) - 1) * limit
        async with as_user(self._engine, user) as connection:
            total = await count_of(connection, wanted)
            tasks = await _tasks(connection, wanted, place, limit + 1, offset) if offset < max(total, 1) else []
        shown = tasks[:limit]
        return TaskPage(
            tasks=shown,
            total=total,
            page=None if place else page or 1,
            pages=-(-total // limit),
            next_cursor=cursors.encode(shown[-1].created_at, shown[-1].id) if len(tasks) > limit else None,
        )

    async def ids(self, user: User, wanted: TaskFilter, most: int = MOST_IDS) -> list[TaskRef]:
        """Return the ids of all records, in order, with the shop's day and the shape of each."""
        found = select(TASK.id, day_of(TASK.created_at), TASK.aspect_ratio).where(*conditions_of(wanted))
        async with as_user(self._engine, user) as connection:
            rows = await connection.execute(found.order_by(*NEWEST_FIRST).limit(most))
            return [TaskRef(*row) for row in rows]

    async def range(self, user: User, task_ids: Sequence[UUID]) -> list[Task]:
        """Return these records in the order of the ids; those that are gone are left out."""
        async with as_user(self._engine, user) as connection:
            rows = await connection.execute(select(*TASK).where(TASK.id.in_(task_ids), IS_SHOWN))
            found = {row["id"]: task_of(row) for row in rows.mappings()}
        return [found[task_id] for task_id in task_ids if task_id in found]

    async def around(self, user: User, wanted: TaskFilter, task_id: UUID) -> tuple[UUID | None, UUID | None]:
        """Return the ids of the next newer and the next older record of a list. Raises NoSuchTask."""
        place_of = select(TASK.created_at, TASK.id).where(TASK.id == task_id)
        matching = select(TASK.id).where(*conditions_of(wanted)).limit(1)
        async with as_user(self._engine, user) as connection:
            place = (await connection.execute(place_of)).one_or_none()
            if place is None:
                raise NoSuchTask(f"no record {task_id}")
            newer = matching.where(_place() > tuple_(*place)).order_by(TASK.created_at, TASK.id)
            older = matching.where(_place() < tuple_(*place)).order_by(*NEWEST_FIRST)
            return (
                (await connection.execute(newer)).scalar_one_or_none(),
                (await connection.execute(older)).scalar_one_or_none(),
            )

    async def stream(self, user: User, wanted: TaskFilter) -> AsyncIterator[Task]:
        """Yield all records in batches, each in a transaction of its own: a slow reader holds no connection."""
        place: Place | None = None
        while True:
            async with as_user(self._engine, user) as connection:
                batch = await _tasks(connection, wanted, place, BATCH)
            for task in batch:
                yield task
            if len(batch) < BATCH:
                return
            place = batch[-1].created_at, batch[-1].id

    async def latest_revision(self, user: User) -> int:
        """Return the revision of the last write to a user's records; 0 before the first."""
        async with as_user(self._engine, user) as connection:
            found: int = (await connection.execute(select(func.coalesce(func.max(TASK.revision), 0)))).scalar_one()
        return found

    async def changes(self, user: User, after_revision: int, limit: int = 100) -> list[Task]:
        """Return records written after a revision, oldest change first; those in the bin have a `deleted_at`."""
        found = select(*TASK).where(TASK.revision > after_revision).order_by(TASK.revision).limit(limit)
        async with as_user(self._engine, user) as connection:
            return [task_of(row) for row in (await connection.execute(found)).mappings()]


async def _tasks(
    connection: AsyncConnection, wanted: TaskFilter, place: Place | None, limit: int, offset: int = 0
) -> list[Task]:
    rows = (await connection.execute(listed(wanted, place, limit, offset))).mappings()
    return [task_of(row) for row in rows]


def listed(wanted: TaskFilter, place: Place | None, limit: int, offset: int = 0) -> Select[Any]:
    """Select records behind a place. Those that an offset skips are found by the index alone."""
    conditions = conditions_of(wanted) + ([_place() < tuple_(*place)] if place else [])
    if not offset:
        return select(*TASK).where(*conditions).order_by(*NEWEST_FIRST).limit(limit)
    skipped = select(TASK.id).where(*conditions).order_by(*NEWEST_FIRST).limit(limit).offset(offset)
    return select(*TASK).where(TASK.id.in_(skipped)).order_by(*NEWEST_FIRST)


def _place() -> ColumnElement[Any]:
    return tuple_(TASK.created_at, TASK.id)
