"""Versions of what staff changed of the settings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Create their table."""
    op.create_table(
        "shop_settings",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("changes", JSONB(), nullable=False, comment="Differences from the environment's settings"),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_shop_settings"),
        comment="Versions of what staff changed of the settings; the newest applies",
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("shop_settings")
