"""The state of the whole shop for Prometheus: counts by status and kind, read by indexes, without anybody's data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.engine import outages
from domain.vocabulary.status import FINISHED, Status

Row: TypeAlias = Mapping[str, Any]

OPEN = sorted(set(Status) - FINISHED)  # their number does not grow with the years
STATEMENTS = {
    "open_orders": "SELECT status, count(*) AS orders FROM orders WHERE status = ANY(:open) GROUP BY 1",
    "new_orders": """
        SELECT status, count(*) AS orders FROM orders WHERE created_at > now() - interval '1 day' GROUP BY 1
    """,
    "needs": """
        SELECT need ->> 'kind' AS kind, count(*) AS needs,
            coalesce(extract(epoch FROM now() - min((need ->> 'since')::timestamptz)), 0) AS oldest
        FROM orders CROSS JOIN LATERAL jsonb_array_elements(needs) AS need WHERE needs <> '[]' GROUP BY 1
    """,
    "designers": """
        SELECT designer = '' AS is_waiting, count(*) AS tasks,
            extract(epoch FROM now() - min(opened_at)) AS oldest
        FROM dispatches WHERE closed_at IS NULL GROUP BY designer
    """,
}


@dataclass(frozen=True)
class ShopState:
    """Counts of now; ages in seconds."""

    open_orders: Sequence[Row]  # status, orders
    new_orders: Sequence[Row]  # of the last 24 hours: status, orders
    needs: Sequence[Row]  # kind, needs, oldest
    designers: Sequence[Row]  # one for each, unnamed, and one for what waits for any: is_waiting, tasks, oldest


class ShopStates:
    """Reads the state of the shop. Raises OutsideUnavailable, OutsideRefused."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def read(self) -> ShopState:
        """Return the state of now."""
        with outages():
            async with self._engine.connect() as connection:
                found = {
                    name: (await connection.execute(text(statement), {"open": OPEN} if ":open" in statement else {}))
                    for name, statement in STATEMENTS.items()
                }
                return ShopState(**{name: [dict(row) for row in rows.mappings()] for name, rows in found.items()})
