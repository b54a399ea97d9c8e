"""What HTTP services say of when to come back (RFC 9110, Retry-After)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

# Statuses of the 4xx family that ask for another try, not for another request.
RETRYABLE_CLIENT_ERRORS = frozenset({408, 425, 429})


def is_permanent(status: int) -> bool:
    """Whether an HTTP status says that the same request will be refused again."""
    return status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in RETRYABLE_CLIENT_ERRORS


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> timedelta | None:
    """Read `Retry-After`, given in seconds or as a date; None where there is none or it makes no sense."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return timedelta(seconds=min(int(value), 86_400))
    try:
        return max(parsedate_to_datetime(value) - (now or datetime.now(UTC)), timedelta(0))
    except (ValueError, TypeError):  # not a date, or one without a zone
        return None
