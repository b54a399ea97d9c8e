"""Who has an order open on the staff board now."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db import feed
from adapters.db.engine import outages
from adapters.db.models import OrderViewerRow

SEEN_SECONDS = 40  # a viewer who has not been seen for so long is gone


@dataclass(frozen=True)
class Viewer:
    """A staff member who has an order open."""

    user_id: UUID
    name: str


class Viewers:
    """The viewers of orders. Each method raises OutsideUnavailable if Postgres is unavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def seen(self, order_id: str, viewer: Viewer) -> None:
        """Note that somebody has an order open now, and announce whoever is new."""
        row, now = OrderViewerRow, func.clock_timestamp()
        statement = insert(row).values(order_id=order_id, user_id=viewer.user_id, name=viewer.name, seen_at=now)
        renewed = statement.on_conflict_do_update(
            index_elements=[row.order_id, row.user_id], set_={"name": viewer.name, "seen_at": now}
        )
        stale = delete(row).where(row.seen_at < now - func.make_interval(0, 0, 0, 0, 0, 0, 2 * SEEN_SECONDS))
        with outages():
            async with self._engine.connect() as connection:
                async with connection.begin():
                    await connection.execute(stale)
                    was_new = (await connection.execute(renewed.returning(_IS_NEW))).scalar_one()
                if was_new:
                    await feed.announce(connection, order_id)

    async def left(self, order_id: str, viewer: Viewer) -> None:
        """Note that somebody closed an order."""
        row = OrderViewerRow
        gone = delete(row).where(row.order_id == order_id, row.user_id == viewer.user_id)
        with outages():
            async with self._engine.connect() as connection:
                async with connection.begin():
                    await connection.execute(gone)
                await feed.announce(connection, order_id)

    async def of(self, order_id: str) -> list[Viewer]:
        """Return who has an order open now, by name."""
        row = OrderViewerRow
        since = func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, SEEN_SECONDS)
        found = select(row.user_id, row.name).where(row.order_id == order_id, row.seen_at > since)
        with outages():
            async with self._engine.connect() as connection:
                rows = (await connection.execute(found.order_by(row.name, row.user_id))).all()
        return [Viewer(user_id, name) for user_id, name in rows]


# Of an inserted row, no transaction has replaced an earlier version.
_IS_NEW = text("(order_viewers.xmax = 0) AS is_new")
