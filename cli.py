"""The `darkroom` command: orders, operating commands, and the local stack.

A command imports what it alone needs, so that `darkroom order pay` loads no servers, drivers or imaging code.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from adapters.phrases import Phrasebook
from runtime.settings import VERSION, Settings, refusal
from starter.client import InvalidConnection, TemporalConnection, connection_from
from starter.commands import designers, events, orders, photos, upkeep
from starter.commands.cli_context import EXIT_STATUSES, CliContext
from starter.commands.finding import find
from starter.commands.operating import (
    checking,
    customers,
    database,
    deploy,
    keys,
    making,
    sessions,
    setup,
    support,
    tokens,
)
from starter.commands.words import words

if TYPE_CHECKING:
    from starter.commands.sharing import LibraryTools

HAS_STACK = find_spec("stack") is not None  # absent from the production image, whose servers are the shop's own
FIRST = "Run `darkroom up`, then in another terminal: " if HAS_STACK else ""
ORDERS, OPERATING = "Orders and pictures", "Operating"  # panels in the help

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,  # locals hold secrets
    help="Durable orders for an image-retouching shop, on Temporal.",
    epilog=f"{FIRST}`darkroom order new PHOTO --customer wang` starts an order. {EXIT_STATUSES}",
)
orders.app.command(
    "bundle", rich_help_panel=orders.LOOK, epilog="Example: darkroom order bundle ORDER_20261122_7K3F9Q --to case-17"
)(support.write_bundle)
orders.app.add_typer(events.app)
app.add_typer(orders.app, name="order", rich_help_panel=ORDERS)
app.add_typer(designers.app, name="designer", rich_help_panel=ORDERS)
app.add_typer(photos.app, name="photo", rich_help_panel=ORDERS)
app.command(
    "find", rich_help_panel=ORDERS, epilog="Example: darkroom find cat.jpg --words 橘猫 --customer wang"
)(find)  # fmt: skip
app.command(
    "check",
    rich_help_panel=ORDERS,
    epilog="Example: darkroom check photo.jpg result.jpg --operation enhance, or the same with --json",
)(checking.check)
app.command(
    "words", rich_help_panel=ORDERS, epilog="Example: darkroom words '可以 wang@example.com' --state awaiting_confirm"
)(words)  # fmt: skip
app.command(
    "make", rich_help_panel=ORDERS, epilog="Example: darkroom make edit cat.jpg --words 换成白底 -o white.jpg"
)(making.make)  # fmt: skip
app.command(
    "doctor", rich_help_panel=OPERATING, epilog="Example: darkroom doctor, or darkroom doctor --json"
)(support.call_doctor)  # fmt: skip
app.command(
    "replay", rich_help_panel=OPERATING,
    epilog="Example: darkroom replay ORDER_20261122_7K3F9Q, or darkroom replay --file history.json",
)(support.replay)  # fmt: skip
app.add_typer(database.app, name="db", rich_help_panel=OPERATING)
app.add_typer(deploy.app, name="deploy", rich_help_panel=OPERATING)
app.add_typer(setup.temporal, name="temporal", rich_help_panel=OPERATING)
app.add_typer(setup.storage, name="storage", rich_help_panel=OPERATING)
app.add_typer(customers.app, name="customer", rich_help_panel=OPERATING)
app.add_typer(keys.app, name="key", rich_help_panel=OPERATING)
app.add_typer(sessions.app, name="session", rich_help_panel=OPERATING)
app.command(
    "token", rich_help_panel=OPERATING,
    epilog="Example: darkroom token --user 0b5c8f6e-2f0f-4a46-9d5f-0e6a4c1d2b3a --plan pro --hours 12",
)(tokens.issue_token)  # fmt: skip
app.add_typer(upkeep.app, name="upkeep", rich_help_panel=OPERATING)
if HAS_STACK:
    from stack.commands import app as stack_commands

    app.add_typer(stack_commands)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"darkroom {VERSION}")
        raise typer.Exit


@app.callback()
def _settle(
    context: typer.Context,
    _: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    settings = Settings()
    context.obj = CliContext(
        connection=partial(_connection, settings),
        ui_url=settings.temporal_ui_url,
        timezone=settings.shop_timezone,
        upload=_Uploader(settings),
        phrases=Phrasebook(settings.phrases_path, settings.shop_language),
        library=partial(_library, settings),
    )


def _connection(settings: Settings) -> TemporalConnection:
    try:
        address, namespace = settings.temporal_address, settings.temporal_namespace
        return connection_from(settings.temporal_env, address, namespace, settings.keys_of_payloads)
    except InvalidConnection as error:
        raise typer.BadParameter(str(error)) from error


@contextlib.asynccontextmanager
async def _library(settings: Settings) -> "AsyncIterator[LibraryTools]":
    """Yield the photo library with its database connections, and close them afterwards."""
    from adapters.db.photo_catalogue import PostgresPhotoCatalogue
    from runtime import wiring
    from starter.commands.sharing import LibraryTools

    engine, studio = wiring.engine(settings), wiring.studio(settings, wiring.children(settings))
    try:
        yield LibraryTools(PostgresPhotoCatalogue(engine), wiring.files(settings), studio)
    finally:
        await engine.dispose()


class _Uploader:
    """Uploads local photos to storage, after checking that they are images."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def __call__(self, path: Path, order_id: str, name: str, *, is_finished: bool = False) -> str:
        """Upload a photo or a finished file and return its storage key. Raises PictureUnreadable."""
        from domain.ports import EncodedImage
        from runtime import wiring

        if is_finished:
            return await self._upload_finished(path, f"uploads/{order_id}/{name}")
        picture = EncodedImage(await asyncio.to_thread(path.read_bytes), "application/octet-stream")
        facts = await wiring.studio(self._settings, wiring.children(self._settings)).inspect(picture)
        key = f"uploads/{order_id}/{name}{path.suffix.lower()}"
        await wiring.files(self._settings).put(key, picture.data, facts.content_type)
        return key

    async def _upload_finished(self, path: Path, stem: str) -> str:
        from adapters.imaging.handed_in.kinds import checked_kind
        from runtime import wiring

        kind = checked_kind(path)
        key = f"{stem}.{kind.extension}"
        await wiring.files(self._settings).put_file(key, path, kind.content_type)
        return key


def main() -> None:
    """Run the command, and exit with its status even if the Temporal client aborts the interpreter's shutdown."""
    vars(sys.modules["__main__"]).pop("__file__", None)  # else each image process imports it again (anyio.to_process)
    status = _main()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BrokenPipeError):
            stream.flush()
    os._exit(status)


def _main() -> int:
    try:
        app()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except (ValidationError, SettingsError) as error:
        what = "settings" if isinstance(error, SettingsError) or error.title == Settings.__name__ else "input"
        typer.echo(f"darkroom: invalid {what}: {refusal(error)}", err=True)
        return 2
    return 0


if __name__ == "__main__":
    main()
