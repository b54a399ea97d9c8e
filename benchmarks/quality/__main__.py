"""Runs the sections named, or all, and prints one table: `python -m benchmarks.quality [section ...]`.

A section is a module of this package with a function `rows(sheets: Path) -> list[Row]`, which may write contact sheets
into the folder. Ends with status 1 and the names of the missed bars if there are any.
"""

import importlib
import pkgutil
import sys
from pathlib import Path

import benchmarks.quality
from benchmarks.quality.table import Row, markdown

SHEETS = Path("quality-sheets")


def sections() -> list[str]:
    """Return the names of the modules that measure something."""
    names = [module.name for module in pkgutil.iter_modules(benchmarks.quality.__path__) if module.name != "__main__"]
    return [name for name in names if hasattr(importlib.import_module(f"benchmarks.quality.{name}"), "rows")]


def main(wanted: list[str]) -> int:
    """Print the table of the sections wanted; return the exit status."""
    SHEETS.mkdir(exist_ok=True)
    rows: list[Row] = []
    for name in wanted or sections():
        print(f"quality: {name} ...", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"benchmarks.quality.{name}").rows(SHEETS)
    print(markdown(rows))
    missed = [f"{row.section}: {row.name}" for row in rows if not row.is_met]
    print(f"Contact sheets are in {SHEETS.resolve()}.")
    print(f"Missed: {'; '.join(missed)}" if missed else "All bars are met.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
