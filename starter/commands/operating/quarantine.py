"""The commands `darkroom db quarantine`: rows that Postgres refused."""

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
app = typer.Typer(no_args_is_help=True, help="Rows that Postgres refused.", rich_markup_mode="markdown")


@app.command("list", epilog="Example: darkroom db quarantine list --json")
def list_quarantine(as_json: AsJson = False) -> None:
    """List the rows that Postgres refused, each with its reason; everything else of their orders was written."""
    found = run(_in_quarantine(lambda table: table.listing()))
    if as_json:
        print_json([row.model_dump(mode="json") for row in found])
        return
    for row in found:
        how = "" if row.is_whole else " (cannot be tried again: mend it by hand, then drop it)"
        typer.echo(f"{row.row_id}  {row.table_name}  {row.key}\n    {row.reason}{how}")
    if not found:
        typer.echo("nothing is set aside")


@app.command("retry", epilog="Example: darkroom db quarantine retry 1f0c2b7d9a3e4f58, or without an id all")
def retry_quarantine(row: Annotated[str | None, typer.Argument(metavar="ROW", help="Its id.")] = None) -> None:
    """Write rows once more, as they stand in `quarantined_rows` (column `row`) now; 1 where one is refused again."""
    from domain.vocabulary.errors import ValueRefused

    async def work(table: "Quarantine") -> int:
        refused = 0
        for one in [one for one in await table.listing() if row in {None, one.row_id} and one.is_whole]:
            try:
                await table.retry(one.row_id)
                typer.echo(f"{one.row_id} is in {one.table_name} now")
            except ValueRefused as error:
                refused += 1
                typer.echo(f"{one.row_id} is refused again: {error}", err=True)
        return refused

    if run(_in_quarantine(work)):
        raise typer.Exit(FAILED)


@app.command("drop", epilog="Example: darkroom db quarantine drop 1f0c2b7d9a3e4f58")
def drop_quarantine(row: Annotated[str, typer.Argument(metavar="ROW", help="Its id.")]) -> None:
    """Forget a row that was mended by hand, or that nobody needs."""
    if not run(_in_quarantine(lambda table: table.drop(row))):
        typer.echo(f"{row} is not there", err=True)
        raise typer.Exit(FAILED)


async def _in_quarantine(work: "Callable[[Quarantine], Awaitable[T]]") -> T:
    """Do something with what was set aside."""
    from adapters.db.quarantine import Quarantine

    return await with_engine(lambda engine: work(Quarantine(engine)))
