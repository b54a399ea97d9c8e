"""Migrates the tables of a schema; safe to run concurrently."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.schema import CreateSchema

from adapters.db.engine import create_engine, outages

REVISION_SECONDS = 3600  # a revision may rewrite a large table
MIGRATIONS = Path(__file__).parent / "migrations"


async def upgrade(
    database_url: str, schema: str = "public", revision: str = "head", *, timezone: str | None = None
) -> None:
    """Create the schema if missing, and upgrade its tables to a revision. Raises OutsideUnavailable.

    Tables of a newer revision are left unchanged, so that an older version can still run on them. If the shop's time
    zone has changed, all statistics are counted again by its days.
    """

    def bring_up(config: Config) -> None:
        _bring_up(config, revision)
        if timezone is not None:
            _set_timezone(config.attributes["connection"], timezone)

    await _run(database_url, schema, bring_up)


async def downgrade(database_url: str, schema: str = "public", revision: str = "base") -> None:
    """Downgrade the tables to a revision; data of later revisions is lost. Raises OutsideUnavailable."""
    await _run(database_url, schema, lambda config: command.downgrade(config, revision))


async def current(database_url: str, schema: str = "public") -> str | None:
    """Return the revision of the tables, None before the first. Raises OutsideUnavailable."""
    engine = create_engine(database_url, schema)
    try:
        with outages():
            async with engine.connect() as connection:
                return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    finally:
        await engine.dispose()


def head() -> str | None:
    """Return the revision that this code needs."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


async def _run(database_url: str, schema: str, step: Callable[[Config], None]) -> None:
    engine = create_engine(database_url, schema, REVISION_SECONDS)
    try:
        with outages():
            async with engine.begin() as connection:  # all revisions in one transaction
                await connection.run_sync(_step, schema, step)
    finally:
        await engine.dispose()


def _bring_up(config: Config, revision: str) -> None:
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    now = MigrationContext.configure(config.attributes["connection"]).get_current_revision()
    if now is None or now in known:
        command.upgrade(config, revision)


def _set_timezone(connection: Connection, timezone: str) -> None:
    if connection.scalar(text("SELECT to_regproc('shop_timezone')")) is None:  # before revision 0010
        return
    if connection.scalar(text("SELECT shop_timezone()")) == timezone:
        return
    connection.execute(text("SELECT now() AT TIME ZONE :timezone"), {"timezone": timezone})  # Postgres must know it
    name = connection.scalar(text("SELECT quote_literal(:timezone)"), {"timezone": timezone})
    connection.execute(
        text(f"CREATE OR REPLACE FUNCTION shop_timezone() RETURNS text LANGUAGE sql STABLE RETURN {name}::text")
    )
    connection.execute(text("SELECT recount_task_statistics()"))


def _step(connection: Connection, schema: str, step: Callable[[Config], None]) -> None:
    # Held until the transaction ends: a concurrent process waits, and then has nothing to do.
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('darkroom migrations'))"))
    connection.execute(CreateSchema(schema, if_not_exists=True))
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    step(config)
