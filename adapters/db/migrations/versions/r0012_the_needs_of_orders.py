"""What orders need of staff, their next deadline, and who looks at them, for the staff board."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"

COLUMNS = (
    ("needs", JSONB(), sa.text("'[]'"), "What staff have to do: kind, why, since when and until when"),
    ("deadline", sa.Text(), sa.text("''"), "Name of the next deadline; empty if there is none"),
    ("deadline_at", sa.DateTime(timezone=True), None, "When that is"),
)


def upgrade() -> None:
    """Add the columns; each order fills them with its next report."""
    for name, kind, default, comment in COLUMNS:
        is_optional = default is None
        op.add_column("orders", sa.Column(name, kind, nullable=is_optional, server_default=default, comment=comment))
    op.create_index("ix_orders_created_at", "orders", ["created_at"])
    op.create_table(
        "order_viewers",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="What others see of the staff member"),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, comment="When the page last said so"),
        sa.PrimaryKeyConstraint("order_id", "user_id", name="pk_order_viewers"),
        comment="Who has an order open on the staff board; rows go when the page is closed",
    )
    op.create_index("ix_orders_with_needs", "orders", ["order_id"], postgresql_where=sa.text("needs <> '[]'"))


def downgrade() -> None:
    """Remove them."""
    op.drop_table("order_viewers")
    op.drop_index("ix_orders_with_needs", "orders")
    op.drop_index("ix_orders_created_at", "orders")
    for name, *_ in COLUMNS:
        op.drop_column("orders", name)
