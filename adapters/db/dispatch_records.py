"""The table of dispatches: who did what, and whose turn is next."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Update, func, select, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.engine import outages
from adapters.db.models import DispatchRow
from adapters.db.quarantine import write_or_quarantine
from domain.designers.dispatch import DispatchRequest
from domain.texts.catalogue import TEXTS, Language


class PostgresDispatchRecords:
    """The DispatchRecords port: each method is one idempotent transaction. Raises OutsideUnavailable."""

    def __init__(self, engine: AsyncEngine, language: Language = "zh") -> None:
        self._engine = engine
        self._words = TEXTS[language].say

    async def opened(self, dispatch_id: str, request: DispatchRequest) -> None:
        """Record a new dispatch. Idempotent."""
        row = request.model_dump(include={"task_id", "order_id", "customer_id", "acc_id"})
        told = {"dispatch_id": dispatch_id, "reason": self._words(request.because)}
        statement = insert(DispatchRow).values(row | told)
        await self._write(dispatch_id, statement.on_conflict_do_nothing())

    async def next_in_turn(self, designers: Sequence[str]) -> str:
        """Return the designer whose last assignment is longest ago; those without one come first, by name."""
        last = select(DispatchRow.designer, func.max(DispatchRow.assigned_at)).where(
            DispatchRow.designer.in_(designers)
        )
        with outages():
            async with self._engine.connect() as connection:
                had = {name: at for name, at in await connection.execute(last.group_by(DispatchRow.designer)) if at}
        new = sorted(set(designers) - set(had))
        return new[0] if new else min(had, key=lambda name: (had[name], name))

    async def assigned(self, dispatch_id: str, designer: str, dispatch_task_id: str) -> None:
        """Record the designer and the task id in the dispatch system."""
        now = func.clock_timestamp()
        await self._set(dispatch_id, designer=designer, dispatch_task_id=dispatch_task_id, assigned_at=now)

    async def closed(self, dispatch_id: str, closing: str) -> None:
        """Record that it is closed, and why."""
        await self._set(dispatch_id, closing=closing, closed_at=func.clock_timestamp())

    async def _set(self, dispatch_id: str, **facts: Any) -> None:
        await self._write(dispatch_id, update(DispatchRow).where(DispatchRow.dispatch_id == dispatch_id).values(facts))

    async def _write(self, dispatch_id: str, statement: Insert | Update) -> None:
        """Rejected rows are quarantined; the dispatch system still knows the assignment."""
        await write_or_quarantine(
            self._engine, DispatchRow, dispatch_id, lambda connection: connection.execute(statement)
        )
