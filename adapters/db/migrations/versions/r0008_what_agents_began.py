"""Which API key began what, and the order of changes within one instant."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table of what agents began, and number the changes of an order."""
    op.create_table(
        "begun",
        sa.Column("name", sa.Text(), nullable=False, comment="Id of an order, a question to designers or a search"),
        sa.Column("begun_by", sa.Text(), nullable=False, comment="Name of the API key that began it"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_begun"),
        comment="What agents began: their keys reach nothing else",
    )
    op.create_index("ix_begun_begun_by", "begun", ["begun_by"])
    op.add_column(
        "task_requirement_changes",
        sa.Column(
            "serial",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Counts the changes of an order: several may fall in one instant",
        ),
    )


def downgrade() -> None:
    """Take them back."""
    op.drop_column("task_requirement_changes", "serial")
    op.drop_table("begun")
