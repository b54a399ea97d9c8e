"""Tables of the commands: laid out in a terminal, one line a row with tabs between its cells for other programs."""

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
    """Print rows under the names of their columns; `nothing` says on stderr that there are none.

    Nothing is ever cut. Cells of the columns in `whole`, such as ids, stay in one line, however narrow the terminal;
    others are folded. In a pipe there are no headings.
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
        unbounded = console.options.update(max_width=sys.maxsize)  # a measure stops at the terminal's edge otherwise
        console.width = max(console.width, console.measure(table, options=unbounded).minimum)
        console.print(table, crop=False)


def print_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Print one fact a line, after its name; a long one goes on over the edge of the terminal and is not cut."""
    console = Console(highlight=False)
    room = max((len(name) for name, _ in facts), default=0)
    for name, fact in facts:
        line = f"{name:<{room}}  {fact}" if console.is_terminal else f"{name}\t{_in_one_line(fact)}"
        console.print(line, markup=False, soft_wrap=True)


def _in_one_line(cell: Cell) -> str:
    return " ".join(str(cell).split())
