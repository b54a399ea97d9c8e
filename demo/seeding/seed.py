"""Fills the task history and the staff board of a trial installation."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.engine import outages
from adapters.db.models import CreditRow, GenerationResultRow, GenerationTaskRow, TaskRow
from adapters.db.records import PostgresRecords
from demo.seeding import orders, pictures, records
from domain.vocabulary import ids
from domain.vocabulary.errors import DarkroomError
from runtime import wiring
from runtime.settings import Settings

BATCH = 1000
GRANT = 5000  # credits a month

T = TypeVar("T")


@dataclass(frozen=True)
class Seeded:
    """What was done: records added, records there were already, and orders for the board."""

    added: int
    before: int
    orders: int = 0


async def seed(settings: Settings, first: UUID, count: int) -> Seeded:
    """Add the made-up records that are not there yet. Raises DarkroomError in production, OutsideUnavailable."""
    if settings.environment == "production":
        raise DarkroomError("this is a production installation: made-up records are for trial installations only")
    pairs = await pictures.store(wiring.files(settings), f"{ids.HISTORY}/{first}/seed")
    engine = wiring.engine(settings)
    try:
        now = datetime.now(UTC)
        done = await _write(engine, first, list(records.rows(count, first, pairs, now)))
        made_up = list(orders.orders(pairs, now, settings.shop_timezone))
        await _write_orders(engine, made_up)
        return replace(done, orders=len(made_up))
    finally:
        await engine.dispose()


async def _write(engine: AsyncEngine, first: UUID, rows: list[records.Row]) -> Seeded:
    added = 0
    with outages():
        async with engine.begin() as connection:
            names = [row["id"] for row in rows]
            there = select(func.count()).where(TaskRow.id.in_(names))
            before = int((await connection.execute(there)).scalar_one())
            granted = [
                {"user_id": user, "what": f"grant {month} of {GRANT}", "amount": GRANT, "at": min(at)}
                for user in records.users(first)
                for month, at in _months(row["created_at"] for row in rows).items()
            ]
            await connection.execute(insert(CreditRow).on_conflict_do_nothing(), granted)
            for some in _batches(rows):
                new = insert(TaskRow).on_conflict_do_nothing().returning(TaskRow.id)
                added += len((await connection.execute(new, some)).all())
    return Seeded(added, before)


async def _write_orders(engine: AsyncEngine, made_up: Sequence[orders.MadeUp]) -> None:
    """Write orders as workers do, and the calls to models that they took."""
    kept = PostgresRecords(engine)
    for one in made_up:
        await kept.save(one.order)
    calls = [call for one in made_up for call in one.calls]
    results = [
        {
            "task_id": call["task_id"], "generated_image_id": call["file"], "model": call["model"],
            "content_type": "image/jpeg", "file_size": 180_000, "sha256": "", "qa_score": call["score"],
        }
        for call in calls if call["file"]
    ]  # fmt: skip
    columns = [{name: value for name, value in call.items() if name not in {"file", "score"}} for call in calls]
    with outages():
        async with engine.begin() as connection:
            await connection.execute(insert(GenerationTaskRow).on_conflict_do_nothing(), columns)
            await connection.execute(insert(GenerationResultRow).on_conflict_do_nothing(), results)


def _months(moments: Iterable[datetime]) -> dict[str, list[datetime]]:
    found: dict[str, list[datetime]] = {}
    for moment in moments:
        found.setdefault(f"{moment:%Y-%m}", []).append(moment)
    return found


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(rows)
    while some := list(islice(rest, BATCH)):
        yield some
