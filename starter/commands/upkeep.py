"""`darkroom upkeep ...`: runs upkeep by hand."""

from typing import Annotated

import typer

from domain.texts.catalogue import TEXTS
from domain.upkeep.work import MOST_ORPHANS, Digest, UpkeepReport, UpkeepRequest
from starter import upkeep
from starter.commands.arguments import AsJson
from starter.commands.cli_context import FAILED, LANGUAGE, cli_context
from starter.commands.cli_context import run as run_coroutine
from starter.commands.screens import print_json
from starter.commands.tables import print_facts, print_table

app = typer.Typer(
    no_args_is_help=True,
    help="Expired records, orphaned files, statistics, storage, and the daily digest.",
    rich_markup_mode="markdown",
)
TEXT = TEXTS[LANGUAGE]


@app.command(epilog="Example: darkroom upkeep run, or darkroom upkeep run --digest --json")
def run(
    context: typer.Context,
    digest: Annotated[bool, typer.Option("--digest", help="Also send staff the digest of yesterday.")] = False,
    orphans: Annotated[
        int, typer.Option(min=0, help="Most orphaned files to delete; if there are more, none is deleted.")
    ] = MOST_ORPHANS,
    as_json: AsJson = False,
) -> None:
    """Run upkeep now, wait for it, and print what it did. The daily schedule is not affected.

    Exit status 1 if a part failed or was left to staff.
    """

    async def work() -> UpkeepReport:
        client = await cli_context(context).connect()
        return await upkeep.run_now(client, UpkeepRequest(digest=digest, most_orphans=orphans))

    report = run_coroutine(work())
    if as_json:
        print_json(report.model_dump(mode="json"))
    else:
        _show(report)
    raise typer.Exit(0 if report.is_well else FAILED)


def _show(report: UpkeepReport) -> None:
    rows = [
        (TEXT.name("upkeep", part), ", ".join(f"{name} {count}" for name, count in done.counts.items()),
         TEXT.say(done.error) or ("too many: none was deleted" if done.is_held else ""), "; ".join(done.examples))
        for part, done in report.parts.items()
    ]  # fmt: skip
    print_table(("part", "done", "problem", "for example"), rows)
    if report.digest:
        print_facts(_facts(report.digest))
    if report.untold:
        print_facts([("staff were not told", TEXT.say(report.untold))])


def _facts(digest: Digest) -> list[tuple[str, str]]:
    return [(name.replace("_", " "), str(value)) for name, value in digest.model_dump().items()]
