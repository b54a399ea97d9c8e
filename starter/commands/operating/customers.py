"""`darkroom customer ...`: hands a customer's data over, or forgets it."""

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.vocabulary import ids
from domain.vocabulary.errors import DarkroomError
from runtime.settings import Settings
from starter.commands.arguments import AsJson
from starter.commands.cli_context import cli_context, run
from starter.commands.operating.records import with_engine
from starter.commands.screens import print_json
from starter.commands.tables import print_table

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from adapters.db.customer_data import CustomerData, Found

app = typer.Typer(
    no_args_is_help=True, help="All that is kept of a customer: export it, or forget it.", rich_markup_mode="markdown"
)
Who = Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id at the shop platform.")]
Shop = Annotated[str | None, typer.Option(help="Shop account; without it, the customer of this id in all of them.")]
LONGEST_REASON = 200
ABOUT = """All that this shop keeps of the customer {customer}.

rows/         rows of the database, one file for each table
pictures/     originals, results and previews
histories/    event histories of the orders in Temporal, where they are still kept
"""


class CannotForget(DarkroomError):
    """Something of the customer still runs."""


@app.command(epilog="Example: darkroom customer export wang --to wang-2026-12")
def export(
    context: typer.Context,
    customer: Who,
    to: Annotated[Path, typer.Option(help="Folder to write; it must not exist, or be empty.")],
    shop: Shop = None,
) -> None:
    """Write all rows, pictures and order histories of a customer into a folder, to hand over to the customer."""
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise typer.BadParameter(f"{to} exists already: name a new folder")

    async def work(engine: "AsyncEngine") -> None:
        from adapters.db.customer_data import Customer, CustomerData

        data = CustomerData(engine)
        found = await data.find(Customer(customer, shop))
        rows = {table: kept for table, kept in (await data.rows(found)).items() if kept}
        if not rows:
            raise CannotForget(f"nothing is kept of {customer}")
        to.mkdir(parents=True, exist_ok=True, mode=0o700)
        (to / "README.txt").write_text(ABOUT.format(customer=customer), encoding="utf-8")
        for table, kept in rows.items():
            _write(to / "rows" / f"{table}.json", kept)
        pictures = await _save_pictures(data, found, to / "pictures")
        histories = await _save_histories(context, found.orders, to / "histories")
        typer.echo(f"{to}: {sum(map(len, rows.values()))} rows, {pictures} files, {histories} histories")

    run(with_engine(work))


@app.command(epilog="Example: darkroom customer forget wang --reason 'asked by e-mail on 2026-12-01'")
def forget(
    context: typer.Context,
    customer: Who,
    reason: Annotated[
        str, typer.Option(help=f"Why, for the audit trail: at most {LONGEST_REASON} characters that name nobody.")
    ],
    shop: Shop = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a customer's pictures, words, addresses, profile, task records and histories. It cannot be undone.

    Amounts, dates and ids stay for the books, under a made-up customer id. Orders that are still open must be closed
    first. Backups keep what they have until you delete them.
    """
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise typer.BadParameter(f"--reason must have 1 to {LONGEST_REASON} characters")
    if not yes and not typer.confirm(f"Forget {customer} for good?"):
        raise typer.Exit(1)

    async def work(engine: "AsyncEngine") -> dict[str, int]:
        return await _forget(context, engine, customer, shop, reason)

    counts = run(with_engine(work))
    if as_json:
        print_json(counts)
    else:
        print_table(
            ("what", "deleted or made nameless"), [(what, str(count)) for what, count in counts.items() if count]
        )


async def _forget(
    context: typer.Context, engine: "AsyncEngine", customer: str, shop: str | None, reason: str
) -> dict[str, int]:
    """Delete files first and rows last: what breaks off can be repeated, because the rows say what is left."""
    from adapters.db.customer_data import Customer, CustomerData
    from runtime import wiring
    from starter import forgetting

    data, files = CustomerData(engine), wiring.files(Settings())
    client = await cli_context(context).connect()
    found = await data.find(Customer(customer, shop))
    workflows = await forgetting.workflows(client, customer, shop, found.orders)
    if running := forgetting.still_open(workflows):
        raise CannotForget(
            f"{len(running)} workflows of {customer} are still open: {', '.join(running[:5])}. Let them end, or cancel "
            "the orders; a finished order stays open for AFTERCARE_DAYS unless you end it in the Temporal Web UI"
        )
    if not workflows and not any((await data.rows(found)).values()):
        raise CannotForget(f"nothing is kept of {customer}")
    keys, folders = await data.keys(found), await data.folders(found)
    for folder in folders:
        await files.delete_folder(folder)
    await files.delete_all([key for key in keys if ids.is_key(key)])
    await forgetting.delete(client, workflows)
    counts = await data.forget(found, f"forgotten-{secrets.token_hex(6)}", reason)
    return {"files_and_folders": len(keys) + len(folders), "histories": len(workflows), **counts}


async def _save_pictures(data: "CustomerData", found: "Found", folder: Path) -> int:
    from runtime import wiring

    files, saved = wiring.files(Settings()), 0
    keys = {key for key in await data.keys(found) if ids.is_key(key)}
    for stored in await data.folders(found):
        after = ""
        while page := await files.page(stored, after, 1000):
            keys |= {one.key for one in page}
            after = page[-1].key
    for key in sorted(keys):
        target = folder / key
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            await files.save(key, target)
            saved += 1
        except KeyError:  # an upload that has expired
            target.unlink(missing_ok=True)
    return saved


async def _save_histories(context: typer.Context, orders: list[str], folder: Path) -> int:
    from starter import history, replaying
    from starter.failures import NoSuchOrder

    client, saved = await cli_context(context).connect(), 0
    for order_id in orders:
        try:
            recorded = await history.recorded_of(client, order_id)
        except NoSuchOrder:  # older than the retention
            continue
        _write(folder / f"{order_id}.json", replaying.as_json(recorded))
        saved += 1
    return saved


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str), encoding="utf-8")
