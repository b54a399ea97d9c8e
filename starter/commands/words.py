"""`darkroom words ...`: shows how a customer's message is interpreted; needs no order, Temporal or database."""

import json
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from domain.language import Situation, decide, read, remembered_address
from domain.vocabulary.status import Status
from starter.commands.arguments import AsJson
from starter.commands.tables import print_facts, print_table

LINES = "-"  # read messages from stdin, one per line


def words(
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="A customer's message; `-` reads one per line from stdin.")
    ],
    state: Annotated[Status, typer.Option(help="Status of the order.")],
    pictures: Annotated[int, typer.Option(min=1, max=99, help="Number of pictures in the order.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Show how a customer's message is interpreted: the class of each clause, and the resulting act."""
    if text != LINES:
        _show(result_of(text, state, pictures), as_json=as_json)
        return
    for line in _lines():
        result = result_of(line, state, pictures)
        typer.echo(json.dumps(result, ensure_ascii=False) if as_json else f"{result['act']}\t{line}")


def result_of(text: str, state: Status, pictures: int) -> dict[str, Any]:
    """Return the interpretation of a text, as shown with --json."""
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
    """Read lines from stdin, split at line feeds only, since messages may hold other separators."""
    return (line.decode(errors="replace").rstrip("\r\n") for line in sys.stdin.buffer)


def _show(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False, indent=2))
        return
    facts = [("act", result["act"]), ("address", result.get("address", ""))]
    print_facts([(name, value) for name, value in facts if value])
    print_table(["clause", "class"], [[clause["text"], clause["class"]] for clause in result["clauses"]])
