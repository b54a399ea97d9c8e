"""Tables of the commands: formatted in a terminal, tab-separated lines in a pipe."""

import sys
from collections.abc import Collection, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

Cell = str | Text


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[Cell]], *, whole: Collection[str] = (), nothing: str = ""
) -> None:
    """Print rows under column headings; without rows, print `nothing` to stderr.

    Nothing is truncated: cells of the columns in `whole`, such as ids, never wrap, even if the table is wider than the
    terminal; other cells do. In a pipe there are no headings.
    """
    console = Console(highlight=False)
    if not rows:
        print(nothing, file=sys.stderr)
    elif not console.is_terminal:
        for row in rows:
            print("\t".join(_in_one_line(cell) for cell in row))
    else:
        table = Table(box=box.SIMPLE_HEAD)
        for name in columns:
            table.add_column(name, no_wrap=name in whole, overflow="fold")
        for row in rows:
            table.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in row))
        unbounded = console.options.update(max_width=sys.maxsize)  # else the measured width is capped at the terminal's
        console.width = max(console.width, console.measure(table, options=unbounded).minimum)
        console.print(table, crop=False)


def print_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Print one `name  fact` per line; long facts are not truncated."""
    console = Console(highlight=False)
    room = max((len(name) for name, _ in facts), default=0)
    for name, fact in facts:
        line = f"{name:<{room}}  {fact}" if console.is_terminal else f"{name}\t{_in_one_line(fact)}"
        console.print(line, markup=False, soft_wrap=True)


def _in_one_line(cell: Cell) -> str:
    return " ".join(str(cell).split())
