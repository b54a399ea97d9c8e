"""Whether money is to go back to the customer, and what is due: one truth for whoever reads the rows."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

DUE = "The least that pays the quote; null until quoted"
DUE_BEFORE = "Upper end of the last quote; null until quoted"
FLAGGED = "Why staff should look at it, such as payment.too_little; empty when all is well"
FLAGGED_BEFORE = "Why staff should look at it; empty when all is well"
PAYMENTS = "Payments and refunds; rows are added, and nothing of them changes but why they are flagged"
PAYMENTS_BEFORE = "Payments and refunds; rows are added, never changed"


def upgrade() -> None:
    """Orders that were cancelled before say what the rows tell: whether less went back than was paid."""
    op.add_column(
        "orders",
        sa.Column(
            "refund_due",
            sa.Boolean(),
            nullable=False,
            server_default=sa.text("false"),
            comment="It will not be made, and money of the customer may still be here",
        ),
    )
    op.execute(
        "UPDATE orders SET refund_due = true WHERE status IN ('declined', 'cancelled', 'expired')"
        " AND EXISTS (SELECT FROM payments p WHERE p.order_id = orders.order_id AND p.kind = 'payment')"
        " AND (amount_refunded < amount_paid OR amount_refunded = 0)"
    )
    _comment(DUE, FLAGGED, PAYMENTS)


def downgrade() -> None:
    """Take it back."""
    op.drop_column("orders", "refund_due")
    _comment(DUE_BEFORE, FLAGGED_BEFORE, PAYMENTS_BEFORE)


def _comment(due: str, flagged: str, payments: str) -> None:
    op.alter_column("orders", "amount_due", existing_type=sa.Numeric(), existing_nullable=True, comment=due)
    op.alter_column("payments", "flagged", existing_type=sa.Text(), existing_nullable=False, comment=flagged)
    op.create_table_comment("payments", payments)
