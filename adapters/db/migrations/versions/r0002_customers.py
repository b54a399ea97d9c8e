"""Profiles of customers, the reasons of changes, refunds beside payments, and events of orders that nobody knows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table of customers, and widen those of events, payments and changes."""
    op.create_table(
        "customers",
        sa.Column("acc_id", sa.Text(), nullable=False, comment="Shop account"),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "email", sa.Text(), nullable=True, comment="One that a letter went out to; offered, never used unasked"
        ),
        sa.Column(
            "email_status",
            sa.Text(),
            server_default=sa.text("''"),
            nullable=False,
            comment="sent; or refused, and the address was dropped",
        ),
        sa.Column(
            "requirement_history",
            JSONB(),
            server_default=sa.text("'[]'"),
            nullable=False,
            comment="What was wanted, one entry a task, newest first",
        ),
        sa.Column(
            "complexity_history",
            JSONB(),
            server_default=sa.text("'[]'"),
            nullable=False,
            comment="How hard it was, one entry a task, newest first",
        ),
        sa.Column("last_picture", sa.Text(), nullable=True, comment="Key of the original in object storage"),
        sa.Column(
            "last_prompt",
            sa.Text(),
            server_default=sa.text("''"),
            nullable=False,
            comment="Of the analysis of the last picture",
        ),
        sa.Column("last_aspect_ratio", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("last_perspective", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("orders", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("high_value_orders", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "revisions",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Rounds the customer asked for, over all orders",
        ),
        sa.Column(
            "spent",
            sa.Numeric(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Paid less refunded, in the currency that stands beside it",
        ),
        sa.Column("currency", sa.Text(), nullable=True, comment="That of the newest order"),
        sa.Column(
            "tags",
            JSONB(),
            server_default=sa.text("'[]'"),
            nullable=False,
            comment="new, returning, high_value, often_revises..., computed from the rest",
        ),
        sa.Column(
            "sources",
            JSONB(),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Which order name, email and picture are known from",
        ),
        sa.CheckConstraint("email_status IN ('', 'sent', 'refused')", name=op.f("ck_customers_email_status")),
        sa.CheckConstraint("orders >= 0", name=op.f("ck_customers_orders_not_negative")),
        sa.CheckConstraint("high_value_orders >= 0", name=op.f("ck_customers_high_value_orders_not_negative")),
        sa.CheckConstraint("revisions >= 0", name=op.f("ck_customers_revisions_not_negative")),
        sa.PrimaryKeyConstraint("acc_id", "customer_id", name=op.f("pk_customers")),
        comment="Profiles of customers, merged from their orders; ids of customers are the platform's",
    )
    op.drop_constraint(op.f("fk_order_events_order_id"), "order_events", type_="foreignkey")
    op.alter_column(
        "order_events", "order_id", comment="As it was said; a late event may be of an order that nobody knows"
    )
    op.alter_column("order_events", "by", comment="customer, staff, bot, sender (whoever sent it) or darkroom")
    op.drop_constraint(op.f("pk_payments"), "payments", type_="primary")
    op.create_primary_key(op.f("pk_payments"), "payments", ["order_id", "payment_id", "kind"])
    op.alter_column("payments", "payment_id", comment="Of a refund its refund_id")
    op.add_column(
        "task_requirement_changes",
        sa.Column(
            "reason",
            sa.Text(),
            server_default=sa.text("''"),
            nullable=False,
            comment="Why staff changed what is paid, or the key of the phrase that refused it",
        ),
    )


def downgrade() -> None:
    """Drop the customers and the reasons, and what the narrower tables cannot hold."""
    op.drop_column("task_requirement_changes", "reason")
    op.execute("""
        DELETE FROM payments WHERE kind = 'refund' AND EXISTS (
            SELECT FROM payments AS paid
             WHERE paid.kind = 'payment' AND paid.order_id = payments.order_id AND paid.payment_id = payments.payment_id
        )
    """)
    op.alter_column("payments", "payment_id", comment=None)
    op.drop_constraint(op.f("pk_payments"), "payments", type_="primary")
    op.create_primary_key(op.f("pk_payments"), "payments", ["order_id", "payment_id"])
    op.alter_column("order_events", "by", comment="customer, staff, bot or darkroom")
    op.execute("DELETE FROM order_events WHERE order_id NOT IN (SELECT order_id FROM orders)")
    op.alter_column("order_events", "order_id", comment=None)
    op.create_foreign_key(op.f("fk_order_events_order_id"), "order_events", "orders", ["order_id"], ["order_id"])
    op.drop_table("customers")
