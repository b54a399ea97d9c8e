"""The days of the shop, and the hour at which upkeep runs."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def yesterday(now: datetime, timezone: str) -> tuple[date, datetime, datetime]:
    """Return the shop's day before `now`, with its beginning and its end."""
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    day = today - timedelta(days=1)
    begins, ends = (datetime(one.year, one.month, one.day, tzinfo=zone) for one in (day, today))
    return day, begins, ends


def quietest_hour(opens_at: int, closes_at: int) -> int:
    """Return the hour in the middle of the night, when the shop is closed."""
    return (closes_at + (24 - closes_at + opens_at) // 2) % 24
