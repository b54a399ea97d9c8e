"""Counts records anew, in Python, and compares what the triggers have kept."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIELDS = (
    "total_tasks", "successful_tasks", "failed_tasks", "total_tokens_used", "total_credits_deducted",
    "total_generation_time_ms", "total_storage_bytes",
)  # fmt: skip
STATISTICS = "SELECT * FROM user_task_statistics WHERE user_id = ANY(:users)"
RECORDS = "SELECT * FROM user_task_history WHERE user_id = ANY(:users) AND deleted_at IS NULL"
REFUNDS = """
    SELECT h.id, h.status, h.credits_deducted, charge.amount AS charged, refund.amount AS refunded
      FROM user_task_history h
      JOIN credit_ledger charge ON charge.task = h.id AND charge.what <> 'refund'
      LEFT JOIN credit_ledger refund ON refund.task = h.id AND refund.what = 'refund'
     WHERE h.user_id = ANY(:users)
"""

Key = tuple[UUID, str, date]


def periods(day: date) -> dict[str, date]:
    return {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "all": date(1970, 1, 1),
    }


def counted(records: Iterable[Any], zone: ZoneInfo) -> dict[Key, Counter[str]]:
    sums: dict[Key, Counter[str]] = {}
    for record in records:
        is_done = record["status"] == "completed"
        numbers = {
            "total_tasks": 1,
            "successful_tasks": int(is_done),
            "failed_tasks": int(record["status"] == "failed"),
            "total_tokens_used": record["tokens_used"] or 0,
            "total_credits_deducted": record["credits_deducted"],
            "total_generation_time_ms": (record["generation_time_ms"] or 0) if is_done else 0,
            "total_storage_bytes": record["storage_bytes"],
        }
        for name, first in periods(record["created_at"].astimezone(zone).date()).items():
            sums.setdefault((record["user_id"], name, first), Counter()).update(numbers)
    return {key: +sum_ for key, sum_ in sums.items()}  # without zeros


async def check(engine: AsyncEngine, users: list[UUID], zone: ZoneInfo = SHANGHAI) -> None:
    """Statistics are those of the records, and what failed is refunded once."""
    async with engine.connect() as connection:
        kept = (await connection.execute(text(STATISTICS), {"users": users})).mappings().all()
        records = (await connection.execute(text(RECORDS), {"users": users})).mappings().all()
        charges = (await connection.execute(text(REFUNDS), {"users": users})).all()
    found = {
        (row["user_id"], row["period_type"], row["period_date"]): +Counter({name: row[name] for name in FIELDS})
        for row in kept
    }
    assert {key: sum_ for key, sum_ in found.items() if sum_} == counted(records, zone)
    assert all(min(row[name] for name in FIELDS) >= 0 for row in kept)
    for row in charges:
        has_failed = row.status == "failed" and row.charged
        assert row.refunded == (-row.charged if has_failed else None)
        assert row.credits_deducted == (0 if has_failed else -row.charged)
