"""The index by which the open tasks of designers are counted."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Create it."""
    op.create_index("ix_dispatches_open", "dispatches", ["opened_at"], postgresql_where=sa.text("closed_at IS NULL"))


def downgrade() -> None:
    """Remove it."""
    op.drop_index("ix_dispatches_open", "dispatches")
