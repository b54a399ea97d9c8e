"""The index by which the next deadline of all orders is found."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Create it."""
    op.create_index("ix_orders_deadline_at", "orders", ["deadline_at"])


def downgrade() -> None:
    """Remove it."""
    op.drop_index("ix_orders_deadline_at", "orders")
