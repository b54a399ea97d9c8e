"""The commands `darkroom db`: the tables, and rows that are written once more."""

import typer

from runtime.settings import Settings
from starter.commands.arguments import AsJson
from starter.commands.cli_context import cli_context, run
from starter.commands.operating import quarantine
from starter.commands.operating.records import with_engine
from starter.commands.screens import print_json

app = typer.Typer(no_args_is_help=True, help="The records in Postgres.", rich_markup_mode="markdown")
app.add_typer(quarantine.app, name="quarantine")


@app.command(epilog="Example: darkroom db upgrade")
def upgrade() -> None:
    """Bring the tables up to date."""
    from adapters.db import migrate

    settings = Settings()
    run(migrate.upgrade(settings.database_url, settings.database_schema))
    typer.echo(f"the tables are at {migrate.head()}")


@app.command(epilog="Example: darkroom db current --json")
def current(as_json: AsJson = False) -> None:
    """Print which migration the tables are at, and which one the code wants."""
    from adapters.db import migrate

    settings = Settings()
    found, head = run(migrate.current(settings.database_url, settings.database_schema)), migrate.head()
    if as_json:
        print_json({"current": found, "head": head})
        return
    typer.echo(
        f"{found or 'no tables yet'}" + ("" if found == head else f"; the code wants {head}: darkroom db upgrade")
    )


@app.command("catch-up", epilog="Example: darkroom db catch-up")
def catch_up(context: typer.Context) -> None:
    """Write the rows of every order anew from its workflow, as after a restore; older never overwrites newer."""
    from adapters.db.records import PostgresRecords
    from starter.catching_up import catch_up

    async def work() -> int:
        client = await cli_context(context).connect()
        return await with_engine(lambda engine: catch_up(client, PostgresRecords(engine)))

    typer.echo(f"{run(work())} orders are up to date")
