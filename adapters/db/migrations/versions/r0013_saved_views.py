"""Filters of the staff board under a name."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create their table."""
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False, comment="The staff member who saved it"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False, comment="Query string of its address"),
        sa.Column(
            "is_shared", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="All staff see it"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_views"),
        comment="Filters of the staff board under a name",
    )
    op.create_index("ix_saved_views_user_id", "saved_views", ["user_id"])


def downgrade() -> None:
    """Remove it."""
    op.drop_table("saved_views")
