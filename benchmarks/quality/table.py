"""A row of the table of quality, and the table as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure, and the bar that it has to meet; without a bar it is only told."""

    section: str
    name: str
    value: str
    bar: str
    is_met: bool


def markdown(rows: Sequence[Row]) -> str:
    """Return the rows as one Markdown table."""
    lines = ["| section | what | value | bar | |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.section} | {row.name} | {row.value} | {row.bar} | {'' if row.is_met else 'MISSED'} |" for row in rows
    ]
    return "\n".join(lines)
