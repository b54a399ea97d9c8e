"""The time and the memory of each operation on a picture, in a child process with its limits."""

import os
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import psutil

from adapters.imaging.children import Children
from adapters.imaging.local import LocalModel
from adapters.imaging.studio import Studio
from benchmarks import figures
from benchmarks.child import cpu_seconds
from benchmarks.faked import as_image, encoded, photo, retouched_photo
from benchmarks.figures import Figure
from benchmarks.running import Benchmark, run, tell
from benchmarks.scale import Scale
from benchmarks.uploads import forget_peak, peak_mb
from domain.ports import EncodedImage, InputLimits, Wish
from domain.vocabulary.errors import DarkroomError
from domain.vocabulary.pictures import Operation
from runtime import wiring
from runtime.settings import Settings

SETTINGS = Settings.model_construct()
ENOUGH_SECONDS = 15  # of one operation and size; slow ones are not repeated
BEST_QUALITY = 92  # of JPEGs
MEBIBYTE = 2**20 / 10**6  # in MB
ENHANCE = Wish(Operation.ENHANCE, "clearer")
OF_A_MODEL = InputLimits(most_pixels=4_000_000, most_bytes=7_000_000)  # about what providers accept

OF_A_PROVIDER = ("inspect", "reduce for a model", "finish", "check", "preview")  # all for a picture that others make

Work = Callable[[], Awaitable[Any]]


class Use(NamedTuple):
    """The time that an operation takes, the peak of the child's memory, and its CPU time."""

    seconds: float
    peak_mb: float
    cpu: float = 0.0


# The operations on a picture and its result.
STEPS: dict[str, Callable[[Studio, LocalModel, EncodedImage, EncodedImage], Awaitable[Any]]] = {
    "inspect": lambda studio, _, original, __: studio.inspect(original),
    "reduce for a model": lambda studio, _, original, __: studio.reduced(original, OF_A_MODEL),
    "finish": lambda studio, _, original, result: studio.finish(original, result, ENHANCE),
    "check": lambda studio, _, original, result: studio.check(original, result, result, ENHANCE),
    "preview": lambda studio, _, __, result: studio.previews(result),
    "analyse": lambda _, model, original, __: model.analyse(original, ""),
    "score": lambda _, model, original, result: model.score(original, result, ENHANCE),
    "enhance": lambda _, model, original, __: model.generate(original, ENHANCE, ""),
    "remove_bg": lambda _, model, original, __: model.generate(original, Wish(Operation.REMOVE_BG, ""), ""),
    "fix_old_photo": lambda _, model, original, __: model.generate(original, Wish(Operation.FIX_OLD_PHOTO, ""), ""),
}


async def measure(size: Scale) -> list[Figure]:
    """Return the figures of every operation and size; the limits are those that a child process has by default."""
    children = Children(1, SETTINGS.imaging_memory_mb, SETTINGS.imaging_cpu_seconds)
    studio, model = wiring.studio(SETTINGS, children), LocalModel(children, wiring.limits(SETTINGS))
    small = [as_image(encoded(make(0.1))) for make in (photo, retouched_photo)]
    await studio.inspect(small[0])  # the child starts
    pictures = [_pairs(megapixels, size.repeats) for megapixels in size.megapixels]
    at = f"at {' / '.join(map(str, size.megapixels))} megapixels"
    found, cpu = [], [0.0] * len(pictures)
    for name, work in STEPS.items():
        tell(f"imaging: {name} {at}")
        try:
            await work(studio, model, *small)  # the child loads what the operation needs
            used = [await _use([partial(work, studio, model, *pair) for pair in pairs]) for pairs in pictures]
        except DarkroomError as error:
            found.append(Figure(f"imaging: {name} {at}", 0, "", error=type(error).__name__))
        else:
            found += figures_of(f"imaging: {name} {at}", used)
            cpu = [sum_ + one.cpu * (name in OF_A_PROVIDER) for sum_, one in zip(cpu, used, strict=True)]
    *smaller, largest = cpu
    return [*found, Figure(f"imaging: CPU of a provider's picture {at}", largest, "s", smaller=smaller)]


def figures_of(what: str, used: Sequence[Use]) -> list[Figure]:
    """Return the figures of an operation from its use of the smallest picture to that of the largest."""
    *smaller, largest = used
    return [
        Figure(what, largest.seconds, "s", SETTINGS.imaging_cpu_seconds, smaller=[one.seconds for one in smaller]),
        Figure(
            f"{what}, memory",
            largest.peak_mb,
            "MB",
            SETTINGS.imaging_memory_mb * MEBIBYTE,
            smaller=[one.peak_mb for one in smaller],
        ),
    ]


def _pairs(megapixels: float, number: int) -> list[tuple[EncodedImage, EncodedImage]]:
    """Return pictures and their results, no file like another: what was found out about one is remembered."""
    before, after = photo(megapixels), retouched_photo(megapixels)
    qualities = range(BEST_QUALITY, BEST_QUALITY - number, -1)
    return [
        (as_image(encoded(before, quality=quality)), as_image(encoded(after, quality=quality))) for quality in qualities
    ]


async def _use(works: Sequence[Work]) -> Use:
    """Return what an operation uses. A child is killed at its limits, which raises a DarkroomError."""
    seconds, peaks, cpu = [], [], []
    for work in works:
        child = _child()
        forget_peak(child)
        began, before = time.perf_counter(), cpu_seconds(child)
        await work()
        seconds.append(time.perf_counter() - began)
        cpu.append(cpu_seconds(child) - before)
        peaks.append(peak_mb(child))
        if sum(seconds) > ENOUGH_SECONDS:
            break
    return Use(figures.middle(seconds), max(peaks), figures.middle(cpu))


def _child() -> int:
    """Return the imaging process, the only child of this one."""
    (child,) = psutil.Process(os.getpid()).children()
    return child.pid


BENCHMARK = Benchmark("imaging", measure, minutes=30)

if __name__ == "__main__":
    run(BENCHMARK)
