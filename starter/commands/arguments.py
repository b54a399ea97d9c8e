"""Arguments and options shared by the commands, and how they are parsed; an invalid one is a usage error."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from domain import language
from domain.vocabulary import amounts, ids


def _order_id(typed: str) -> str:
    order = ids.order_named(typed)
    try:
        ids.workflow_id(order)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    return order


OrderId = Annotated[
    str, typer.Argument(metavar="ORDER", callback=_order_id, help="Order id, e.g. ORDER_20261122_7K3F9Q.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Photo = Annotated[str, typer.Argument(metavar="PHOTO", help="Local file or http(s) URL.")]
WhichPicture = Annotated[
    int | None, typer.Option(min=1, help="Number of the picture; needed if the order has several.")
]
By = Annotated[Literal["staff", "customer"], typer.Option(help="Who asks for it.")]
Reason = Annotated[str, typer.Option(help="Why; kept in the order's journal.")]
Currency = Annotated[str | None, typer.Option(help="Currency of the amount. Default: the price list's.")]


def an_amount(typed: str | None, currency: str | None = None) -> dict[str, str]:
    """Return the message fields for an amount such as 18, 18.50 or ￥18, if one is given. Raises typer.BadParameter."""
    sent = ({} if typed is None else {"amount": typed}) | ({"currency": currency} if currency else {})
    if isinstance(amounts.read(sent).get("amount"), str):
        raise typer.BadParameter(f"invalid amount {typed!r} (expected e.g. 18 or 18.50)")
    return sent


def an_address(typed: str) -> str:
    """Return the e-mail address that was typed. Raises typer.BadParameter."""
    found = language.exact_address(typed)
    if found is None:
        raise typer.BadParameter(f"invalid e-mail address {typed!r} (expected e.g. wang@example.com)")
    return found


def task_of(order: str, picture: int | None) -> str | None:
    """Return the task id of an order's picture, counted from 1; None if no picture is given."""
    return None if picture is None else ids.task_id(order, picture)


def photo_source(typed: str) -> str | Path:
    """Return the URL or the path of the local file that was typed. Raises typer.BadParameter."""
    if typed.startswith(("http://", "https://")):
        return typed
    if not Path(typed).is_file():
        raise typer.BadParameter(f"not found: {typed} (give a local file or an http(s) URL)")
    return Path(typed)
