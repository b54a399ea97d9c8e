"""`python -m stack`: runs the local stack, optionally without some servers."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from runtime.paths import DATA
from stack.plan import SERVERS, Provider, StackOptions
from stack.up import run


def main(
    data: Annotated[Path, typer.Option(help="Data folder.")] = DATA,
    provider: Annotated[Provider, typer.Option(help="Image provider.")] = "local",
    without: Annotated[str, typer.Option(help=f"Servers to leave out, comma-separated: {', '.join(SERVERS)}.")] = "",
) -> None:
    """Start Temporal, Postgres, storage, the simulators, the worker and the gateway, until Ctrl-C."""
    left_out = {name.strip() for name in without.split(",") if name.strip()}
    unknown = left_out - set(SERVERS)
    if unknown:
        raise typer.BadParameter(f"unknown servers: {', '.join(sorted(unknown))}", param_hint="--without")
    raise typer.Exit(run(data, StackOptions([name for name in SERVERS if name not in left_out], provider)))


if __name__ == "__main__":
    status: str | int | None = 1
    try:
        typer.run(main)
    except SystemExit as end:
        status = end.code
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(int(status or 0))  # the Temporal client may abort a normal interpreter shutdown
