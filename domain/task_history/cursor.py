"""The cursor of a list: the place behind a record, as opaque text for clients."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SIZE = 24  # bytes: microseconds since 1970, and the id
_TEXT = re.compile(r"[A-Za-z0-9_-]{32}")  # 24 bytes need no padding


def encode(created_at: datetime, task_id: UUID) -> str:
    """Return the cursor behind a record."""
    micros = (created_at - _EPOCH) // _MICROSECOND
    return urlsafe_b64encode(micros.to_bytes(8, "big", signed=True) + task_id.bytes).decode()


def decode(cursor: str) -> tuple[datetime, UUID]:
    """Return the creation time and the id that a cursor holds. Raises ValueError if it is not one of ours."""
    if not _TEXT.fullmatch(cursor):
        raise ValueError("invalid cursor")
    raw = urlsafe_b64decode(cursor)
    try:
        created_at = _EPOCH + int.from_bytes(raw[:8], "big", signed=True) * _MICROSECOND
    except OverflowError:
        raise ValueError("invalid cursor") from None
    return created_at, UUID(bytes=raw[8:_SIZE])
