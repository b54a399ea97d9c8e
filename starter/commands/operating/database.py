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
    """Rewrite the rows of all orders from their workflows, e.g. after a restore; newer rows are never overwritten.

    Then the task history of users gets a record for each image call of their orders. Run it with the worker's settings.
    """
    from adapters.db import order_history
    from adapters.db.records import PostgresRecords
    from starter.catching_up import catch_up

    history = order_history.OrderHistory(Settings().shop_language)  # nobody is charged for the past

    async def rewrite() -> int:
        client = await cli_context(context).connect()
        return await with_engine(lambda engine: catch_up(client, PostgresRecords(engine, history)))

    typer.echo(f"Rows of {run(rewrite())} orders are up to date")
    done = run(with_engine(lambda engine: order_history.catch_up(engine, history)))
    told = f"{done.records.created} created, {done.records.changed} updated"
    typer.echo(f"Task history of {done.orders} orders with an owner is up to date: {told}")
    if done.strangers:
        typer.echo(f"{done.strangers} orders have an owner that is not a UUID, so they are in nobody's task history")
