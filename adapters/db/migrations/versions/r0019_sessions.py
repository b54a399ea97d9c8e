"""Sessions of users and staff, and tokens that are refused before they expire."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Create their tables."""
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False, comment="SHA-256 of the cookie"),
        sa.Column("user_id", sa.Uuid(), nullable=False, comment="`sub` of the token that was signed in with"),
        sa.Column("role", sa.Text(), nullable=False, comment="user or staff"),
        sa.Column("plan", sa.Text(), nullable=False, comment="`plan` of the token"),
        sa.Column("name", sa.Text(), nullable=False, comment="What others see of a staff member; empty for a user"),
        sa.Column("client", sa.Text(), nullable=False, comment="Browser and system, such as `Firefox, Linux`"),
        sa.Column("token_id", sa.Text(), nullable=False, comment="SHA-256 of the token without its signature"),
        sa.Column("token_issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When its owner last did something, within a minute",
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it ends, whatever is done with it",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("hash", name="uq_sessions_hash"),
        comment="Browsers in which users and staff are signed in; a row goes when its session ends",
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_table(
        "token_revocations",
        sa.Column("subject", sa.Text(), nullable=False, comment="`token HASH`, `user UUID` or `everybody`"),
        sa.Column(
            "issued_until",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Tokens that were issued until then are refused",
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the last of these tokens has expired by itself",
        ),
        sa.PrimaryKeyConstraint("subject", name="pk_token_revocations"),
        comment="Tokens that are refused: one that was signed out, all of a person, or all of everybody",
    )
    op.create_index("ix_token_revocations_expires_at", "token_revocations", ["expires_at"])


def downgrade() -> None:
    """Remove them: whoever is signed in has to sign in again."""
    op.drop_table("token_revocations")
    op.drop_table("sessions")
