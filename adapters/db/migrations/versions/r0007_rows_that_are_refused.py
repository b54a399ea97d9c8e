"""Rows that their tables refuse are set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table of what was set aside."""
    op.create_table(
        "quarantined_rows",
        sa.Column("row_id", sa.Text(), nullable=False, comment="SHA-256 of table and key: the same row stands once"),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="Its primary key, shortened"),
        sa.Column("reason", sa.Text(), nullable=False, comment="What Postgres said"),
        sa.Column("row", sa.Text(), nullable=False, comment="The row as JSON, which may be mended here; cut off where it is too long"),
        sa.Column("is_whole", sa.Boolean(), nullable=False, comment="Whether it can be tried again; else it is written anew, or by hand"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True, comment="When staff were told"),
        sa.PrimaryKeyConstraint("row_id", name="pk_quarantined_rows"),
        comment="Rows that their tables refuse; `darkroom db quarantine` lists them, and tries them again",
    )
    op.create_index(
        "ix_quarantined_rows_untold", "quarantined_rows", ["created_at"], postgresql_where=sa.text("told_at IS NULL")
    )


def downgrade() -> None:
    """Take it back; what was set aside is lost."""
    op.drop_table("quarantined_rows")
