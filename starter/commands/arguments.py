"""What people type after `darkroom order ...`, and the values it is read as; what makes none is wrong usage."""

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


OrderId = Annotated[str, typer.Argument(metavar="ORDER", callback=_order_id, help="Such as ORDER_20261122_7K3F9Q.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Photo = Annotated[str, typer.Argument(metavar="PHOTO", help="A file of this machine, or an http(s) address.")]
WhichPicture = Annotated[int | None, typer.Option(min=1, help="Which picture, where there are several.")]
By = Annotated[Literal["staff", "customer"], typer.Option(help="Whose wish it is.")]
Reason = Annotated[str, typer.Option(help="Why; it stays on record.")]
Currency = Annotated[str | None, typer.Option(help="Currency of the amount; else that of the price list.")]


def an_amount(typed: str, currency: str | None = None) -> dict[str, str]:
    """Return what is sent for an amount of money that was typed, such as 18, 18.50 or ￥18."""
    sent = {"amount": typed} | ({"currency": currency} if currency else {})
    if isinstance(amounts.read(sent).get("amount"), str):
        raise typer.BadParameter(f"{typed!r} is no amount of money; write 18 or 18.50")
    return sent


def an_address(typed: str) -> str:
    """Return an e-mail address."""
    found = language.exact_address(typed)
    if found is None:
        raise typer.BadParameter(f"{typed!r} is no complete e-mail address")
    return found


def task_of(order: str, picture: int | None) -> str | None:
    """Return the task of an order's picture, as people count them; none where no picture is named."""
    return None if picture is None else ids.task_id(order, picture)


def photo_source(typed: str) -> str | Path:
    """Return where a photograph is: its address, or a file of this machine."""
    if typed.startswith(("http://", "https://")):
        return typed
    if not Path(typed).is_file():
        raise typer.BadParameter(f"{typed} is no file of this machine, and no http(s) address")
    return Path(typed)
