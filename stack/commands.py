"""The commands of the local stack: up, demo, backup, restore. They are in a checkout, not in the production image.

A command imports what it alone needs.
"""

from collections.abc import Awaitable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import typer

from domain.vocabulary.errors import DarkroomError
from runtime.paths import DATA
from runtime.settings import Settings
from stack.errors import StackError
from starter.commands.cli_context import run

T = TypeVar("T")
Provider = Literal["local", "gemini-simulator"]
ByProvider = Annotated[Provider, typer.Option(help="Image provider: packaged networks, or the Gemini simulator.")]

app = typer.Typer()
THIS_MACHINE = "Local stack"  # the panel in the help


@app.command(epilog="Example: darkroom up --provider gemini-simulator", rich_help_panel=THIS_MACHINE)
def up(provider: ByProvider = "local") -> None:
    """Start Temporal, Postgres, storage, the simulators, the worker and the gateway; Ctrl-C stops them all."""
    from stack.plan import StackOptions
    from stack.up import run as start

    raise typer.Exit(start(DATA, StackOptions(provider=provider)))


@app.command("backup", epilog="Example: darkroom backup backups/monday", rich_help_panel=THIS_MACHINE)
def make_backup(
    to: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="New folder for the backup. Default: one in backups/.")
    ] = None,
) -> None:
    """Back up the running local stack without stopping it: rows, histories, pictures, secrets."""
    from stack.backup import back_up

    folder = to or Path("backups") / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    facts = run(_of_the_stack(back_up(Settings(), DATA, folder)))
    typer.echo(f"Backup in {folder}: {facts['pictures']} pictures, as of {facts['begun_at']}")


@app.command(
    "restore", epilog="Example: darkroom restore backups/monday, then darkroom up", rich_help_panel=THIS_MACHINE
)
def restore_backup(
    backup: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Folder written by `darkroom backup`.")],
) -> None:
    """Restore the data folder of the local stack from a backup; it must not exist yet."""
    from stack.restore import restore

    pictures = run(_of_the_stack(restore(backup, DATA)))
    typer.echo(f"Restored {DATA} with {pictures} pictures. Next: `darkroom up`, then `darkroom db catch-up`")


async def _of_the_stack(work: Awaitable[T]) -> T:
    """Await some work on the local stack, turning its errors into DarkroomError."""
    try:
        return await work
    except StackError as error:
        raise DarkroomError(str(error)) from error


@app.command("demo", epilog="Example: darkroom demo --provider gemini-simulator", rich_help_panel=THIS_MACHINE)
def show_demo(
    provider: ByProvider = "local",
    patience: Annotated[float, typer.Option(help="Timeout of each step, in seconds.")] = 300,
) -> None:
    """Run two demo orders from photo to e-mail. Exit status 0 only if the e-mails arrived."""
    from demo.play import play

    raise typer.Exit(play(provider, patience))


@app.command("seed", epilog="Example: darkroom seed", rich_help_panel=THIS_MACHINE)
def seed_history(
    records: Annotated[int, typer.Option(min=1, max=200_000, help="Records of all users together.")] = 10_000,
) -> None:
    """Fill the task history and the staff board with made-up records, for trying them. Refused in production."""
    from demo.seeding.seed import seed
    from stack.demo_user import DEMO_USER

    done = run(seed(Settings(), DEMO_USER, records))
    typer.echo(f"{done.added} records added, {done.before} were there already (to begin again: make reset)")
    typer.echo(f"{done.orders} orders are on the staff board; they can be looked at, not acted on")
