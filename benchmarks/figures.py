"""Figures and their limits: how they are printed, and the exit status of a benchmark."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from rich import box
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """A measurement; without a limit it is only printed."""

    what: str
    measured: float
    unit: str
    bar: float | None = None
    is_least: bool = False  # it must reach the limit instead of staying below it

    @property
    def is_met(self) -> bool:
        """Whether it is within its limit."""
        if self.bar is None:
            return True
        return self.measured >= self.bar if self.is_least else self.measured < self.bar

    @property
    def words(self) -> str:
        """The figure in one line."""
        bar = f", bar {self.bar_in_words}" if self.bar_in_words else ""
        return f"{self.what}: {self.measured:.3g} {self.unit}{bar}"

    @property
    def bar_in_words(self) -> str:
        """The limit with its direction; empty without one."""
        return "" if self.bar is None else f"{'>=' if self.is_least else '<'} {self.bar:g} {self.unit}"


def p95(values: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return quantiles(values, n=20)[-1]


def middle(values: Sequence[float]) -> float:
    """Return the median."""
    return median(values)


def show(figures: Sequence[Figure]) -> None:
    """Print a table of them."""
    table = Table("", "what", "measured", "bar", box=box.SIMPLE_HEAD)
    for figure in figures:
        mark = "" if figure.bar is None else "[green]ok[/]" if figure.is_met else "[red]no[/]"
        table.add_row(mark, figure.what, f"{figure.measured:.3g} {figure.unit}", figure.bar_in_words)
    Console(highlight=False).print(table)


def end(figures: Sequence[Figure]) -> None:
    """Print which limits were missed, and exit with 1 if any was."""
    missed = [figure.words for figure in figures if not figure.is_met]
    print(f"MISSED {'; '.join(missed)}" if missed else "all bars are met")
    sys.exit(1 if missed else 0)
