"""How orders look in a terminal, and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from domain import details, journal, waiting
from domain.order import Order
from domain.task import Picture
from starter.history import Line
from starter.orders import Listed


def print_json(content: Any) -> None:
    """Print one JSON document, Chinese as it is."""
    print(json.dumps(content, ensure_ascii=False, indent=2, default=str))


def show(order: Order, timezone: str, link: str, *, as_json: bool) -> None:
    """Show one order as it stands."""
    if as_json:
        print_json(order.model_dump(mode="json"))
        return
    console = _console()
    console.print(
        f"[bold]{order.order_id}[/]  {order.label} ({order.status})  waits for {escape(details.waits_for(order))}"
    )
    console.print(_facts(order, link, ZoneInfo(timezone)))
    console.print(_pictures(order))
    console.print(_journal(order, ZoneInfo(timezone)))


def _facts(order: Order, link: str, zone: ZoneInfo) -> Table:
    deadline = waiting.next_deadline(order)
    facts = {
        "customer": f"{order.customer_id} {order.customer_name}".strip(),
        "shop": f"{order.acc_id} ({order.acc_type})",
        "quote": f"{order.quote.span} {order.quote.currency}, version {order.quote.version}"
        if order.quote
        else "none yet",
        "paid": "; ".join(_payment(p.amount, p.currency, p.flagged) for p in order.payments) or "nothing yet",
        "models": _spent(order),
        "refunded": "; ".join(f"{refund.amount} {refund.currency}" for refund in order.refunds),
        "next": f"{deadline[1]}, {deadline[0].astimezone(zone):%m-%d %H:%M}" if deadline else "",
        "e-mail": " ".join(filter(None, [order.email, order.email_status])) or "none yet",
        "Web UI": link,
    }
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, value in facts.items():
        if value:
            table.add_row(name, escape(value))
    return table


def _spent(order: Order) -> str:
    """What the models cost, and what is left of the customer's money once they paid."""
    spent, currency = order.spent, order.known_rules.prices.currency
    if not spent.calls:
        return ""
    perhaps = f", perhaps {spent.possibly:.3f} more" if spent.possibly else ""
    margin = f"; margin {order.margin:.2f} {currency}" if order.payments else ""
    return f"{spent.cost:.3f} {currency} for {spent.calls} call{'s' * (spent.calls != 1)}{perhaps}{margin}"


def _payment(amount: Any, currency: str, flagged: str) -> str:
    return f"{amount} {currency}" + (f" (flagged: {flagged})" if flagged else "")


def _pictures(order: Order) -> Table:
    """One line a picture, by the numbers that people and commands call them by; it fits a terminal of 80 columns."""
    table = Table("no.", "operation", "status", "attempts", "score", "cost", "remarks", box=box.SIMPLE_HEAD)
    for number, picture in enumerate(order.pictures, 1):
        result = picture.result
        table.add_row(
            str(number),
            picture.operation or "",
            picture.status.label,
            str(len(picture.attempts)),
            str(result.score) if result and result.score is not None else "",
            f"{picture.spent.cost:.3f}" if picture.spent.calls else "",
            escape(_remarks(picture)),
        )
    return table


def _remarks(picture: Picture) -> str:
    last, result = picture.attempts[-1] if picture.attempts else None, picture.result
    waits = picture.needs_designer or picture.stopped or ("risk is looked at" if picture.review == "waiting" else "")
    remarks = [
        f"by {last.provider} {last.model}".strip() if last and last.provider else "",
        f"revision {picture.round}" if picture.round else "",
        picture.error or waits or (result.issue if result else ""),
    ]
    return "; ".join(filter(None, remarks))


def _journal(order: Order, zone: ZoneInfo) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for entry in order.journal:
        at = f"{entry.at.astimezone(zone):%m-%d %H:%M:%S}"
        table.add_row(at, entry.by, escape(journal.words(entry)))
    return table


def listing(found: Sequence[Listed], timezone: str, *, as_json: bool) -> None:
    """Show a list of orders."""
    if as_json:
        print_json([asdict(line) for line in found])
        return
    table = Table("order", "started", "customer", "shop", "operation", "status", "score", "open")
    for line in found:
        started = f"{line.started_at.astimezone(ZoneInfo(timezone)):%m-%d %H:%M}"
        score = "" if line.score is None else str(line.score)
        is_open = "yes" if line.open else "no"
        table.add_row(
            line.order_id,
            started,
            escape(line.customer_id),
            escape(line.shop_id),
            line.operation,
            line.status,
            score,
            is_open,
        )
    console = _console()
    console.print(table if found else "no orders match; `darkroom order new PHOTO --customer ID` starts one")


def history(lines: Sequence[Line], timezone: str, *, as_json: bool) -> None:
    """Show what Temporal recorded."""
    if as_json:
        print_json([asdict(line) for line in lines])
        return
    table = Table("event", "at", "what", "about")
    for line in lines:
        at = f"{line.at.astimezone(ZoneInfo(timezone)):%m-%d %H:%M:%S}"
        table.add_row(str(line.event_id), at, line.what, escape(line.about[:200]))
    _console().print(table)


def _console() -> Console:
    return Console(highlight=False)
