"""Column types that take whatever customers and providers send, and the words that columns may hold."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import CheckConstraint, DateTime, Dialect, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def storable(value: Any) -> Any:
    """Return the value without what Postgres refuses in text: NUL characters and halves of surrogate pairs."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
        case dict():
            return {storable(key): storable(item) for key, item in value.items()}
        case list():
            return [storable(item) for item in value]
        case _:
            return value


class Words(TypeDecorator[str]):
    """Text that people or providers wrote: one odd character must not hold up an order."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's API
        """Clean what goes in."""
        return None if value is None else str(storable(value))


class Moment(TypeDecorator[datetime]):
    """A time with its zone; one that UTC cannot say, such as the year 1 in China, becomes the nearest it can."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as above
        """Bring what goes in to UTC."""
        try:
            return value and value.astimezone(UTC)
        except OverflowError:
            return FIRST if value and value.year == FIRST.year else LAST


class Facts(TypeDecorator[Any]):
    """A jsonb document of anything: decimals and times become text, infinities null."""

    impl = JSONB(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's API
        """Make what goes in valid JSON for Postgres."""
        return storable(to_jsonable_python(value, inf_nan_mode="null", fallback=str))


def one_of(column: str, words: type[StrEnum] | tuple[str, ...]) -> CheckConstraint:
    """Return the constraint that a column holds one of these words (or nothing, where it is nullable)."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def not_negative(*columns: str) -> list[CheckConstraint]:
    """Return the constraints that these numbers are zero or more."""
    return [CheckConstraint(f"{column} >= 0", name=f"{column}_not_negative") for column in columns]
