"""`darkroom check ...`: checks one file against its original, as an order's quality check does."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.ports import Wish
from domain.texts.catalogue import TEXTS
from domain.vocabulary.errors import PictureUnreadable
from domain.vocabulary.pictures import Operation, TargetSize
from starter.commands.arguments import AsJson
from starter.commands.cli_context import FAILED, LANGUAGE
from starter.commands.tables import print_facts, print_table

if TYPE_CHECKING:
    from adapters.imaging.check.facts import Fact
    from adapters.imaging.check.report import Report


def check(
    original: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The customer's picture.")],
    result: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file to be checked.")],
    operation: Annotated[Operation, typer.Option(help="What was to be done.")],
    words: Annotated[str, typer.Option(help="The customer's words.")] = "",
    size: Annotated[str, typer.Option(help="Size asked for, WIDTHxHEIGHT in pixels.")] = "",
    heat_map: Annotated[
        Path | None, typer.Option(help="Where to write the heat map. Default: beside RESULT, as NAME-heat.png.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a result: every fact with its limit, the verdict, its kind and score. Exits with 1 if anything failed."""
    from adapters.imaging.check.report import report
    from runtime import wiring
    from runtime.settings import Settings

    wish = Wish(operation, words, _size(size))
    try:
        found = report(original.read_bytes(), result.read_bytes(), wish, wiring.limits(Settings()).ours)
    except (PictureUnreadable, OSError, ValueError) as error:
        raise typer.BadParameter(str(error)) from error
    place = heat_map or result.with_name(f"{result.stem}-heat.png")
    place.write_bytes(found.heat_map.data)
    if as_json:
        typer.echo(json.dumps(_as_json(found, place), ensure_ascii=False, indent=2))
    else:
        _show(found, place)
    raise typer.Exit(FAILED if found.check.issue else 0)


def _size(typed: str) -> TargetSize | None:
    if not typed:
        return None
    sides = re.fullmatch(r"(\d{1,5})[xX×*](\d{1,5})", typed.strip())
    if not sides:
        raise typer.BadParameter(f"{typed!r} is no size; write it as 1200x800")
    return TargetSize(width=int(sides[1]), height=int(sides[2]))


def _as_json(found: "Report", heat_map: Path) -> dict[str, Any]:
    check = found.check
    return {
        "is_fine": not check.issue,
        "score": check.score,
        "failure": check.facts.get("failure"),
        "issue": TEXTS[LANGUAGE].say(check.issue),
        "next_step": check.next_step if check.issue else None,
        "heat_map": str(heat_map),
        "facts": [_fact(fact) for fact in found.facts],
    }


def _fact(fact: "Fact") -> dict[str, Any]:
    return {
        "name": fact.name,
        "value": round(float(fact.value), 4),
        "limit": fact.limit,
        "is_fine": bool(fact.is_fine),
        "kind": fact.kind.value,
        "points": fact.points,
        "issue": "" if fact.is_fine else TEXTS[LANGUAGE].say(fact.issue),
        **({"details": dict(fact.details)} if fact.details else {}),
    }


def _show(found: "Report", heat_map: Path) -> None:
    check = found.check
    verdict = f"failed: {TEXTS[LANGUAGE].say(check.issue)}" if check.issue else "passed"
    failure = [("failure", str(check.facts["failure"])), ("next step", check.next_step)] if check.issue else []
    print_facts([("verdict", verdict), ("score", f"{check.score}/100"), *failure, ("heat map", str(heat_map))])
    rows = [_row(fact) for fact in sorted(found.facts, key=lambda fact: -fact.points)]
    print_table(["fact", "kind", "value", "limit", "points", ""], rows, whole={"fact"})


def _row(fact: "Fact") -> list[str]:
    mark = "" if fact.is_fine else TEXTS[LANGUAGE].say(fact.issue)
    return [fact.name, fact.kind.value, f"{fact.value:.4g}", f"{fact.limit:.4g}", str(fact.points), mark]
