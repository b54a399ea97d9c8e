"""Prints orders, lists of orders and histories, as text or as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

from domain.order import journal
from domain.order.order import Order
from domain.order.picture import Picture
from domain.story import deadlines, details
from domain.texts.catalogue import TEXTS
from domain.texts.phrase import Said, said
from domain.vocabulary.money import Moved
from domain.vocabulary.status import Status
from starter.commands.cli_context import LANGUAGE
from starter.commands.tables import print_facts, print_table
from starter.history import Line
from starter.orders import Listed

LONGEST_ABOUT = 300  # characters per event
STYLES = {
    Status.AWAITING_CONFIRM: "yellow",
    Status.REVISION: "yellow",
    Status.PROCESSING: "cyan",
    Status.WITH_DESIGNER: "cyan",
    Status.COMPLETED: "green",
    Status.FAILED: "red",
    Status.DECLINED: "red",
}

TEXT = TEXTS[LANGUAGE]


def print_json(content: Any) -> None:
    """Print one JSON document, without escaping Chinese characters."""
    print(json.dumps(content, ensure_ascii=False, indent=2, default=str))


def show(order: Order, timezone: str, link: str, *, as_json: bool) -> None:
    """Print the current state of an order."""
    if as_json:
        print_json(order.model_dump(mode="json"))
        return
    zone, console = ZoneInfo(timezone), Console(highlight=False)
    title = Text.assemble(
        (order.order_id, "bold"), "  ", (TEXT.name("status", order.shown_status), STYLES.get(order.status, ""))
    )
    console.print(title, f" waits for {TEXT.say(details.waits_for(order))}", soft_wrap=True, markup=False)
    print_facts(_facts(order, link, zone))
    print_table(
        ("no.", "operation", "status", "attempts", "score", "cost", "remarks"), list(map(_picture, order.pictures))
    )
    for entry in order.journal:
        at = f"{entry.at.astimezone(zone):%m-%d %H:%M:%S}"
        console.print(f"{at}  {entry.by:<9}  {journal.words(entry, LANGUAGE)}", soft_wrap=True, markup=False)


def _facts(order: Order, link: str, zone: ZoneInfo) -> list[tuple[str, str]]:
    deadline = deadlines.next_deadline(order)
    facts = {
        "customer": f"{order.customer_id} {order.customer_name}".strip(),
        "shop": f"{order.acc_id} ({order.acc_type})",
        "quote": f"{order.quote.span} {order.quote.currency}, version {order.quote.version}"
        if order.quote
        else "none yet",
        "paid": "; ".join(map(_moved, order.payments)) or "nothing yet",
        "models": _spent(order),
        "refunded": "; ".join(map(_moved, order.refunds)),
        "next": f"{TEXT.name('deadline', deadline[1])}, {deadline[0].astimezone(zone):%m-%d %H:%M}" if deadline else "",
        "e-mail": " ".join(filter(None, [order.email, order.email_status])) or "none yet",
        "Web UI": link,
    }
    return [(name, fact) for name, fact in facts.items() if fact]


def _spent(order: Order) -> str:
    """Return the cost of the models, and the margin once the customer has paid."""
    spent, currency = order.spent, order.known_rules.prices.currency
    if not spent.calls:
        return ""
    perhaps = f", perhaps {spent.possibly:.3f} more" if spent.possibly else ""
    margin = f"; margin {order.margin:.2f} {currency}" if order.payments else ""
    return f"{spent.cost:.3f} {currency} for {spent.calls} call{'s' * (spent.calls != 1)}{perhaps}{margin}"


def _moved(money: Moved) -> str:
    return money.told + (f" (flagged: {TEXTS['en'].say(money.flagged)})" if money.flagged else "")


def _picture(picture: Picture) -> tuple[str | Text, ...]:
    """Return the table row of a picture, which fits a terminal of 80 columns; pictures are numbered from 1."""
    result = picture.result
    return (
        picture.task_id.rpartition("_")[2],
        picture.operation or "",
        Text(TEXT.name("status", picture.status), STYLES.get(picture.status, "")),
        str(picture.attempt_count),
        str(result.score) if result and result.score is not None else "",
        f"{picture.spent.cost:.3f}" if picture.spent.calls else "",
        _remarks(picture),
    )


def _remarks(picture: Picture) -> str:
    last, result = picture.attempts[-1] if picture.attempts else None, picture.result
    risk = said("waits.staff_risk") if picture.review == "waiting" else Said()
    waits = picture.needs_designer or picture.stopped or risk
    remarks = [
        f"by {last.provider} {last.model}".strip() if last and last.provider else "",
        f"revision {picture.round}" if picture.round else "",
        TEXT.say(picture.error or waits or (result.issue if result else Said())),
    ]
    return "; ".join(filter(None, remarks))


def listing(found: Sequence[Listed], timezone: str, *, as_json: bool) -> None:
    """Print a list of orders."""
    if as_json:
        print_json([asdict(line) for line in found])
        return
    print_table(
        ("order", "started", "status", "open", "operation", "score", "customer", "shop"),
        [_order(line, ZoneInfo(timezone)) for line in found],
        whole={"order"},
        nothing="no orders match; start one with `darkroom order new PHOTO --customer ID`",
    )


def _order(line: Listed, zone: ZoneInfo) -> tuple[str | Text, ...]:
    status = Text(line.status, STYLES.get(Status(line.status), "") if line.status in set(Status) else "")
    started, score = f"{line.started_at.astimezone(zone):%m-%d %H:%M}", "" if line.score is None else str(line.score)
    is_open = "yes" if line.open else "no"
    return line.order_id, started, status, is_open, line.operation, score, line.customer_id, line.shop_id


def history(lines: Sequence[Line], timezone: str, *, as_json: bool) -> None:
    """Print the event history of an order."""
    if as_json:
        print_json([asdict(line) for line in lines])
        return
    zone = ZoneInfo(timezone)
    rows = [
        (
            str(line.run),
            str(line.event_id),
            f"{line.at.astimezone(zone):%m-%d %H:%M:%S}",
            line.what,
            _shortened(line.about),
        )
        for line in lines
    ]
    print_table(("run", "event", "at", "what", "about"), rows)


def _shortened(about: str) -> str:
    return about if len(about) <= LONGEST_ABOUT else f"{about[:LONGEST_ABOUT]}… (full text: --json)"
