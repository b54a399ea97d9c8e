"""The commands for diagnosis: doctor, replay, bundle."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from runtime.settings import Settings
from starter.commands.arguments import AsJson, OrderId
from starter.commands.cli_context import FAILED, cli_context, run


def call_doctor(as_json: AsJson = False) -> None:
    """Check everything that Darkroom needs, and say how to fix what is wrong."""
    from starter.commands.operating import doctor

    raise typer.Exit(asyncio.run(doctor.examine(Settings(), as_json=as_json)))


def replay(
    context: typer.Context,
    order: Annotated[str | None, typer.Argument(metavar="ORDER", help="Order id, e.g. ORDER_20261122_7K3F9Q.")] = None,
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="history.json from `darkroom order bundle`.")
    ] = None,
) -> None:
    """Replay an order's history on the current code, to check that the order can continue on it."""
    from starter import history, replaying

    async def work() -> tuple[int, str]:
        if order and not file:
            recorded = await history.recorded_of(await cli_context(context).connect(), order)
        elif file and not order:
            recorded = replaying.read(file)
        else:
            raise typer.BadParameter("give either ORDER or --file")
        return len(recorded.events), await replaying.difference(recorded)

    events, difference = run(work())
    typer.echo(difference or f"{events} events replay on the current code", err=bool(difference))
    raise typer.Exit(FAILED if difference else 0)


def write_bundle(
    context: typer.Context,
    order: OrderId,
    to: Annotated[Path | None, typer.Option(help="Empty or new folder. Default: named after order and time.")] = None,
) -> None:
    """Collect everything about an order in one folder: history, state, rows, simulator ledgers."""
    from starter.commands.operating import bundle

    cli = cli_context(context)
    folder = to or bundle.folder_for(order, cli.timezone)
    if not bundle.is_free(folder):
        raise typer.BadParameter(f"{folder} exists and is not an empty folder")
    found = run(bundle.gather(Settings(), cli, order))
    bundle.save(found, folder)
    for name, reason in found.missing.items():
        typer.echo(f"missing: {name}: {reason}", err=True)
    typer.echo(folder)
