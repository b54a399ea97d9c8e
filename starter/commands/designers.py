"""`darkroom designer ...`: asks human designers questions without an order, and submits their results."""

from typing import Annotated

import typer

from domain.designers import details
from domain.designers.dispatch import DispatchRequest
from domain.order.messages import CancelRequested, DesignerFinished
from domain.vocabulary import ids
from starter import designers
from starter.commands import screens
from starter.commands.arguments import AsJson, Reason, photo_source
from starter.commands.cli_context import EXIT_STATUSES, LANGUAGE, cli_context, run
from starter.commands.sending import fetchable, new_event_id

app = typer.Typer(
    no_args_is_help=True,
    help="Ask human designers, and submit their results.",
    epilog=EXIT_STATUSES,
    rich_markup_mode="markdown",
)


def _dispatch_id(typed: str) -> str:
    try:
        return ids.dispatch_named(typed)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


Dispatch = Annotated[
    str,
    typer.Argument(
        metavar="DISPATCH",
        callback=_dispatch_id,
        help="Task id of a picture or id of a question; append -2 for its second dispatch.",
    ),
]
MaybePhoto = Annotated[str | None, typer.Argument(metavar="PHOTO", help="Local file or http(s) URL.")]


@app.command(epilog="Example: darkroom designer transfer cat.jpg --customer wang --reason 这个能做吗")
def transfer(
    context: typer.Context,
    customer: Annotated[str, typer.Option(help="Customer id on the platform.")],
    reason: Annotated[str, typer.Option(help="The question, or the work to be done.")],
    photo: MaybePhoto = None,
    shop: Annotated[str, typer.Option(help="Shop account id.")] = "manual",
    name: Annotated[str, typer.Option(help="Customer name.")] = "",
) -> None:
    """Ask designers a question without an order, and print its id; for an order: `darkroom order transfer`."""
    cli = cli_context(context)
    source = photo_source(photo) if photo else None
    task_id = designers.new_transfer_id(cli.timezone)
    request = DispatchRequest(task_id=task_id, customer_id=customer, customer_name=name, acc_id=shop, reason=reason)

    async def work() -> str:
        client = await cli.connect()
        if source:
            request.image_url, request.image_key = await fetchable(cli, task_id, "1", source)
        return await designers.ask(client, request)

    dispatch_id = run(work())
    typer.echo(task_id)
    typer.echo(f"Watch:     darkroom designer show {task_id}\nWorkflow:  {dispatch_id}", err=True)


@app.command(epilog="Example: darkroom designer finish TASK_20261122_7K3F9Q_1 finished.png --notes 已调亮")
def finish(
    context: typer.Context,
    dispatch: Dispatch,
    photo: MaybePhoto = None,
    notes: Annotated[str, typer.Option(help="Comment by the designer.")] = "",
) -> None:
    """Submit a designer's result; a question can also be answered with --notes alone."""
    if not photo and not notes:
        raise typer.BadParameter("give a PHOTO, --notes or both")
    cli, event_id = cli_context(context), new_event_id()
    source = photo_source(photo) if photo else None

    async def work() -> None:
        client = await cli.connect()
        result = DesignerFinished(event_id=event_id, notes=notes)
        if source:
            named = f"result-{event_id}"
            result.result_url, result.result_key = await fetchable(cli, dispatch, named, source, is_finished=True)
        await designers.send(client, dispatch, "designer_finished", result)

    run(work())
    typer.echo(f"Result submitted for {dispatch}. Check: darkroom designer show {dispatch}", err=True)


@app.command(epilog="Example: darkroom designer cancel TRANSFER_20261122_7K3F9Q --reason 客户不要了")
def cancel(context: typer.Context, dispatch: Dispatch, reason: Reason = "") -> None:
    """Cancel a dispatch; staff must then resume the order's picture."""
    cli = cli_context(context)
    request = CancelRequested(event_id=new_event_id(), requested_by="staff", reason=reason)

    async def work() -> None:
        await designers.send(await cli.connect(), dispatch, "cancel_requested", request)

    run(work())
    typer.echo(f"{dispatch} is cancelled", err=True)


@app.command(epilog="Example: darkroom designer show TASK_20261122_7K3F9Q_1 --json")
def show(context: typer.Context, dispatch: Dispatch, as_json: AsJson = False) -> None:
    """Show the current state of a dispatch."""
    cli = cli_context(context)

    async def work() -> None:
        state = await designers.snapshot(await cli.connect(), dispatch)
        if as_json:
            screens.print_json(state.model_dump(mode="json"))
        else:
            typer.echo(details.markdown(state, LANGUAGE))

    run(work())
