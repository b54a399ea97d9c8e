"""The figures of the staff board's dashboard, over some days of the shop."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db.engine import of_one_moment, outages

Row: TypeAlias = Mapping[str, Any]

# Money in other currencies than the shop's is rare; it is listed with the orders, and not added up here.
_DAYS = text("""
WITH days AS (
    SELECT generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day')::date AS day
), started AS (
    SELECT (created_at AT TIME ZONE :zone)::date AS day, count(*) AS orders,
        count(*) FILTER (WHERE paid_at IS NOT NULL) AS paid_orders
    FROM orders WHERE created_at >= :begins AND created_at < :ends GROUP BY 1
), moved AS (
    SELECT (paid_at AT TIME ZONE :zone)::date AS day,
        sum(CASE kind WHEN 'payment' THEN amount ELSE -amount END) AS revenue
    FROM payments WHERE currency = :currency AND paid_at >= :begins AND paid_at < :ends GROUP BY 1
), spent AS (
    SELECT (created_at AT TIME ZONE :zone)::date AS day, sum(booked_cost) AS cost
    FROM image_generation_task WHERE created_at >= :begins AND created_at < :ends GROUP BY 1
)
SELECT day, coalesce(orders, 0) AS orders, coalesce(paid_orders, 0) AS paid_orders,
    coalesce(revenue, 0) AS revenue, coalesce(cost, 0) AS cost
FROM days LEFT JOIN started USING (day) LEFT JOIN moved USING (day) LEFT JOIN spent USING (day) ORDER BY day
""")
_WAITS = text("""
SELECT count(*) AS orders,
    extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY p.at - o.paid_at)) AS median,
    extract(epoch FROM percentile_cont(0.95) WITHIN GROUP (ORDER BY p.at - o.paid_at)) AS p95
FROM orders o CROSS JOIN LATERAL (
    SELECT min(e.at) AS at FROM order_events e
    WHERE e.order_id = o.order_id AND e.what = 'status_changed' AND e.facts ->> 'to' = 'awaiting_confirm'
) p
WHERE o.paid_at >= :begins AND o.paid_at < :ends AND p.at >= o.paid_at
""")
_OPERATIONS = text("""
SELECT operation, count(*) AS pictures, count(*) FILTER (WHERE status = 'completed') AS completed,
    count(*) FILTER (WHERE status = 'failed') AS failed, avg(revision_count) AS revisions, avg(qa_score) AS score
FROM image_tasks
WHERE paid_at >= :begins AND paid_at < :ends AND operation IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1
""")
_MODELS = text("""
SELECT provider, model, count(*) AS calls, count(*) FILTER (WHERE outcome = 'passed') AS passed,
    count(*) FILTER (WHERE status IN ('failed', 'interrupted')) AS failed, sum(booked_cost) AS cost,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY latency_ms) AS median_ms
FROM image_generation_task
WHERE kind = 'image' AND created_at >= :begins AND created_at < :ends GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 50
""")
_ERRORS = text("""
SELECT provider, outcome, count(*) AS calls FROM image_generation_task
WHERE status IN ('failed', 'interrupted') AND created_at >= :begins AND created_at < :ends
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 50
""")
_DESIGNERS = text("""
SELECT designer, count(*) FILTER (WHERE closed_at IS NULL) AS open,
    count(*) FILTER (WHERE closed_at >= :begins AND closed_at < :ends) AS closed,
    extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY closed_at - assigned_at)) AS median
FROM dispatches WHERE designer <> '' AND (closed_at IS NULL OR closed_at >= :begins)
GROUP BY 1 ORDER BY 2 DESC, 3 DESC, 1 LIMIT 50
""")


@dataclass(frozen=True)
class Period:
    """Days of the shop, and its currency."""

    first: date
    last: date
    zone: str
    currency: str


@dataclass(frozen=True)
class ShopFigures:
    """What the dashboard shows; durations in seconds, except those of calls in milliseconds."""

    days: Sequence[Row]
    waits: Row  # from payment to the first preview
    operations: Sequence[Row]
    models: Sequence[Row]
    errors: Sequence[Row]
    designers: Sequence[Row]


class BoardFigures:
    """The figures of orders, models and designers. Raises OutsideUnavailable if Postgres is unavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = of_one_moment(engine)

    async def of(self, period: Period) -> ShopFigures:
        """Return the figures of a period."""
        zone = ZoneInfo(period.zone)
        first, end = (datetime.combine(day, time(), zone) for day in (period.first, period.last + timedelta(days=1)))
        between = {"begins": first, "ends": end}
        of_days = {"first": period.first, "last": period.last, "zone": period.zone, "currency": period.currency}
        async with self._connection() as connection:

            async def rows(statement: Any, **more: Any) -> list[dict[str, Any]]:
                return [dict(row) for row in (await connection.execute(statement, between | more)).mappings()]

            return ShopFigures(
                days=await rows(_DAYS, **of_days),
                waits=(await rows(_WAITS))[0],
                operations=await rows(_OPERATIONS),
                models=await rows(_MODELS),
                errors=await rows(_ERRORS),
                designers=await rows(_DESIGNERS),
            )

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        with outages():
            async with self._engine.connect() as connection:
                yield connection
