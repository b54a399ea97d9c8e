"""Searches the photo library in Postgres: by similarity, exact up to a distance of 7, and by tags."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Integer,
    RowMapping,
    Select,
    Text,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db.engine import outages
from adapters.db.models import ImageTaskRow, PhotoRow, PhotoTagRow, TagRow
from adapters.db.models.library import PART_BITS, PARTS
from domain.library.photos import MOST_DISTANCE, Asker, Hit, Search, as_number, matched, spaced_out, terms_of
from domain.vocabulary.status import Status

PHOTO, TAG = PhotoRow.__table__.columns, TagRow.__table__.columns
PART = (1 << PART_BITS) - 1


class PostgresLibrary:
    """The Library port. Raises OutsideUnavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def find(self, search: Search) -> list[Hit]:
        """Return similar pictures, most similar first, then pictures with the tags, most tags first."""
        async with self._connection() as connection:
            found: dict[UUID, int | None] = {}
            for statement in (alike(search), named(search)):
                rows = [] if statement is None else (await connection.execute(statement)).all()
                for photo_id, distance in rows:
                    found.setdefault(photo_id, distance)
            hits = [_hit(row, search, found[row["id"]]) for row in await _details(connection, found)]
        places = {str(photo_id): place for place, photo_id in enumerate(found)}
        best = sorted(hits, key=lambda hit: (*_likeness_first(hit, search), places[hit.photo_id]))
        return best[: search.limit]

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        with outages():
            async with self._engine.connect() as connection:
                yield connection


def _likeness_first(hit: Hit, search: Search) -> tuple[int, int]:
    is_alike = hit.distance is not None and hit.distance <= MOST_DISTANCE
    return (hit.distance or 0) if is_alike else MOST_DISTANCE + 1, -len(matched(hit.tags, search))


def alike(search: Search) -> Select[Any] | None:
    """Select similar pictures. If two hashes differ in at most 7 bits, one of their four parts differs in at most one.

    So each part is looked up with its 16 neighbours, and only these candidates are compared bit by bit.
    """
    if not search.likeness:
        return None
    parts = or_(*(_near(part, probes) for part, probes in zip(PARTS, probes_of(search.likeness), strict=True)))
    distance = _distance(search.likeness)
    return (
        select(PHOTO.id, distance)
        .where(parts, distance <= MOST_DISTANCE, _visible(search.asker))
        .order_by(distance, PHOTO.created_at.desc())
        .limit(search.limit)
    )


def probes_of(likeness: str) -> list[list[int]]:
    """Return for each part of a hash the part itself and all values that differ in one bit."""
    bits = int(likeness, 16)
    parts = [bits >> shift & PART for shift in (48, 32, 16, 0)]
    return [[part, *(part ^ 1 << bit for bit in range(PART_BITS))] for part in parts]


def _near(part: str, probes: list[int]) -> ColumnElement[bool]:
    """The part is a literal, not a parameter, so that the planner can use its expression index."""
    column: ColumnElement[int] = literal_column(part, BigInteger)
    return column == func.any(bindparam(None, probes, ARRAY(BigInteger)))


def _distance(likeness: str) -> ColumnElement[int]:
    differing = PHOTO.hash.op("#")(literal(as_number(likeness), BigInteger))
    return cast("ColumnElement[int]", func.bit_count(differing.op("::")(text("bit(64)")), type_=Integer))


def named(search: Search) -> Select[Any] | None:
    """Select pictures with a tag that is given or contained in the words, most tags first."""
    terms, words = terms_of(search), spaced_out(search.words)
    if not terms:
        return None
    term = func.unnest(type_coerce(terms, ARRAY(Text))).table_valued("term").render_derived()
    holds_one = select(1).where(func.strpos(TAG.spelt, term.c.term) > 0).exists()
    is_meant = or_(func.strpos(words, TAG.spelt) > 0, holds_one)
    distance = _distance(search.likeness) if search.likeness else literal(None, Integer)
    return (
        select(PHOTO.id, distance)
        .join(PhotoTagRow, PhotoTagRow.photo_id == PHOTO.id)
        .join(TagRow, TagRow.id == PhotoTagRow.tag_id)
        .where(is_meant, _visible(search.asker))
        .group_by(PHOTO.id)
        .order_by(func.count().desc(), PHOTO.created_at.desc())
        .limit(search.limit)
    )


def _visible(asker: Asker) -> ColumnElement[bool]:
    return or_(PHOTO.shareable, _own(asker))


def _own(asker: Asker) -> ColumnElement[bool]:
    return and_(PHOTO.customer_id == asker.customer_id, PHOTO.acc_id == asker.acc_id)


async def _details(connection: AsyncConnection, found: Iterable[UUID]) -> Sequence[RowMapping]:
    task = ImageTaskRow.__table__.columns
    delivered = and_(task.status == Status.COMPLETED, task.result_image == PHOTO.key)
    columns = [column for column in PHOTO if column.name not in {"hash", "owner", "view_key"}]
    wanted = (
        select(*columns, tags_of_photo(), delivered.label("is_delivered"))
        .outerjoin(ImageTaskRow, task.task_id == PHOTO.task_id)
        .where(PHOTO.id.in_(list(found)))
    )
    rows: Sequence[RowMapping] = (await connection.execute(wanted)).mappings().all()
    return rows


def tags_of_photo() -> ColumnElement[Any]:
    """Return the tags of a picture as a list."""
    named_so = (
        select(func.coalesce(func.array_agg(TAG.name), type_coerce([], ARRAY(Text))))
        .join(PhotoTagRow, PhotoTagRow.tag_id == TAG.id)
        .where(PhotoTagRow.photo_id == PHOTO.id)
    )
    return named_so.correlate(PhotoRow).scalar_subquery().label("tags")


def _hit(row: RowMapping, search: Search, distance: int | None) -> Hit:
    asker = search.asker
    return Hit(
        photo_id=str(row["id"]),
        kind=row["kind"],
        key=row["key"],
        shown_key=row["shown_key"],
        width=row["width"],
        height=row["height"],
        is_own=(row["customer_id"], row["acc_id"]) == (asker.customer_id, asker.acc_id),
        is_delivered=bool(row["is_delivered"]),
        task_id=row["task_id"],
        tags=sorted(row["tags"]),
        distance=distance,
    )
