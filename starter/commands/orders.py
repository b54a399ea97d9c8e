"""`darkroom order ...`: starts and shows orders, through Temporal alone."""

import webbrowser
from typing import Annotated

import typer

from domain.order.messages import OrderRequest, RequestedPicture
from domain.vocabulary.pictures import Operation
from domain.vocabulary.status import Status
from starter import history, orders
from starter.commands import screens, watching
from starter.commands.arguments import AsJson, OrderId, an_address, photo_source
from starter.commands.cli_context import EXIT_STATUSES, cli_context, run
from starter.commands.sending import fetchable

LOOK = "Start and inspect"  # the panel in the help

app = typer.Typer(
    no_args_is_help=True, help="Start, inspect and control orders.", epilog=EXIT_STATUSES, rich_markup_mode="markdown"
)


@app.command(
    rich_help_panel=LOOK,
    epilog="Example: darkroom order new cat.jpg --customer wang --operation enhance --note 高清一点",
)
def new(
    context: typer.Context,
    photos: Annotated[list[str], typer.Argument(metavar="PHOTO...", help="Local files or http(s) URLs.")],
    customer: Annotated[str, typer.Option(help="Customer id on the platform.")],
    operation: Annotated[Operation | None, typer.Option(help="What to do. Default: read from the note.")] = None,
    note: Annotated[str, typer.Option(help="What the customer wrote.")] = "",
    shop: Annotated[str, typer.Option(help="Shop account id.")] = "manual",
    name: Annotated[str, typer.Option(help="Customer name.")] = "",
    email: Annotated[str | None, typer.Option(help="Customer's e-mail address.")] = None,
) -> None:
    """Start an order with one or more pictures, and print its id."""
    cli = cli_context(context)
    order_id, sources = orders.new_order_id(cli.timezone), [photo_source(photo) for photo in photos]
    address = an_address(email) if email else None
    pictures = [RequestedPicture(operation=operation, note=note) for _ in photos]
    request = OrderRequest(customer_id=customer, customer_name=name, acc_id=shop, email=address, pictures=pictures)

    async def work() -> None:
        client = await cli.connect()
        for number, (picture, source) in enumerate(zip(request.pictures, sources, strict=True), 1):
            picture.image_url, picture.image_key = await fetchable(cli, order_id, str(number), source)
        await orders.start(client, order_id, request)

    run(work())
    typer.echo(order_id)
    typer.echo(f"Watch:   darkroom order watch {order_id}\nWeb UI:  {cli.link(order_id)}", err=True)


@app.command(rich_help_panel=LOOK, epilog="Example: darkroom order show ORDER_20261122_7K3F9Q --json")
def show(context: typer.Context, order: OrderId, as_json: AsJson = False) -> None:
    """Show the current state of an order."""
    cli = cli_context(context)

    async def work() -> None:
        found = await orders.snapshot(await cli.connect(), order)
        screens.show(found, cli.timezone, cli.link(order), as_json=as_json)

    run(work())


@app.command(rich_help_panel=LOOK, epilog="Example: darkroom order watch ORDER_20261122_7K3F9Q")
def watch(context: typer.Context, order: OrderId, as_json: AsJson = False) -> None:
    """Follow an order live until it completes or fails; Ctrl-C stops watching, not the order."""
    cli = cli_context(context)

    async def work() -> Status:
        return await watching.watch(await cli.connect(), order, cli.timezone, as_json=as_json)

    if run(work()) is Status.FAILED:
        raise typer.Exit(1)


@app.command(
    "list", rich_help_panel=LOOK, epilog="Example: darkroom order list --status awaiting_confirm --shop shop-1"
)
def list_orders(
    context: typer.Context,
    status: Annotated[Status | None, typer.Option(help="Only orders with this status.")] = None,
    customer: Annotated[str | None, typer.Option(help="Only this customer's orders.")] = None,
    shop: Annotated[str | None, typer.Option(help="Only this shop's orders.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of orders.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List orders, newest first."""
    cli = cli_context(context)
    wanted = {"OrderStatus": status, "CustomerId": customer, "ShopId": shop}
    filters = {name: str(value) for name, value in wanted.items() if value}

    async def work() -> None:
        found = [line async for line in orders.listing(await cli.connect(), limit=limit, **filters)]
        screens.listing(found, cli.timezone, as_json=as_json)

    run(work())


@app.command("history", rich_help_panel=LOOK, epilog="Example: darkroom order history ORDER_20261122_7K3F9Q")
def tell_history(context: typer.Context, order: OrderId, as_json: AsJson = False) -> None:
    """Show the event history of an order in Temporal; needs no worker."""
    cli = cli_context(context)

    async def work() -> None:
        screens.history(await history.of(await cli.connect(), order), cli.timezone, as_json=as_json)

    run(work())


@app.command("open", rich_help_panel=LOOK, epilog="Example: darkroom order open ORDER_20261122_7K3F9Q")
def open_in_browser(context: typer.Context, order: OrderId) -> None:
    """Open an order in the Temporal Web UI."""
    link = cli_context(context).link(order)
    typer.echo(link)
    webbrowser.open(link)
