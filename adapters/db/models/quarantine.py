"""The table of rows that were set aside."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.db.models.base import Base, now


class QuarantinedRow(Base):
    """A row that its table refuses for good; everything else of its order was written."""

    __tablename__ = "quarantined_rows"
    __table_args__ = (
        Index("ix_quarantined_rows_untold", "created_at", postgresql_where=text("told_at IS NULL")),
        {"comment": "Rows that Postgres rejected; `darkroom db quarantine` lists and retries them"},
    )

    row_id: Mapped[str] = mapped_column(
        primary_key=True, comment="SHA-256 of table and key, so that a row is stored once"
    )
    table_name: Mapped[str]
    key: Mapped[str] = mapped_column(comment="Primary key of the row, shortened")
    reason: Mapped[str] = mapped_column(comment="Error message of Postgres")
    row: Mapped[str] = mapped_column(comment="The row as JSON, which may be corrected here; truncated if too long")
    is_whole: Mapped[bool] = mapped_column(comment="Whether it can be retried; if not, it must be written again")
    created_at: Mapped[datetime] = now()
    told_at: Mapped[datetime | None] = mapped_column(comment="When staff were told")
