"""The settings that staff change while the shop runs: versions, each with who changed it and why."""

import time
from collections.abc import Sequence
from datetime import datetime

import structlog
from pydantic import ValidationError
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.engine import outages
from adapters.db.models import GenerationResultRow, GenerationTaskRow, OrderRow, ShopSettingsRow
from domain.pricing.what_if import PastOrder
from domain.vocabulary.errors import OutsideUnavailable, SettingsMovedOn
from domain.vocabulary.money import Quote
from domain.vocabulary.rule_changes import RuleChanges, SettingsVersion
from domain.vocabulary.rules import ShopRules

KEPT_SECONDS = 5.0  # until a worker notices a change
MOST_ORDERS = 5000  # of the past, in a comparison
ROW = ShopSettingsRow

log = structlog.get_logger("settings")


class SettingsVersions:
    """The versions. Each method raises OutsideUnavailable if Postgres is unavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def current(self) -> SettingsVersion | None:
        """Return the newest version; None if nobody has changed anything."""
        return next(iter(await self.newest(1)), None)

    async def newest(self, count: int) -> Sequence[SettingsVersion]:
        """Return the newest versions, the last one first.

        What a newer release has added is left out. Raises ValidationError for a version that is not understood.
        """
        found = select(*ROW.__table__.columns).order_by(ROW.version.desc()).limit(count)
        with outages():
            async with self._engine.connect() as connection:
                rows = (await connection.execute(found)).mappings().all()
        return [SettingsVersion.model_validate(dict(row), extra="ignore") for row in rows]

    async def save(self, changes: RuleChanges, *, seen_version: int, by: str, reason: str) -> int:
        """Save a version after the one that was seen, and return its number. Raises SettingsMovedOn."""
        document = changes.model_dump(mode="json", exclude_defaults=True)
        values = {"version": seen_version + 1, "changes": document, "changed_by": by, "reason": reason}
        current = await self.current()
        if (current.version if current else 0) != seen_version:
            raise SettingsMovedOn("somebody else has changed the settings: look at them again")
        try:
            with outages():
                async with self._engine.begin() as connection:
                    await connection.execute(insert(ROW).values(values))
        except IntegrityError as error:
            raise SettingsMovedOn("somebody else has changed the settings: look at them again") from error
        return seen_version + 1

    async def past_orders(self, since: datetime) -> Sequence[PastOrder]:
        """Return the quoted orders since then, newest first, with the scores of their results; at most 5,000."""
        call, result = GenerationTaskRow, GenerationResultRow
        scores = (
            select(call.order_id, func.array_agg(result.qa_score).label("scores"))
            .join(result, result.task_id == call.task_id)
            .where(result.qa_score.is_not(None), call.created_at >= since)
            .group_by(call.order_id)
            .subquery()
        )
        found = (
            select(OrderRow.order_id, OrderRow.quote, OrderRow.amount_paid, scores.c.scores)
            .outerjoin(scores, scores.c.order_id == OrderRow.order_id)
            .where(OrderRow.created_at >= since, OrderRow.quote.is_not(None))
            .order_by(OrderRow.created_at.desc(), OrderRow.order_id)
            .limit(MOST_ORDERS)
        )
        with outages():
            async with self._engine.connect() as connection:
                rows = (await connection.execute(found)).all()
        return [
            PastOrder(row.order_id, Quote.model_validate(row.quote), row.amount_paid, row.scores or ()) for row in rows
        ]


class CurrentSettings:
    """The ShopSettings port: those that the shop was started with, and what staff changed since.

    They are read at most every five seconds. While they cannot be read, the last known ones apply, so that an outage
    holds up no order that could go on without it. Raises OutsideUnavailable if none were ever read: staff may have
    switched something off.
    """

    def __init__(self, versions: SettingsVersions, rules: ShopRules, *, is_switched_on: bool) -> None:
        self._versions = versions
        self._rules = rules
        self._is_switched_on = is_switched_on
        self._read_at = float("-inf")
        self._changes: RuleChanges | None = None

    async def rules(self) -> ShopRules:
        """Return the rules for an order that begins now."""
        return (await self._current()).fitted(self._rules)

    async def is_switched_on(self) -> bool:
        """Whether pictures are made automatically."""
        changed = (await self._current()).is_switched_on
        return self._is_switched_on if changed is None else changed

    async def _current(self) -> RuleChanges:
        if self._changes and time.monotonic() - self._read_at < KEPT_SECONDS:
            return self._changes
        self._read_at = time.monotonic()
        try:
            found = await self._versions.current()
        except (OutsideUnavailable, ValidationError) as error:
            if self._changes is None:
                raise OutsideUnavailable(f"the settings of the shop cannot be read: {error}") from error
            log.warning("the settings cannot be read; the last known ones apply", error=str(error))
            return self._changes
        self._changes = found.changes if found else RuleChanges()
        return self._changes
