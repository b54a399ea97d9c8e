"""Interprets HTTP statuses and Retry-After (RFC 9110)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

# 4xx statuses for which the same request may be retried.
RETRYABLE_CLIENT_ERRORS = frozenset({408, 425, 429})


def is_permanent(status: int) -> bool:
    """Whether a status means that the same request will fail again."""
    return status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in RETRYABLE_CLIENT_ERRORS


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> timedelta | None:
    """Return `Retry-After`, given in seconds or as a date; None if it is missing or invalid."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return timedelta(seconds=min(int(value), 86_400))
    try:
        return max(parsedate_to_datetime(value) - (now or datetime.now(UTC)), timedelta(0))
    except (ValueError, TypeError):  # not a date, or one without a zone
        return None
