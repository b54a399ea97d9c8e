"""`darkroom photo ...`: the pictures of the library, and who may find them."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from domain.library.photos import Photo
from starter.commands import galleries, sharing
from starter.commands.arguments import AsJson
from starter.commands.desk import EXIT_STATUSES, Desk, desk_of, run
from starter.commands.sharing import Gallery

T = TypeVar("T")

app = typer.Typer(
    no_args_is_help=True, help="Pictures of the library, and who may find them.", epilog=EXIT_STATUSES,
    rich_markup_mode="markdown",
)  # fmt: skip


def _photo_id(typed: str) -> str:
    try:
        return str(UUID(typed))
    except ValueError:
        raise typer.BadParameter(f"{typed!r} is no id of a picture; darkroom photo list shows them") from None


PhotoId = Annotated[str, typer.Argument(metavar="PHOTO", callback=_photo_id, help="Its id: darkroom photo list.")]


@app.command("list", epilog="Example: darkroom photo list --customer wang --shared")
def list_photos(
    context: typer.Context,
    customer: Annotated[str | None, typer.Option(help="Only this customer's.")] = None,
    shared: Annotated[bool | None, typer.Option("--shared/--private", help="Only shared ones, or only others.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List pictures, newest first."""
    desk = desk_of(context)

    async def work(gallery: Gallery) -> list[Photo]:
        return await gallery.shelves.listing(customer_id=customer, shareable=shared, limit=limit)

    galleries.photos(run(_in_gallery(desk, work)), desk.timezone, as_json=as_json)


@app.command(epilog="Example: darkroom photo share 019ab0c4-5d1e-7c33-9f60-2f4b8a1c7d55")
def share(context: typer.Context, photo: PhotoId) -> None:
    """Let every customer find a picture: they see a copy without metadata."""
    desk = desk_of(context)
    shared = run(_in_gallery(desk, lambda gallery: sharing.share(gallery, photo)))
    typer.echo(f"{photo} is shared; its tags: {', '.join(shared.tags) or 'none'}")
    typer.echo("Only what its customer agreed to show belongs here: darkroom photo unshare takes it back.", err=True)


@app.command(epilog="Example: darkroom photo unshare 019ab0c4-5d1e-7c33-9f60-2f4b8a1c7d55")
def unshare(context: typer.Context, photo: PhotoId) -> None:
    """Let nobody but its owner find a picture any more, and remove the copy: links to it open nothing."""
    run(_in_gallery(desk_of(context), lambda gallery: sharing.unshare(gallery, photo)))
    typer.echo(f"{photo} is its owner's alone")


async def _in_gallery(desk: Desk, work: Callable[[Gallery], Awaitable[T]]) -> T:
    async with desk.gallery() as gallery:
        return await work(gallery)
