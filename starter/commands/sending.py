"""Sends an event to an order, and prints the outcome."""

import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

import typer
from temporalio.client import Client

from domain.order.messages import UPDATES, Answer, Event
from domain.ports import Phrases
from domain.texts.phrase import Said
from domain.vocabulary.errors import OutsideUnavailable
from starter import orders
from starter.commands import screens
from starter.commands.cli_context import FAILED, CliContext, cli_context, run
from starter.failures import NoSuchOrder


def new_event_id() -> str:
    """Return a fresh event id."""
    return f"cli-{uuid.uuid4()}"


async def fetchable(
    cli: CliContext, order_id: str, name: str, photo: str | Path, *, is_finished: bool = False
) -> tuple[str | None, str | None]:
    """Return the URL of a photo, or upload a local one and return its key: exactly one of (url, key) is set."""
    if isinstance(photo, str):
        return photo, None
    return None, await cli.upload(photo, order_id, name, is_finished=is_finished)


def send(context: typer.Context, order: str, signal: str, event: Event, done: str) -> None:
    """Send an event as a signal, wait until the order has processed it, and print the outcome."""

    async def deliver(client: Client) -> Answer:
        await orders.send(client, order, signal, event)
        try:
            return await orders.wait_for_answer(client, order, signal, event)
        except TimeoutError as error:
            later = f"sent, but not processed yet: is a worker running? Check later: darkroom order show {order}"
            raise TimeoutError(later) from error

    _deliver(context, order, signal, event, deliver, f"{done}. Check: darkroom order show {order}")


def ask(context: typer.Context, order: str, update: str, event: Event, done: str, *, as_json: bool) -> None:
    """Send an event as an update, and print the answer."""

    async def deliver(client: Client) -> Answer:
        return await orders.update(client, order, update, event)

    _deliver(context, order, UPDATES[update], event, deliver, done, as_json=as_json)


def _deliver(
    context: typer.Context,
    order: str,
    signal: str,
    event: Event,
    deliver: Callable[[Client], Awaitable[Answer]],
    done: str,
    *,
    as_json: bool = False,
) -> None:
    """Deliver an event; a refusal makes the exit status 1.

    If the order has closed, the event is kept for staff. An unknown order is an error.
    """
    cli = cli_context(context)

    async def work() -> Answer | None:
        client = await cli.connect()
        try:
            return await deliver(client)
        except NoSuchOrder:
            if not await orders.is_closed(client, order):
                raise
            await orders.keep(client, order, signal, event)
            return None

    answer = run(work())
    if answer is None:
        typer.echo(f"{order} has closed: the event was recorded and staff are notified", err=True)
    if as_json:
        screens.print_json(answer.model_dump(mode="json") if answer else {"kept": True})
    elif answer:
        _tell(answer, done, cli.phrases)
    if answer and not answer.accepted:
        raise typer.Exit(FAILED)


def _tell(answer: Answer, done: str, phrases: Phrases) -> None:
    if answer.accepted:
        typer.echo(done)
    else:
        typer.echo(f"refused: {_words(answer.reason, phrases) if answer.reason else 'no reason given'}", err=True)
    for said in answer.reply:  # the sender must pass it on: the bot does not
        typer.echo(f"Tell the customer: {_words(said, phrases)}")


def _words(said: Said, phrases: Phrases) -> str:
    try:
        return f"{phrases.text(said.phrase, **said.values)} ({said.phrase})"
    except OutsideUnavailable as error:  # the answer counts, even if the catalogue is broken
        return f"{said.phrase} ({error})"
