"""Dispatches to human designers: who was given what, and whose turn it is."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table of dispatches."""
    op.create_table(
        "dispatches",
        sa.Column("dispatch_id", sa.Text(), nullable=False, comment="Its workflow in Temporal"),
        sa.Column("task_id", sa.Text(), nullable=False, comment="Of the picture, or the id of a transfer without an order"),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("acc_id", sa.Text(), nullable=False, comment="Shop account the customer talks to"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("dispatch_task_id", sa.Text(), nullable=False, server_default=sa.text("''"), comment="The dispatch system's id; empty until somebody has it"),
        sa.Column("designer", sa.Text(), nullable=False, server_default=sa.text("''"), comment="Who has it"),
        sa.Column("closing", sa.Text(), nullable=False, server_default=sa.text("''"), comment="How it ended, by the key of a phrase"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True, comment="When the designer was given it last"),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("dispatch_id", name="pk_dispatches"),
        comment="What was given to human designers, by whom it was done, and how it ended",
    )
    op.create_index("ix_dispatches_designer_assigned_at", "dispatches", ["designer", "assigned_at"])
    op.create_index("ix_dispatches_task_id", "dispatches", ["task_id"])
    op.create_index("ix_dispatches_opened_at", "dispatches", ["opened_at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("dispatches")
