"""Every version of a quote, where only the last one was kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Create their table, with the quotes that are known."""
    op.create_table(
        "quotes",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("quoted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quote", postgresql.JSONB(), nullable=False, comment="Complete, with its factors"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name="fk_quotes_order_id"),
        sa.PrimaryKeyConstraint("order_id", "version", name="pk_quotes"),
        comment="Versions of quotes, as far as they were reported",
    )
    op.execute(
        "INSERT INTO quotes (order_id, version, quoted_at, quote) "
        "SELECT order_id, (quote ->> 'version')::int, (quote ->> 'quoted_at')::timestamptz, quote "
        "FROM orders WHERE quote IS NOT NULL"
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("quotes")
