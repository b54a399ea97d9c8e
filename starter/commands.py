"""`darkroom order ...`: manual orders, by Temporal alone."""

import uuid
import webbrowser
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from domain import ids, listening
from domain.messages import (
    CustomerMessage,
    EmailProvided,
    Event,
    OrderRequest,
    PaymentReceived,
    RequestedPicture,
    RevisionRequested,
)
from domain.order import Status
from domain.pictures import Operation
from starter import history, orders, screens, watching
from starter.desk import EXIT_STATUSES, Desk, desk_of, run

app = typer.Typer(
    no_args_is_help=True, help="Start and steer orders by hand.", epilog=EXIT_STATUSES, rich_markup_mode=None
)
OrderId = Annotated[str, typer.Argument(metavar="ORDER", help="Such as ORDER_20261122_7K3F9Q.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.command(epilog="Example: darkroom order new cat.jpg --customer wang --operation enhance --note 高清一点")
def new(
    context: typer.Context,
    photos: Annotated[
        list[str], typer.Argument(metavar="PHOTO...", help="Files of this machine, or http(s) addresses.")
    ],
    customer: Annotated[str, typer.Option(help="Id of the customer on the platform.")],
    operation: Annotated[
        Operation | None, typer.Option(help="What is to be done; else it is read from the note.")
    ] = None,
    note: Annotated[str, typer.Option(help="The customer's words.")] = "",
    shop: Annotated[str, typer.Option(help="Id of the shop.")] = "manual",
    name: Annotated[str, typer.Option(help="Name of the customer.")] = "",
    email: Annotated[str | None, typer.Option(help="E-mail address of the customer.")] = None,
) -> None:
    """Start an order with one or more pictures, and print its id."""
    desk = desk_of(context)
    order_id, sources = orders.new_order_id(desk.timezone), [_source(photo) for photo in photos]
    request = OrderRequest(customer_id=customer, customer_name=name, acc_id=shop, email=_checked(email))

    async def work() -> None:
        client = await desk.connect()
        for number, source in enumerate(sources, 1):
            picture = await _picture(desk, order_id, number, source)
            request.pictures.append(picture.model_copy(update={"operation": operation, "note": note}))
        await orders.start(client, order_id, request)

    run(work())
    typer.echo(order_id)
    typer.echo(f"watch it:  darkroom order watch {order_id}\nWeb UI:    {desk.link(order_id)}", err=True)


async def _picture(desk: Desk, order_id: str, number: int, photo: str | Path) -> RequestedPicture:
    if isinstance(photo, str):
        return RequestedPicture(image_url=photo)
    return RequestedPicture(image_key=await desk.upload(photo, order_id, number))


def _source(photo: str) -> str | Path:
    if photo.startswith(("http://", "https://")):
        return photo
    if not Path(photo).is_file():
        raise typer.BadParameter(f"{photo} is no file of this machine, and no http(s) address")
    return Path(photo)


@app.command(epilog="Example: darkroom order pay ORDER_20261122_7K3F9Q --amount 18")
def pay(
    context: typer.Context,
    order: OrderId,
    amount: Annotated[str | None, typer.Option(help="Without one it counts as paid, and is flagged.")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of the amount; else that of the price list.")] = None,
    payment_id: Annotated[
        str | None, typer.Option(help="The platform's id: the same one twice is one payment.")
    ] = None,
) -> None:
    """Record a payment."""
    try:
        money = Decimal(amount) if amount is not None else None
    except InvalidOperation:
        raise typer.BadParameter(
            f"{amount!r} is no amount of money; write 18 or 18.50", param_hint="--amount"
        ) from None
    event = PaymentReceived(event_id=_event_id(), payment_id=payment_id, amount=money, currency=currency)
    _send(context, order, "payment_received", event)


@app.command(epilog='Example: darkroom order say ORDER_20261122_7K3F9Q "颜色不对,脸再亮一点"')
def say(
    context: typer.Context, order: OrderId, text: Annotated[str, typer.Argument(help="The customer's words.")]
) -> None:
    """Pass the customer's words on, to be read by the shop's rules."""
    _send(context, order, "customer_message", CustomerMessage(event_id=_event_id(), text=text))


@app.command(epilog="Example: darkroom order email ORDER_20261122_7K3F9Q wang@example.com")
def email(context: typer.Context, order: OrderId, address: Annotated[str, typer.Argument(help="Where to.")]) -> None:
    """Record the customer's e-mail address; with a preview out, the files are mailed."""
    checked = _checked(address)
    assert checked is not None
    _send(context, order, "email_provided", EmailProvided(event_id=_event_id(), email=checked))


@app.command(epilog='Example: darkroom order revise ORDER_20261122_7K3F9Q "背景再亮一点" --picture 2')
def revise(
    context: typer.Context,
    order: OrderId,
    wish: Annotated[str, typer.Argument(help="What is to be changed.")],
    picture: Annotated[int | None, typer.Option(min=1, help="Which picture, where there are several.")] = None,
) -> None:
    """Ask for changes to a picture."""
    event = RevisionRequested(event_id=_event_id(), note=wish, task_id=_task(order, picture))
    _send(context, order, "revision_requested", event)


@app.command(epilog="Example: darkroom order show ORDER_20261122_7K3F9Q --json")
def show(context: typer.Context, order: OrderId, as_json: AsJson = False) -> None:
    """Show an order as it stands."""
    desk = desk_of(context)

    async def work() -> None:
        found = await orders.snapshot(await desk.connect(), order)
        screens.show(found, desk.timezone, desk.link(order), as_json=as_json)

    run(work())


@app.command(epilog="Example: darkroom order watch ORDER_20261122_7K3F9Q")
def watch(context: typer.Context, order: OrderId, as_json: AsJson = False) -> None:
    """Follow an order live, until it is completed or has failed; Ctrl-C leaves it alone."""
    desk = desk_of(context)

    async def work() -> Status:
        return await watching.watch(await desk.connect(), order, desk.timezone, as_json=as_json)

    if run(work()) is Status.FAILED:
        raise typer.Exit(1)


@app.command("list", epilog="Example: darkroom order list --status awaiting_confirm --shop shop-1")
def list_orders(
    context: typer.Context,
    status: Annotated[Status | None, typer.Option(help="Only orders that stand here.")] = None,
    customer: Annotated[str | None, typer.Option(help="Only this customer's.")] = None,
    shop: Annotated[str | None, typer.Option(help="Only this shop's.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List orders, newest first."""
    desk = desk_of(context)
    wanted = {"OrderStatus": status, "CustomerId": customer, "ShopId": shop}
    filters = {name: str(value) for name, value in wanted.items() if value}

    async def work() -> None:
        found = [line async for line in orders.listing(await desk.connect(), limit=limit, **filters)]
        screens.listing(found, desk.timezone, as_json=as_json)

    run(work())


@app.command("history", epilog="Example: darkroom order history ORDER_20261122_7K3F9Q")
def tell_history(context: typer.Context, order: OrderId, as_json: AsJson = False) -> None:
    """Tell everything that Temporal recorded of an order; works while no worker runs."""
    desk = desk_of(context)

    async def work() -> None:
        screens.history(await history.of(await desk.connect(), order), desk.timezone, as_json=as_json)

    run(work())


@app.command("open", epilog="Example: darkroom order open ORDER_20261122_7K3F9Q")
def open_in_browser(context: typer.Context, order: OrderId) -> None:
    """Open an order in the Temporal Web UI."""
    try:
        link = desk_of(context).link(order)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    typer.echo(link)
    webbrowser.open(link)


def _send(context: typer.Context, order: str, signal: str, event: Event) -> None:
    desk = desk_of(context)

    async def work() -> None:
        await orders.send(await desk.connect(), order, signal, event)

    run(work())
    typer.echo(f"{signal} sent to {order}; darkroom order show {order} tells what came of it", err=True)


def _event_id() -> str:
    return f"cli-{uuid.uuid4()}"


def _checked(address: str | None) -> str | None:
    if address is None:
        return None
    found = listening.find_address(address)
    if found is None:
        raise typer.BadParameter(f"{address!r} is no complete e-mail address")
    return found


def _task(order: str, picture: int | None) -> str | None:
    if picture is None:
        return None
    try:
        return ids.task_id(order, picture)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
