"""`darkroom photo ...`: lists the photo library, and shares its pictures."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from domain.library.photos import Photo
from starter.commands import photo_tables, sharing
from starter.commands.arguments import AsJson
from starter.commands.cli_context import EXIT_STATUSES, CliContext, cli_context, run
from starter.commands.sharing import LibraryTools

T = TypeVar("T")

app = typer.Typer(
    no_args_is_help=True, help="List and share pictures of the photo library.", epilog=EXIT_STATUSES,
    rich_markup_mode="markdown",
)  # fmt: skip


def _photo_id(typed: str) -> str:
    try:
        return str(UUID(typed))
    except ValueError:
        raise typer.BadParameter(f"invalid photo id {typed!r} (see `darkroom photo list`)") from None


PhotoId = Annotated[
    str, typer.Argument(metavar="PHOTO", callback=_photo_id, help="Photo id from `darkroom photo list`.")
]


@app.command("list", epilog="Example: darkroom photo list --customer wang --shared")
def list_photos(
    context: typer.Context,
    customer: Annotated[str | None, typer.Option(help="Only this customer's pictures.")] = None,
    shared: Annotated[
        bool | None, typer.Option("--shared/--private", help="Only shared, or only private ones.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of pictures.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List pictures, newest first."""
    cli = cli_context(context)

    async def work(library: LibraryTools) -> list[Photo]:
        return await library.records.listing(customer_id=customer, shareable=shared, limit=limit)

    photo_tables.photos(run(_with_library(cli, work)), cli.timezone, as_json=as_json)


@app.command(epilog="Example: darkroom photo share 019ab0c4-5d1e-7c33-9f60-2f4b8a1c7d55")
def share(context: typer.Context, photo: PhotoId) -> None:
    """Share a picture with all customers, as a copy without metadata."""
    cli = cli_context(context)
    shared = run(_with_library(cli, lambda library: sharing.share(library, photo)))
    typer.echo(f"{photo} is shared. Tags: {', '.join(shared.tags) or 'none'}")
    typer.echo("Share only with the customer's consent. Undo: darkroom photo unshare", err=True)


@app.command(epilog="Example: darkroom photo unshare 019ab0c4-5d1e-7c33-9f60-2f4b8a1c7d55")
def unshare(context: typer.Context, photo: PhotoId) -> None:
    """Stop sharing a picture, and delete the copy; links to it stop working."""
    run(_with_library(cli_context(context), lambda library: sharing.unshare(library, photo)))
    typer.echo(f"{photo} is private")


async def _with_library(cli: CliContext, work: Callable[[LibraryTools], Awaitable[T]]) -> T:
    async with cli.library() as library:
        return await work(library)
