"""`darkroom words ...`: how the shop reads what a customer writes, without an order, Temporal or a database."""

import json
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from domain.language import Situation, decide, read, remembered_address
from domain.vocabulary.status import Status
from starter.commands.arguments import AsJson
from starter.commands.tables import print_facts, print_table

LINES = "-"  # instead of a text: each line of the input is one


def words(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What a customer writes; `-` reads lines.")],
    state: Annotated[Status, typer.Option(help="Where the order stands.")],
    pictures: Annotated[int, typer.Option(min=1, max=99, help="How many pictures the order has.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Show how the shop reads a customer's words: each clause with its class, and the act that follows."""
    if text != LINES:
        _show(result_of(text, state, pictures), as_json=as_json)
        return
    for line in _lines():
        result = result_of(line, state, pictures)
        typer.echo(json.dumps(result, ensure_ascii=False) if as_json else f"{result['act']}\t{line}")


def result_of(text: str, state: Status, pictures: int) -> dict[str, Any]:
    """Return what a text is read as and what follows, as JSON shows it."""
    reading = read(text)
    address = remembered_address(reading)
    return {
        "text": text,
        "state": state.value,
        "act": decide(reading, Situation.of(state, pictures)).act.value,
        **({"address": address} if address else {}),
        "clauses": [{"text": clause.text, "class": clause.kind} for clause in reading.clauses],
    }


def _lines() -> Iterator[str]:
    """Only a line break ends a line: words may hold other separators, and what is no UTF-8."""
    return (line.decode(errors="replace").rstrip("\r\n") for line in sys.stdin.buffer)


def _show(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False, indent=2))
        return
    facts = [("act", result["act"]), ("address", result.get("address", ""))]
    print_facts([(name, value) for name, value in facts if value])
    print_table(["clause", "class"], [[clause["text"], clause["class"]] for clause in result["clauses"]])
