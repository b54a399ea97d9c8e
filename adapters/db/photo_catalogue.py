"""The photo library for staff: lists and shares pictures."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.engine import outages
from adapters.db.library import PHOTO, tags_of_photo
from adapters.db.models import PhotoRow
from domain.library.photos import Photo


class PostgresPhotoCatalogue:
    """The PhotoCatalogue port: each method is one idempotent transaction. Raises OutsideUnavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def photo(self, photo_id: str) -> Photo | None:
        """Return one picture, if it exists."""
        found = await self._read(_photos().where(PHOTO.id == UUID(photo_id)))
        return found[0] if found else None

    async def listing(self, *, customer_id: str | None, shareable: bool | None, limit: int) -> list[Photo]:
        """Return pictures, newest first."""
        wanted = _photos().order_by(PHOTO.created_at.desc(), PHOTO.id.desc()).limit(limit)
        if customer_id is not None:
            wanted = wanted.where(PHOTO.customer_id == customer_id)
        if shareable is not None:
            wanted = wanted.where(PHOTO.shareable == shareable)
        return await self._read(wanted)

    async def share(self, photo_id: str, shown_key: str) -> bool:
        """Share a picture as this copy; return False if it is already shared."""
        return bool(await self._set(photo_id, is_shared=False, shareable=True, shown_key=shown_key))

    async def hide(self, photo_id: str) -> None:
        """Make a picture private."""
        await self._set(photo_id, is_shared=True, shareable=False)

    async def forget_copy(self, photo_id: str) -> None:
        """Record that the copy of a private picture was deleted."""
        await self._set(photo_id, is_shared=False, shown_key=None)

    async def _set(self, photo_id: str, *, is_shared: bool, **facts: Any) -> int:
        this = (PhotoRow.id == UUID(photo_id)) & (PhotoRow.shareable == is_shared)
        with outages():
            async with self._engine.begin() as connection:
                changed = await connection.execute(update(PhotoRow).where(this).values(facts).returning(PhotoRow.id))
                return len(changed.all())

    async def _read(self, wanted: Select[Any]) -> list[Photo]:
        with outages():
            async with self._engine.connect() as connection:
                return [_photo(row) for row in (await connection.execute(wanted)).mappings()]


def _photos() -> Select[Any]:
    left_out = {"key", "order_id", "owner", "hash"}
    return select(*(column for column in PHOTO if column.name not in left_out), tags_of_photo())


def _photo(row: RowMapping) -> Photo:
    facts = {name: value for name, value in row.items() if name != "id"}
    return Photo(**facts | {"photo_id": str(row["id"]), "tags": sorted(row["tags"])})
