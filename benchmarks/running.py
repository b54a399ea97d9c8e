"""Runs benchmarks: each within its time, the next one also if one breaks."""

import asyncio
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from benchmarks import figures, machine, scale
from benchmarks.figures import Figure
from benchmarks.scale import Scale
from stack.up import cancel_on_signals

Measure: TypeAlias = Callable[[Scale], Awaitable[list[Figure]]]


@dataclass(frozen=True)
class Benchmark:
    """A benchmark, its name, and the minutes after which it is given up."""

    name: str
    measure: Measure
    minutes: float


def run(*benchmarks: Benchmark) -> None:
    """Run benchmarks in turn, print one table of their figures, and exit with 1 if a limit was missed."""
    vars(sys.modules["__main__"]).pop("__file__", None)  # else each imaging process imports that file, with all of this
    size, introduction = scale.chosen(), machine.description()
    try:
        measured = asyncio.run(_measure(benchmarks, size))
    except asyncio.CancelledError:
        sys.exit("interrupted")
    print(f"{introduction}\n")
    figures.show(measured)
    print()
    figures.end(measured)


async def _measure(benchmarks: Sequence[Benchmark], size: Scale) -> list[Figure]:
    cancel_on_signals()  # so that servers are stopped and their folders removed
    return await measure_all(benchmarks, size)


async def measure_all(benchmarks: Sequence[Benchmark], size: Scale) -> list[Figure]:
    """Return the figures of all; one that breaks has a single figure with the error."""
    measured = []
    for benchmark in benchmarks:
        tell(f"{benchmark.name} ...")
        began = time.monotonic()
        try:
            async with asyncio.timeout(benchmark.minutes * 60):
                measured += await benchmark.measure(size)
        except Exception as error:  # noqa: BLE001 - the others are still to be measured
            traceback.print_exc(file=sys.stderr)
            measured.append(Figure(benchmark.name, 0, "", error=reason(error)))
        tell(f"{benchmark.name}: {time.monotonic() - began:.0f} s")
    return measured


def reason(error: BaseException) -> str:
    """Return the kind of an error, or of the first one in a group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"failed with {type(error).__name__}"


def tell(words: str) -> None:
    """Print progress; standard output holds only the table."""
    print(words, file=sys.stderr, flush=True)
