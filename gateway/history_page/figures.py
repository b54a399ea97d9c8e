"""Figures, times and days as people read them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from hashlib import sha256

from domain.texts.catalogue import Texts

MINUTE_MS = 60_000
SECOND_MS = 1_000


def number(value: float) -> str:
    """Return a number with separators: 10,000."""
    return f"{value:,.0f}"


def percent(part: float) -> str:
    """Return a share of 1 in percent, with at most one decimal: 97.5%."""
    return f"{part * 100:.1f}".removesuffix(".0") + "%"


def duration(texts: Texts, milliseconds: float | None) -> str:
    """Return a duration in seconds or minutes; '' if it is unknown."""
    if milliseconds is None:
        return ""
    if milliseconds < MINUTE_MS:
        return texts.text("seconds", {"count": f"{milliseconds / SECOND_MS:.1f}".removesuffix(".0")})
    return texts.text("minutes", {"count": f"{milliseconds / MINUTE_MS:.1f}".removesuffix(".0")})


def day_name(texts: Texts, day: date, today: date) -> str:
    """Return a day for a heading: 今天, 昨天, 11月28日 星期六, and with its year if that is another one."""
    if day in {today, today - timedelta(days=1)}:
        return texts.text("today" if day == today else "yesterday")
    return f"{day_of(texts, day, today)} {texts.text(f'weekday.{day.isoweekday()}')}"


def day_of(texts: Texts, day: date, today: date) -> str:
    """Return a date without its weekday; with its year if that is another one than today's."""
    key = "day" if day.year == today.year else "day_of_year"
    return texts.text(key, {"year": day.year, "month": day.month, "day": day.day})


def moment(texts: Texts, at: datetime, today: date) -> str:
    """Return a date with the time of day, in the zone of `at`."""
    return f"{day_of(texts, at.date(), today)} {at:%H:%M}"


def version(key: str) -> str:
    """Return a short name for the content of a file, which changes when the file is replaced by another key."""
    return sha256(key.encode()).hexdigest()[:8]


Formatter = Callable[..., str]
