"""`darkroom find ...`: looking for a picture in the library as a customer would."""

from datetime import timedelta
from typing import Annotated

import typer

from domain.library.finding import MOST_MATCHES, FindRequest, Found
from domain.texts.catalogue import TEXTS
from starter import finding
from starter.commands import photo_tables
from starter.commands.arguments import AsJson, photo_source
from starter.commands.cli_context import FAILED, LANGUAGE, cli_context, run
from starter.commands.screens import print_json
from starter.commands.sending import fetchable

TIMEOUT = timedelta(minutes=1)


def find(
    context: typer.Context,
    picture: Annotated[
        str | None, typer.Argument(metavar="PICTURE", help="A file of this machine, or an http(s) address.")
    ] = None,
    words: Annotated[str, typer.Option(help="Words about it; tags that stand in them count.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="What is to be seen, or was done; may be given again.")] = None,
    customer: Annotated[str, typer.Option(help="Who asks: their own pictures are found beside the shared ones.")] = "",
    shop: Annotated[str, typer.Option(help="Id of the shop.")] = "manual",
    limit: Annotated[int, typer.Option(min=1, max=MOST_MATCHES, help="At most so many.")] = 5,
    transfer: Annotated[bool, typer.Option("--transfer", help="Ask a designer where nothing is found.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look for a picture by what it looks like, by words and by tags; without --customer among the shared ones."""
    if not (picture or words or tag):
        raise typer.BadParameter("name a PICTURE, --words or a --tag")
    if transfer and not customer:
        raise typer.BadParameter("a designer's answer goes to somebody: name the --customer")
    cli, source = cli_context(context), photo_source(picture) if picture else None
    find_id = finding.new_find_id(cli.timezone)

    async def work() -> Found:
        client = await cli.connect()
        url, key = await fetchable(cli, find_id, "asked", source) if source else (None, None)
        asked = FindRequest(
            customer_id=customer or "nobody",  # of whom the library has nothing
            acc_id=shop if customer else "",
            image_url=url,
            image_key=key,
            words=words,
            tags=tag or [],
            limit=limit,
            transfer_if_none=transfer,
        )
        await finding.start(client, find_id, asked, must_be_new=True)
        found = await finding.answer(client, find_id, TIMEOUT)
        if found is None:
            raise TimeoutError("no answer in time; does a worker run?")
        return found

    found = run(work())
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        photo_tables.matches(found)
    if found.refused:
        typer.echo(f"the picture could not be looked at: {TEXTS[LANGUAGE].say(found.refused)}", err=True)
        raise typer.Exit(FAILED)
