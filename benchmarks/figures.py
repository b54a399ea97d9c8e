"""Figures and their bars: how they are told, and what a benchmark ends with."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from rich import box
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """Something that was measured; without a bar it is only told."""

    what: str
    measured: float
    unit: str
    most: float | None = None  # the bar: it must stay below

    @property
    def is_met(self) -> bool:
        """Whether it keeps to its bar."""
        return self.most is None or self.measured < self.most

    @property
    def words(self) -> str:
        """The figure in one line."""
        bar = "" if self.most is None else f", bar {self.most:g} {self.unit}"
        return f"{self.what}: {self.measured:.3g} {self.unit}{bar}"


def p95(values: Sequence[float]) -> float:
    """Return what all but one in twenty stay below."""
    return quantiles(values, n=20)[-1]


def middle(values: Sequence[float]) -> float:
    """Return the median."""
    return median(values)


def show(figures: Sequence[Figure]) -> None:
    """Print a table of them."""
    table = Table("", "what", "measured", "bar", box=box.SIMPLE_HEAD)
    for figure in figures:
        mark = "" if figure.most is None else "[green]ok[/]" if figure.is_met else "[red]no[/]"
        bar = "" if figure.most is None else f"{figure.most:g} {figure.unit}"
        table.add_row(mark, figure.what, f"{figure.measured:.3g} {figure.unit}", bar)
    Console(highlight=False).print(table)


def end(figures: Sequence[Figure]) -> None:
    """Say in the last line which bar was missed, and end with 1 where one was."""
    missed = [figure.words for figure in figures if not figure.is_met]
    print(f"MISSED {'; '.join(missed)}" if missed else "all bars are met")
    sys.exit(1 if missed else 0)
