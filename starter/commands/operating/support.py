"""The commands that look into an installation or an order: doctor, replay, bundle."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from runtime.settings import Settings
from starter.commands.arguments import AsJson, OrderId
from starter.commands.cli_context import FAILED, cli_context, run


def call_doctor(as_json: AsJson = False) -> None:
    """Tell what is reachable, configured and missing, and what to do about it."""
    from starter.commands.operating import doctor

    raise typer.Exit(asyncio.run(doctor.examine(Settings(), as_json=as_json)))


def replay(
    context: typer.Context,
    order: Annotated[str | None, typer.Argument(metavar="ORDER", help="Such as ORDER_20261122_7K3F9Q.")] = None,
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A history that `darkroom order bundle` wrote.")
    ] = None,
) -> None:
    """Replay what Temporal recorded of an order on today's code, to see whether it can go on with it."""
    from starter import history, replaying

    async def work() -> tuple[int, str]:
        if order and not file:
            recorded = await history.recorded_of(await cli_context(context).connect(), order)
        elif file and not order:
            recorded = replaying.read(file)
        else:
            raise typer.BadParameter("name an order, or a file that keeps its history")
        return len(recorded.events), await replaying.difference(recorded)

    events, difference = run(work())
    typer.echo(difference or f"{events} events replay on today's code", err=bool(difference))
    raise typer.Exit(FAILED if difference else 0)


def write_bundle(
    context: typer.Context,
    order: OrderId,
    to: Annotated[Path | None, typer.Option(help="Folder to write into, made where it is missing.")] = None,
) -> None:
    """Gather all that is known of an order in one folder: history, state, rows, what simulators saw."""
    from starter.commands.operating import bundle

    cli = cli_context(context)
    folder = to or bundle.folder_for(order, cli.timezone)
    if not bundle.is_free(folder):
        raise typer.BadParameter(f"{folder} is there already, and not an empty folder")
    found = run(bundle.gather(Settings(), cli, order))
    bundle.save(found, folder)
    for name, reason in found.missing.items():
        typer.echo(f"not in it: {name}: {reason}", err=True)
    typer.echo(folder)
