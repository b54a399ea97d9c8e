"""The `darkroom` command: starter's commands, the local stack, the demo, the doctor, the database.

What one command alone needs is imported by it: an order is paid without loading servers, drivers and pictures.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from adapters.phrases import Phrasebook
from runtime.settings import VERSION, Settings, refusal
from starter.client import Door, NoDoor, door
from starter.commands.arguments import AsJson, OrderId
from starter.commands.designers import app as designer_commands
from starter.commands.desk import EXIT_STATUSES, FAILED, Desk, desk_of, run
from starter.commands.events import app as event_commands
from starter.commands.finding import find
from starter.commands.orders import LOOK
from starter.commands.orders import app as order_commands
from starter.commands.photos import app as photo_commands
from starter.commands.screens import print_json
from starter.commands.words import words

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from adapters.db.keys import ApiKeys
    from adapters.db.quarantine import Quarantine
    from starter.commands.sharing import Gallery

T = TypeVar("T")
HAS_STACK = find_spec("stack") is not None  # the image of a shop holds none: its servers are its own
FIRST = "First `darkroom up`, then in another terminal: " if HAS_STACK else ""

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,  # they hold secrets
    help="Durable orders for an image-retouching shop.",
    epilog=f"{FIRST}`darkroom order new PHOTO --customer wang` begins an order. {EXIT_STATUSES}",
)
database = typer.Typer(no_args_is_help=True, help="The records in Postgres.", rich_markup_mode="markdown")
quarantine = typer.Typer(no_args_is_help=True, help="Rows that Postgres refused.", rich_markup_mode="markdown")
temporal = typer.Typer(no_args_is_help=True, help="The namespace in Temporal.", rich_markup_mode="markdown")
storage = typer.Typer(no_args_is_help=True, help="The bucket of all pictures.", rich_markup_mode="markdown")
keys = typer.Typer(no_args_is_help=True, help="Keys to the gateway's API.", rich_markup_mode="markdown")
order_commands.add_typer(event_commands)
ORDERS, OPERATING = "Orders and pictures", "Operating"  # panels in the help
app.add_typer(order_commands, name="order", rich_help_panel=ORDERS)
app.add_typer(designer_commands, name="designer", rich_help_panel=ORDERS)
app.add_typer(photo_commands, name="photo", rich_help_panel=ORDERS)
app.command(
    "find", rich_help_panel=ORDERS, epilog="Example: darkroom find cat.jpg --words 橘猫 --customer wang"
)(find)  # fmt: skip
app.command(
    "words", rich_help_panel=ORDERS, epilog="Example: darkroom words '可以 wang@example.com' --state awaiting_confirm"
)(words)  # fmt: skip
database.add_typer(quarantine, name="quarantine")
app.add_typer(database, name="db", rich_help_panel=OPERATING)
app.add_typer(temporal, name="temporal", rich_help_panel=OPERATING)
app.add_typer(storage, name="storage", rich_help_panel=OPERATING)
app.add_typer(keys, name="key", rich_help_panel=OPERATING)
if HAS_STACK:
    from stack.commands import app as stack_commands

    app.add_typer(stack_commands)
KeyScope = Literal["bot", "agent"]


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
    context.obj = Desk(
        door=partial(_door, settings),
        ui_url=settings.temporal_ui_url,
        timezone=settings.shop_timezone,
        upload=_Uploader(settings),
        phrases=Phrasebook(settings.phrases_path, settings.shop_language),
        gallery=partial(_gallery, settings),
    )


def _door(settings: Settings) -> Door:
    try:
        return door(settings.temporal_env, settings.temporal_address, settings.temporal_namespace)
    except NoDoor as error:
        raise typer.BadParameter(str(error)) from error


@app.command("doctor", rich_help_panel=OPERATING, epilog="Example: darkroom doctor, or darkroom doctor --json")
def call_doctor(as_json: AsJson = False) -> None:
    """Tell what is reachable, configured and missing, and what to do about it."""
    from starter.commands.operating import doctor

    raise typer.Exit(asyncio.run(doctor.examine(Settings(), as_json=as_json)))


@app.command(
    rich_help_panel=OPERATING,
    epilog="Example: darkroom replay ORDER_20261122_7K3F9Q, or darkroom replay --file history.json",
)
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
            recorded = await history.recorded_of(await desk_of(context).connect(), order)
        elif file and not order:
            recorded = replaying.read(file)
        else:
            raise typer.BadParameter("name an order, or a file that keeps its history")
        return len(recorded.events), await replaying.difference(recorded)

    events, difference = run(work())
    typer.echo(difference or f"{events} events replay on today's code", err=bool(difference))
    raise typer.Exit(FAILED if difference else 0)


@order_commands.command(
    "bundle", rich_help_panel=LOOK, epilog="Example: darkroom order bundle ORDER_20261122_7K3F9Q --to case-17"
)
def write_bundle(
    context: typer.Context,
    order: OrderId,
    to: Annotated[Path | None, typer.Option(help="Folder to write into, made where it is missing.")] = None,
) -> None:
    """Gather all that is known of an order in one folder: history, state, rows, what simulators saw."""
    from starter.commands.operating import bundle

    desk = desk_of(context)
    folder = to or bundle.folder_for(order, desk.timezone)
    if not bundle.is_free(folder):
        raise typer.BadParameter(f"{folder} is there already, and not an empty folder")
    found = run(bundle.gather(Settings(), desk, order))
    bundle.save(found, folder)
    for name, reason in found.missing.items():
        typer.echo(f"not in it: {name}: {reason}", err=True)
    typer.echo(folder)


@database.command(epilog="Example: darkroom db upgrade")
def upgrade() -> None:
    """Bring the tables up to date."""
    from adapters.db import migrate

    settings = Settings()
    run(migrate.upgrade(settings.database_url, settings.database_schema))
    typer.echo(f"the tables are at {migrate.head()}")


@database.command(epilog="Example: darkroom db current --json")
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


@database.command("catch-up", epilog="Example: darkroom db catch-up")
def catch_up(context: typer.Context) -> None:
    """Write the rows of every order anew from its workflow, as after a restore; older never overwrites newer."""
    from adapters.db.records import PostgresRecords
    from starter.catching_up import catch_up

    async def work() -> int:
        client = await desk_of(context).connect()
        return await _with_engine(lambda engine: catch_up(client, PostgresRecords(engine)))

    typer.echo(f"{run(work())} orders are up to date")


@quarantine.command("list", epilog="Example: darkroom db quarantine list --json")
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


@quarantine.command("retry", epilog="Example: darkroom db quarantine retry 1f0c2b7d9a3e4f58, or without an id all")
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


@quarantine.command("drop", epilog="Example: darkroom db quarantine drop 1f0c2b7d9a3e4f58")
def drop_quarantine(row: Annotated[str, typer.Argument(metavar="ROW", help="Its id.")]) -> None:
    """Forget a row that was mended by hand, or that nobody needs."""
    if not run(_in_quarantine(lambda table: table.drop(row))):
        typer.echo(f"{row} is not there", err=True)
        raise typer.Exit(FAILED)


async def _in_quarantine(work: "Callable[[Quarantine], Awaitable[T]]") -> T:
    """Do something with what was set aside."""
    from adapters.db.quarantine import Quarantine

    return await _with_engine(lambda engine: work(Quarantine(engine)))


@temporal.command("setup", epilog="Example: darkroom temporal setup")
def set_up_temporal(context: typer.Context) -> None:
    """Make the namespace where it is missing, and register retention and search attributes; harmless when repeated."""
    from datetime import timedelta

    from starter.namespace import set_up

    async def work() -> list[str]:
        client = await desk_of(context).connect()
        return await set_up(client, timedelta(days=Settings().temporal_retention_days))

    for done in run(work()) or ["everything was there"]:
        typer.echo(done)


@storage.command("setup", epilog="Example: darkroom storage setup")
def set_up_storage() -> None:
    """Make the bucket where it is missing, private, and say what may be forgotten; harmless when repeated."""
    from adapters.storage.bucket import Bucket

    settings = Settings()
    bucket = Bucket(
        name=settings.s3_bucket_name,
        access_key_id=settings.aws_access_key_id,
        secret_access_key=settings.aws_secret_access_key.get_secret_value(),
        region=settings.aws_region,
        endpoint_url=settings.s3_endpoint_url,
    )
    for done in run(asyncio.to_thread(bucket.set_up, settings.uploads_kept_days)):
        typer.echo(done)


@keys.command("new", epilog="Example: darkroom key new shop-bot, or darkroom key new tianwang --scope agent")
def new_key(
    name: Annotated[str, typer.Argument(help="Whose it is, such as shop-bot.")],
    scope: Annotated[
        KeyScope, typer.Option(help="bot: everything. agent: only what it begins itself; see docs/api.md.")
    ] = "bot",
) -> None:
    """Make an API key and print it, this one time."""
    from adapters.db.keys import new_key

    if not name.strip() or not name.isprintable():
        raise typer.BadParameter("a key's name says whose it is, such as shop-bot")
    key = new_key()
    run(_with_keys(lambda table: table.add(key, name, [scope])))
    typer.echo(key)
    typer.echo("It is shown this once: only its hash is kept.", err=True)


@keys.command("list", epilog="Example: darkroom key list --json")
def list_keys(as_json: AsJson = False) -> None:
    """List the keys: whose they are, for what, since when."""
    found = run(_with_keys(lambda table: table.listing()))
    if as_json:
        shown = ("name", "key_id", "created_at", "revoked_at")
        print_json([{**{name: getattr(key, name) for name in shown}, "scopes": sorted(key.scopes)} for key in found])
        return
    if not found:
        typer.echo("no keys; `darkroom key new NAME` makes one")
    for key in found:
        ended = f", revoked {key.revoked_at:%Y-%m-%d %H:%M} UTC" if key.revoked_at else ""
        typer.echo(
            f"{key.name}  dk_{key.key_id}_...  {', '.join(sorted(key.scopes))}  {key.created_at:%Y-%m-%d}{ended}"
        )


@keys.command("revoke", epilog="Example: darkroom key revoke shop-bot")
def revoke_key(name: Annotated[str, typer.Argument(help="Whose it is.")]) -> None:
    """Let a key open nothing any more; gateways know within half a minute."""
    if not run(_with_keys(lambda table: table.revoke(name))):
        raise typer.BadParameter(f"no open key is named {name!r}; `darkroom key list` shows them all")
    typer.echo(f"{name} is revoked")


async def _with_keys(work: "Callable[[ApiKeys], Awaitable[T]]") -> T:
    """Do something with the table of keys."""
    from adapters.db.keys import ApiKeys

    return await _with_engine(lambda engine: work(ApiKeys(engine)))


async def _with_engine(work: "Callable[[AsyncEngine], Awaitable[T]]") -> T:
    """Do something with the records."""
    from runtime import wiring

    engine = wiring.engine(Settings())
    try:
        return await work(engine)
    finally:
        await engine.dispose()


@contextlib.asynccontextmanager
async def _gallery(settings: Settings) -> "AsyncIterator[Gallery]":
    """The photo library, for as long as it is needed."""
    from adapters.db.shelves import PostgresShelves
    from runtime import wiring
    from starter.commands.sharing import Gallery

    engine, studio = wiring.engine(settings), wiring.studio(settings, wiring.children(settings))
    try:
        yield Gallery(PostgresShelves(engine), wiring.files(settings), studio)
    finally:
        await engine.dispose()


class _Uploader:
    """Puts photographs of this machine into storage, once they are proved to be pictures."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def __call__(self, path: Path, order_id: str, name: str) -> str:
        """Return the key under which the photograph lies. Raises PictureUnreadable."""
        from domain.ports import EncodedImage
        from runtime import wiring

        picture = EncodedImage(await asyncio.to_thread(path.read_bytes), "application/octet-stream")
        facts = await wiring.studio(self._settings, wiring.children(self._settings)).inspect(picture)
        key = f"uploads/{order_id}/{name}{path.suffix.lower()}"
        await wiring.files(self._settings).put(key, picture.data, facts.content_type)
        return key


def main() -> None:
    """Run the command; its exit status is its own, whatever the Temporal client does at the interpreter's end."""
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
        typer.echo(f"darkroom: wrong {what}: {refusal(error)}", err=True)
        return 2
    return 0


if __name__ == "__main__":
    main()
