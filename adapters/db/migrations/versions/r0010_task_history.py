"""The task history: each user's records, statistics and credits, row-level security, and a role each for worker and gateway."""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"

SCRIPTS = Path(__file__).parents[1] / "r0010"


def upgrade() -> None:
    """Make the roles where they are missing, the tables, and what keeps and guards them."""
    for name in ("roles", "tables", "functions", "grants"):
        _run((SCRIPTS / f"{name}.sql").read_text())


def downgrade() -> None:
    """Take the tables back. Roles and other grants stay: the code before logs in with them just as well."""
    _run("""
        DROP FUNCTION recount_task_statistics(), mend_task_statistics(uuid), true_task_statistics(uuid),
            count_tasks(counted_task[]);
        DROP TABLE user_task_history, user_task_statistics, credit_ledger;
        DROP FUNCTION keep_task_history(), revise_task(), hold_task_history(uuid);
        DROP FUNCTION task_periods(timestamptz), claimed_user(), shop_timezone();
        DROP TYPE counted_task;
    """)


def _run(script: str) -> None:
    """Run a script of several statements, which only the driver itself can do, in the transaction of the migration."""
    connection = op.get_bind()
    schema = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.run_async(lambda asyncpg: asyncpg.execute(script.replace("{schema}", schema)))
