"""`darkroom db ...`: migrates the tables, and rewrites rows."""

import typer

from runtime.settings import Settings
from starter.commands.arguments import AsJson
from starter.commands.cli_context import cli_context, run
from starter.commands.operating import quarantine
from starter.commands.operating.records import with_engine
from starter.commands.screens import print_json

app = typer.Typer(no_args_is_help=True, help="The tables in Postgres.", rich_markup_mode="markdown")
app.add_typer(quarantine.app, name="quarantine")


@app.command(epilog="Example: darkroom db upgrade")
def upgrade() -> None:
    """Migrate the tables to the latest revision."""
    from adapters.db import migrate

    settings = Settings()
    run(migrate.upgrade(settings.database_url, settings.database_schema, timezone=settings.shop_timezone))
    typer.echo(f"Tables are at revision {migrate.head()}")


@app.command(epilog="Example: darkroom db current --json")
def current(as_json: AsJson = False) -> None:
    """Print the revision of the tables and the one the code needs."""
    from adapters.db import migrate

    settings = Settings()
    found, head = run(migrate.current(settings.database_url, settings.database_schema)), migrate.head()
    if as_json:
        print_json({"current": found, "head": head})
        return
    typer.echo(
        f"{found or 'no tables yet'}" + ("" if found == head else f"; the code needs {head}. Run: darkroom db upgrade")
    )


@app.command("catch-up", epilog="Example: darkroom db catch-up")
def catch_up(context: typer.Context) -> None:
    """Rewrite the rows of all orders from their workflows, e.g. after a restore; newer rows are never overwritten."""
    from adapters.db.records import PostgresRecords
    from starter.catching_up import catch_up

    async def work() -> int:
        client = await cli_context(context).connect()
        return await with_engine(lambda engine: catch_up(client, PostgresRecords(engine)))

    typer.echo(f"Rows of {run(work())} orders are up to date")
