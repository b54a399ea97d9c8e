"""Figures and their limits: the table that shows them, and the exit status of a benchmark."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from unicodedata import east_asian_width


@dataclass(frozen=True)
class Figure:
    """A measurement. Without a limit it is only printed."""

    what: str
    measured: float
    unit: str
    bar: float | None = None
    is_least: bool = False  # it must reach the limit instead of not exceeding it
    error: str = ""  # why there is no measurement
    smaller: Sequence[float] = ()  # the same of smaller things, shown before it

    @property
    def is_met(self) -> bool:
        """Whether it was measured and is within its limit."""
        if self.error:
            return False
        if self.bar is None:
            return True
        return self.measured >= self.bar if self.is_least else self.measured <= self.bar

    @property
    def words(self) -> str:
        """The figure in one line."""
        bar = f", bar {self.bar_in_words}" if self.bar_in_words else ""
        return f"{self.what}: {self.measured_in_words}{bar}"

    @property
    def measured_in_words(self) -> str:
        """The measurement with its unit, rounded to three digits; or why there is none."""
        numbers = " / ".join(map(rounded, [*self.smaller, self.measured]))
        return self.error or f"{numbers} {self.unit}".strip()

    @property
    def bar_in_words(self) -> str:
        """The limit with its direction; empty without one."""
        return "" if self.bar is None else f"{'>=' if self.is_least else '<='} {rounded(self.bar)} {self.unit}".strip()


def rounded(number: float) -> str:
    """Return a number with three significant digits, without an exponent."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"  # noqa: PLR2004 - three digits


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that `percent` of the values do not exceed. One value is its own percentile."""
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


def p95(values: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return percentile(values, 95)


def p99(values: Sequence[float]) -> float:
    """Return the 99th percentile."""
    return percentile(values, 99)


def middle(values: Sequence[float]) -> float:
    """Return the median."""
    return median(values)


def markdown(figures: Sequence[Figure]) -> str:
    """Return the figures as a Markdown table whose columns are aligned."""
    rows = [("what", "measured", "bar", ""), *map(_row, figures)]
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(_lines(rows, widths))


def show(figures: Sequence[Figure]) -> None:
    """Print the table."""
    print(markdown(figures))


def end(figures: Sequence[Figure]) -> None:
    """Print which limits were missed, and exit with 1 if any was."""
    missed = [figure.words for figure in figures if not figure.is_met]
    print(f"MISSED {'; '.join(missed)}" if missed else "all bars are met")
    sys.exit(1 if missed else 0)


def _row(figure: Figure) -> tuple[str, ...]:
    verdict = "missed" if not figure.is_met else "ok" if figure.bar is not None else ""
    return figure.what.replace("|", "\\|"), figure.measured_in_words, figure.bar_in_words, verdict


def _lines(rows: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    for number, row in enumerate(rows):
        padded = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        yield f"| {' | '.join(padded)} |"
        if number == 0:
            yield f"|{'|'.join('-' * (width + 2) for width in widths)}|"


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
