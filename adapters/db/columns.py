"""Column types that accept any input of customers and providers, and constraints on columns."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import CheckConstraint, DateTime, Dialect, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def storable(value: Any) -> Any:
    """Return the value without characters that Postgres rejects: NUL and unpaired surrogates."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
        case dict():
            return {storable(key): storable(item) for key, item in value.items()}
        case list():
            return [storable(item) for item in value]
        case _:
            return value


def in_utc(value: datetime | None) -> datetime | None:
    """Return a time in UTC, clamped to what UTC can express, such as the year 1 in China."""
    try:
        return value and value.astimezone(UTC)
    except OverflowError:
        return FIRST if value and value.year == FIRST.year else LAST


def as_document(value: Any) -> Any:
    """Return JSON that Postgres accepts; decimals and times become text, infinities null."""
    return storable(to_jsonable_python(value, inf_nan_mode="null", fallback=str))


class Words(TypeDecorator[str]):
    """Text of people or providers; an invalid character must not block an order."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's API
        """Clean the value."""
        return None if value is None else str(storable(value))


class Moment(TypeDecorator[datetime]):
    """A time with zone, within the range of UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as above
        """Convert the value to UTC."""
        return in_utc(value)


class Facts(TypeDecorator[Any]):
    """A jsonb document."""

    impl = JSONB(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's API
        """Convert the value to JSON that Postgres accepts."""
        return as_document(value)


def one_of(column: str, words: type[StrEnum] | tuple[str, ...]) -> CheckConstraint:
    """Return the constraint that a column holds one of these words (or null, if nullable)."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def not_negative(*columns: str) -> list[CheckConstraint]:
    """Return the constraints that these columns are not negative."""
    return [CheckConstraint(f"{column} >= 0", name=f"{column}_not_negative") for column in columns]
