"""What is removed for its age: when it was, and the indexes by which the rest is found."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

KINDS = ("pictures", "words")
OF_KEYS = "Requests and the order each one went to, so that a repeat reaches the same order"


def upgrade() -> None:
    """Create them."""
    moment = sa.DateTime(timezone=True)
    for kind, comment in zip(
        KINDS, ("When upkeep removed them for their age", "The same of names, addresses and words"), strict=True
    ):
        op.add_column("orders", sa.Column(f"{kind}_removed_at", moment, comment=comment))
        where = sa.text(f"{kind}_removed_at IS NULL")
        op.create_index(f"ix_orders_{kind}_kept", "orders", ["created_at"], postgresql_where=where)
    comment = "When upkeep removed the words and files of a question for their age"
    op.add_column("dispatches", sa.Column("removed_at", moment, comment=comment))
    where = sa.text("order_id IS NULL AND removed_at IS NULL")
    op.create_index("ix_dispatches_questions_kept", "dispatches", ["closed_at"], postgresql_where=where)
    where = sa.text("what = 'late_event' AND facts ? 'payload'")
    op.create_index("ix_order_events_late", "order_events", ["at"], postgresql_where=where)
    op.create_table_comment("idempotency_keys", OF_KEYS, existing_comment=f"{OF_KEYS}; kept 30 days")


def downgrade() -> None:
    """Remove them."""
    op.create_table_comment("idempotency_keys", f"{OF_KEYS}; kept 30 days", existing_comment=OF_KEYS)
    op.drop_index("ix_order_events_late", "order_events")
    op.drop_index("ix_dispatches_questions_kept", "dispatches")
    op.drop_column("dispatches", "removed_at")
    for kind in KINDS:
        op.drop_index(f"ix_orders_{kind}_kept", "orders")
        op.drop_column("orders", f"{kind}_removed_at")
