"""Saved views of the staff board: filters under a name, of one staff member or of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.engine import outages
from adapters.db.models import SavedViewRow
from domain.vocabulary.errors import MalformedRequest

MOST = 20  # of one staff member, and of all together: each is counted on every page
VIEW = SavedViewRow


@dataclass(frozen=True)
class SavedView:
    """A filter under a name; `query` is the query string of its address."""

    view_id: UUID
    name: str
    query: str
    is_shared: bool
    is_mine: bool


class SavedViews:
    """The saved views. Each method raises OutsideUnavailable if Postgres is unavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of(self, user_id: UUID) -> Sequence[SavedView]:
        """Return the views of a staff member and the shared ones, by name."""
        found = select(VIEW.id, VIEW.name, VIEW.query, VIEW.is_shared, VIEW.user_id)
        theirs = or_(VIEW.user_id == user_id, VIEW.is_shared.is_(True))
        with outages():
            async with self._engine.connect() as connection:
                rows = (await connection.execute(found.where(theirs).order_by(VIEW.name, VIEW.id))).all()
        return [SavedView(row.id, row.name, row.query, row.is_shared, row.user_id == user_id) for row in rows]

    async def save(self, user_id: UUID, name: str, query: str, *, is_shared: bool) -> None:
        """Save a view. Raises MalformedRequest if there are too many."""
        alike = VIEW.is_shared.is_(True) if is_shared else (VIEW.user_id == user_id) & VIEW.is_shared.is_(False)
        with outages():
            async with self._engine.begin() as connection:
                count = await connection.execute(select(func.count()).select_from(VIEW).where(alike))
                if count.scalar_one() >= MOST:
                    raise MalformedRequest(f"there are {MOST} views already: delete one first")
                values = {"user_id": user_id, "name": name, "query": query, "is_shared": is_shared}
                await connection.execute(insert(VIEW).values(values))

    async def delete(self, user_id: UUID, view_id: UUID) -> None:
        """Delete a view of a staff member, or a shared one. Idempotent."""
        theirs = or_(VIEW.user_id == user_id, VIEW.is_shared.is_(True))
        with outages():
            async with self._engine.begin() as connection:
                await connection.execute(delete(VIEW).where(VIEW.id == view_id, theirs))
