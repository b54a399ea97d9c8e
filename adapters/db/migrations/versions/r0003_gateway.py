"""Keys of the gateway's callers, what was asked already, and what an order waits for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the gateway's two tables, and the column that tells what an order waits for."""
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.Text(), nullable=False, comment="The part of a key that is no secret"),
        sa.Column("name", sa.Text(), nullable=False, comment="Whose it is; logs and rate limits go by it"),
        sa.Column(
            "hash", sa.Text(), nullable=False, comment="SHA-256 of the whole key: 32 random bytes need no slower one"
        ),
        sa.Column("scopes", JSONB(), server_default=sa.text("'[]'"), nullable=False, comment="bot, agent"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "revoked_at", sa.DateTime(timezone=True), nullable=True, comment="From then on it opens nothing"
        ),
        sa.PrimaryKeyConstraint("key_id", name="pk_api_keys"),
        sa.UniqueConstraint("name", name="uq_api_keys_name"),
        comment="Callers of the gateway: chat bots and other agents",
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("scope", sa.Text(), nullable=False, comment="Whose keys these are, and for what"),
        sa.Column("key", sa.Text(), nullable=False, comment="Idempotency-Key, event id or payment id"),
        sa.Column(
            "fingerprint", sa.Text(), nullable=False, comment="SHA-256 of what was asked: another thing is no repeat"
        ),
        sa.Column(
            "order_id", sa.Text(), nullable=False, comment="Where it went; the order may not be on record yet"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_idempotency_keys"),
        comment="What was asked and which order it went to, so that a repeat meets the same order; kept 30 days",
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])
    op.add_column(
        "orders",
        sa.Column(
            "waits_for",
            sa.Text(),
            server_default=sa.text("''"),
            nullable=False,
            comment="In words; phrases.toml says them in the shop's language",
        ),
    )


def downgrade() -> None:
    """Take them back."""
    op.drop_column("orders", "waits_for")
    op.drop_table("idempotency_keys")
    op.drop_table("api_keys")
