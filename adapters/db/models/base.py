"""What all tables share: how names and types are chosen, and the usual kinds of columns."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import MetaData, Numeric, Uuid, func, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from adapters.db.columns import Facts, Moment, Words


class Base(DeclarativeBase):
    """Postgres's own types behind the Python ones; `numeric` without a scale, so that money is never rounded."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a class attribute
        str: Words,
        UUID: Uuid(),
        datetime: Moment,
        Decimal: Numeric(),
        dict[str, Any]: Facts,
        list[str]: Facts,
        list[dict[str, Any]]: Facts,
    }


def new_id() -> Mapped[UUID]:
    """Return a key that Postgres makes, in the order of time."""
    return mapped_column(primary_key=True, server_default=text("uuidv7()"))


def now() -> Mapped[datetime]:
    """Return a time that Postgres sets."""
    return mapped_column(server_default=func.now())


def word(comment: str | None = None) -> Mapped[str]:
    """Return a text that is empty until it is known."""
    return mapped_column(server_default=text("''"), comment=comment)


def listed(comment: str) -> Mapped[Any]:
    """Return a jsonb list that is empty at first."""
    return mapped_column(server_default=text("'[]'"), comment=comment)


def count(comment: str | None = None) -> Mapped[Any]:
    """Return a number that begins at zero."""
    return mapped_column(server_default=text("0"), comment=comment)
