"""`darkroom db quarantine ...`: rows that Postgres rejected."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from starter.commands.arguments import AsJson
from starter.commands.cli_context import FAILED, run
from starter.commands.operating.records import with_engine
from starter.commands.screens import print_json

if TYPE_CHECKING:
    from adapters.db.quarantine import Quarantine

T = TypeVar("T")
app = typer.Typer(no_args_is_help=True, help="Rows that Postgres rejected.", rich_markup_mode="markdown")


@app.command("list", epilog="Example: darkroom db quarantine list --json")
def list_quarantine(as_json: AsJson = False) -> None:
    """List rows that Postgres rejected, with reasons; all other rows of their orders were written."""
    found = run(_in_quarantine(lambda table: table.listing()))
    if as_json:
        print_json([row.model_dump(mode="json") for row in found])
        return
    for row in found:
        how = "" if row.is_whole else " (cannot be retried: fix it by hand, then drop it)"
        typer.echo(f"{row.row_id}  {row.table_name}  {row.key}\n    {row.reason}{how}")
    if not found:
        typer.echo("no quarantined rows")


@app.command("retry", epilog="Example: darkroom db quarantine retry 1f0c2b7d9a3e4f58 (without an id: all rows)")
def retry_quarantine(
    row: Annotated[str | None, typer.Argument(metavar="ROW", help="Row id. Default: all rows.")] = None,
) -> None:
    """Retry rows as they now are in `quarantined_rows.row`. Exit status 1 if one is rejected again."""
    from domain.vocabulary.errors import ValueRefused

    async def work(table: "Quarantine") -> int:
        refused = 0
        for one in [one for one in await table.listing() if row in {None, one.row_id} and one.is_whole]:
            try:
                await table.retry(one.row_id)
                typer.echo(f"{one.row_id} written to {one.table_name}")
            except ValueRefused as error:
                refused += 1
                typer.echo(f"{one.row_id} rejected again: {error}", err=True)
        return refused

    if run(_in_quarantine(work)):
        raise typer.Exit(FAILED)


@app.command("drop", epilog="Example: darkroom db quarantine drop 1f0c2b7d9a3e4f58")
def drop_quarantine(row: Annotated[str, typer.Argument(metavar="ROW", help="Row id.")]) -> None:
    """Delete a quarantined row that was fixed by hand or is not needed."""
    if not run(_in_quarantine(lambda table: table.drop(row))):
        typer.echo(f"no quarantined row {row}", err=True)
        raise typer.Exit(FAILED)


async def _in_quarantine(work: "Callable[[Quarantine], Awaitable[T]]") -> T:
    """Run some work on the quarantined rows, and return its result."""
    from adapters.db.quarantine import Quarantine

    return await with_engine(lambda engine: work(Quarantine(engine)))
