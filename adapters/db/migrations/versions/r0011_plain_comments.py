"""Comments on tables and columns in plainer words."""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"

SCRIPTS = Path(__file__).parents[1] / "r0011"


def upgrade() -> None:
    """Replace the comments; nothing else changes."""
    _run("after.sql")


def downgrade() -> None:
    """Restore the comments from before."""
    _run("before.sql")


def _run(name: str) -> None:
    """Run a script at once, which only the driver itself can do, in the transaction of the migration."""
    script = (SCRIPTS / name).read_text()
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None
    connection.run_async(lambda asyncpg: asyncpg.execute(script))
