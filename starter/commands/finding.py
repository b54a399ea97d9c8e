"""`darkroom find ...`: searches the photo library, as a customer would."""

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
        str | None, typer.Argument(metavar="PICTURE", help="Picture to compare: local file or http(s) URL.")
    ] = None,
    words: Annotated[str, typer.Option(help="Description; tags in it are searched for.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="Tag: what is shown, or what was done. Repeatable.")] = None,
    customer: Annotated[str, typer.Option(help="Customer id; adds their own pictures to the shared ones.")] = "",
    shop: Annotated[str, typer.Option(help="Shop account id.")] = "manual",
    limit: Annotated[int, typer.Option(min=1, max=MOST_MATCHES, help="Maximum number of matches.")] = 5,
    transfer: Annotated[bool, typer.Option("--transfer", help="Ask a designer if nothing is found.")] = False,
    as_json: AsJson = False,
) -> None:
    """Search pictures by similarity, words and tags; without --customer only shared ones are searched."""
    if not (picture or words or tag):
        raise typer.BadParameter("give a PICTURE, --words or --tag")
    if transfer and not customer:
        raise typer.BadParameter("--transfer needs --customer, who gets the designer's answer")
    cli, source = cli_context(context), photo_source(picture) if picture else None
    find_id = finding.new_find_id(cli.timezone)

    async def work() -> Found:
        client = await cli.connect()
        url, key = await fetchable(cli, find_id, "asked", source) if source else (None, None)
        asked = FindRequest(
            customer_id=customer or "nobody",  # an id without pictures in the library
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
            raise TimeoutError("no answer in time; is a worker running?")
        return found

    found = run(work())
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        photo_tables.matches(found)
    if found.refused:
        typer.echo(f"cannot use the picture: {TEXTS[LANGUAGE].say(found.refused)}", err=True)
        raise typer.Exit(FAILED)
