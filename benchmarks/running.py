"""Runs benchmarks: each within its time, the next one also if one breaks."""

import asyncio
import sys
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from benchmarks import figures, machine, scale
from benchmarks.figures import Figure
from benchmarks.scale import Scale

Measure: TypeAlias = Callable[[Scale], Awaitable[list[Figure]]]


@dataclass(frozen=True)
class Benchmark:
    """A benchmark, its name, and the minutes after which it is given up."""

    name: str
    measure: Measure
    minutes: float


def run(*benchmarks: Benchmark) -> None:
    """Run benchmarks in turn, print one table of their figures, and exit with 1 if a limit was missed."""
    size, introduction = scale.chosen(), machine.description()
    measured = asyncio.run(measure_all(benchmarks, size))
    print(f"{introduction}\n")
    figures.show(measured)
    print()
    figures.end(measured)


async def measure_all(benchmarks: Sequence[Benchmark], size: Scale) -> list[Figure]:
    """Return the figures of all; one that breaks has a single figure with the error."""
    measured = []
    for benchmark in benchmarks:
        tell(f"{benchmark.name} ...")
        try:
            async with asyncio.timeout(benchmark.minutes * 60):
                measured += await benchmark.measure(size)
        except Exception as error:  # noqa: BLE001 - the others are still to be measured
            traceback.print_exc(file=sys.stderr)
            words = f"failed with {type(error).__name__}" if str(error) else f"not done in {benchmark.minutes:g} min"
            measured.append(Figure(benchmark.name, 0, "", error=words))
    return measured


def tell(words: str) -> None:
    """Print progress; standard output holds only the table."""
    print(words, file=sys.stderr, flush=True)
