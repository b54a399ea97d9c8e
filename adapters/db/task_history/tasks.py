"""Writes a user's records; each method is one transaction."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Interval, Update, delete, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db.models import TaskRow
from adapters.db.task_history.claims import as_user
from adapters.db.task_history.rows import IS_SHOWN, TASK, task_of
from adapters.db.task_history.usage import grant, usage_of
from domain.task_history.plans import Plan, check_new, check_upload
from domain.task_history.records import GRACE, UNDO, Binned, Completion, NewTask, Task, TaskStatus
from domain.task_history.users import User
from domain.vocabulary import ids
from domain.vocabulary.errors import NoSuchTask, TaskFinished, UndoExpired

UNDO_ENDED = TASK.deleted_at < func.now() - literal(UNDO + GRACE, Interval)


class TaskHistory:
    """A user's records. Each method raises OutsideUnavailable if Postgres is unavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(self, user: User, new: NewTask, *, plan: Plan, price: int, task_id: UUID | None = None) -> Task:
        """Create a pending record, charge its price, and grant the month's credits if they are due.

        If a record was created with this id before, return it instead. Raises QuotaSpent.
        """
        row: dict[str, Any] = {
            "user_id": user.user_id,
            "task_type": new.task_type.value,
            "prompt": new.prompt,
            "aspect_ratio": new.aspect_ratio,
            "model_version": new.model_version,
            "credits_deducted": price,
        }
        async with as_user(self._engine, user, writes=True) as connection:
            if task_id is not None:
                with suppress(NoSuchTask):
                    return await _task(connection, task_id, in_bin=True)
                row["id"] = task_id
            usage, due = await usage_of(connection, plan)
            check_new(plan, usage, price)
            await grant(connection, user, plan, usage.month, due)
            made = await connection.execute(insert(TaskRow).values(row).returning(*TASK))
            return task_of(made.mappings().one())

    async def task(self, user: User, task_id: UUID) -> Task:
        """Return a record. Raises NoSuchTask."""
        async with as_user(self._engine, user) as connection:
            return await _task(connection, task_id)

    async def set_original(
        self, user: User, task_id: UUID, key: str, *, size: int, plan: Plan
    ) -> tuple[Task, str | None]:
        """Set the original of a pending record; return the record, and the key of the file it replaces, if any.

        `size` is the number of bytes stored for it. Raises NoSuchTask, TaskFinished, QuotaSpent, PlanForbids.
        """
        async with as_user(self._engine, user, writes=True) as connection:
            before = await _task(connection, task_id)
            if before.status is not TaskStatus.PENDING:
                raise TaskFinished(f"the record {task_id} is {before.status}: its original stays")
            usage, _ = await usage_of(connection, plan)
            check_upload(plan, usage, size, replaced=before.storage_bytes)
            task = await _changed(connection, task_id, aws_original_key=key, storage_bytes=size)
        return task, before.aws_original_key if before.aws_original_key != key else None

    async def complete(self, user: User, task_id: UUID, completion: Completion, *, size: int = 0) -> Task:
        """Complete or fail a pending record, also one in the bin; a finished one is returned unchanged.

        A failed one gets its credits back. `size` is the number of bytes stored for the result. Raises NoSuchTask.
        """
        async with as_user(self._engine, user, writes=True) as connection:
            before = await _task(connection, task_id, in_bin=True)
            if before.status is not TaskStatus.PENDING:
                return before
            has_image = completion.generated_key is not None
            return await _changed(
                connection,
                task_id,
                status=(TaskStatus.COMPLETED if has_image else TaskStatus.FAILED).value,
                aws_generated_key=completion.generated_key,
                error_message=None if has_image else completion.error_message,
                tokens_used=completion.tokens_used,
                generation_time_ms=completion.generation_time_ms,
                completed_at=func.now(),
                storage_bytes=before.storage_bytes + size,
            )

    async def mark_favourite(self, user: User, task_id: UUID, favourite: bool) -> Task:
        """Mark a record as a favourite, or no longer. Raises NoSuchTask."""
        async with as_user(self._engine, user, writes=True) as connection:
            return await _changed(connection, task_id, favourite=favourite)

    async def rate(self, user: User, task_id: UUID, rating: int, comment: str | None) -> Task:
        """Rate a record from 1 to 5. Raises NoSuchTask, ValueRefused for any other number."""
        async with as_user(self._engine, user, writes=True) as connection:
            return await _changed(connection, task_id, rating=rating, rating_comment=comment)

    async def delete(self, user: User, task_id: UUID) -> list[str]:
        """Delete a record, and return the folders in storage to be deleted now. Raises NoSuchTask."""
        gone = delete(TaskRow).where(TASK.id == task_id, IS_SHOWN).returning(TASK.id)
        async with as_user(self._engine, user, writes=True) as connection:
            if (await connection.execute(gone)).first() is None:
                raise NoSuchTask(f"no record {task_id}")
        return [folder_of(user.user_id, task_id)]

    async def put_in_bin(self, user: User, task_ids: Sequence[UUID]) -> Binned:
        """Hide records, which can be taken out of the bin until the time returned; ids of no record are ignored."""
        binned = _update(task_ids, IS_SHOWN, deleted_at=func.now()).returning(TASK.deleted_at)
        async with as_user(self._engine, user, writes=True) as connection:
            found = (await connection.execute(binned)).scalars().all()
        return Binned(len(found), (found[0] if found else datetime.now(UTC)) + UNDO)

    async def take_out_of_bin(self, user: User, task_ids: Sequence[UUID]) -> int:
        """Show records of the bin again, and return how many. Raises UndoExpired if it is too late for all of them."""
        undone = _update(task_ids, TASK.deleted_at.is_not(None), ~UNDO_ENDED, deleted_at=None).returning(TASK.id)
        shown = select(func.count()).where(TASK.id.in_(task_ids), IS_SHOWN)
        async with as_user(self._engine, user, writes=True) as connection:
            count = len((await connection.execute(undone)).all())
            if not count and (await connection.execute(shown)).scalar_one() < len(set(task_ids)):
                raise UndoExpired("these records are deleted: the 10 seconds to undo it have passed")
        return count

    async def empty_bin(self, user: User) -> list[Task]:
        """Delete the records whose time to undo has passed, and return them: their folders are to be deleted now."""
        gone = delete(TaskRow).where(TASK.deleted_at.is_not(None), UNDO_ENDED).returning(*TASK)
        async with as_user(self._engine, user, writes=True) as connection:
            return [task_of(row) for row in (await connection.execute(gone)).mappings()]


def folder_of(user_id: UUID, task_id: UUID) -> str:
    """Return the folder of a record's own files in storage, thumbnails included."""
    return f"{ids.folder(str(user_id), str(task_id))}/"


async def _task(connection: AsyncConnection, task_id: UUID, *, in_bin: bool = False) -> Task:
    found = select(*TASK).where(TASK.id == task_id)
    row = (await connection.execute(found if in_bin else found.where(IS_SHOWN))).mappings().one_or_none()
    if row is None:
        raise NoSuchTask(f"no record {task_id}")
    return task_of(row)


async def _changed(connection: AsyncConnection, task_id: UUID, **values: Any) -> Task:
    row = (await connection.execute(_update([task_id], **values).returning(*TASK))).mappings().one_or_none()
    if row is None:
        raise NoSuchTask(f"no record {task_id}")
    return task_of(row)


def _update(task_ids: Sequence[UUID], *conditions: Any, **values: Any) -> Update:
    return update(TaskRow).where(TASK.id.in_(task_ids), *conditions).values(values)
