"""Runs work on pictures in child processes, within a time and a memory, so that no picture can hurt or stop the worker.

The kernel ends a child at its cap of CPU time, whatever library it is in; the parent ends it at its deadline.
"""

import faulthandler
import math
import pkgutil
import resource
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import anyio
import anyio.to_process

from adapters.imaging.rejections import refusal
from domain.vocabulary.errors import DarkroomError, OutsideRefused, OutsideUnavailable

PACKAGE = "adapters.imaging"
# Of the time that a step may take: what an upload waits for is refused in seconds.
SHARES = {"decode:inspect": 1 / 6, "decode:inspect_file": 1 / 6}
SLOWER = 2  # times that a step may take by the clock, beside others
STARTING = 20  # seconds in which a child loads its libraries


class Children:
    """A few child processes, started when first needed and used again; cancelling a call kills its child.

    Only bytes and small dataclasses cross. Jobs are named, "module:function" below adapters.imaging, and looked up in
    the child: the parent never loads a picture library. A new child runs the parent's main file, as `__mp_main__`,
    unless that module has no `__file__`.
    """

    def __init__(self, processes: int = 2, memory_mb: int = 3000, cpu_seconds: int = 120) -> None:
        self.memory_mb = memory_mb
        self.cpu_seconds = cpu_seconds
        self._limiter = anyio.CapacityLimiter(processes)

    async def run(self, job: str, *arguments: Any) -> Any:
        """Return what the job returns. Raises DarkroomError: the job's own, PictureUnreadable where a cap ends it.

        A child that dies may have been ended by something else, even while it was idle: a second one tells.
        """
        async with self._limiter:
            try:
                try:
                    return await self._try(job, arguments)
                except anyio.BrokenWorkerProcess:
                    return await self._try(job, arguments)
            except anyio.BrokenWorkerProcess as error:
                raise refusal("too_much_memory", megabytes=self.memory_mb) from error

    async def _try(self, job: str, arguments: tuple[Any, ...]) -> Any:
        seconds = max(1, round(self.cpu_seconds * SHARES.get(job, 1)))
        unlimited = anyio.CapacityLimiter(math.inf)  # we hold a place already: a deadline is for the work alone
        with NamedTemporaryFile(prefix="darkroom-step-") as last_words:
            caps = Caps(seconds, self.memory_mb, last_words.name)
            try:
                with anyio.fail_after(SLOWER * seconds + STARTING):
                    return await anyio.to_process.run_sync(
                        perform, job, caps, arguments, cancellable=True, limiter=unlimited
                    )
            except TimeoutError as error:
                raise refusal("too_much_work", seconds=seconds) from error
            except anyio.BrokenWorkerProcess as error:
                if not last_words.read(1):
                    raise
                raise refusal("too_much_work", seconds=seconds) from error


@dataclass(frozen=True)
class Caps:
    """What a child may take for one job; a child that has used up its CPU time says so in a file."""

    cpu_seconds: int
    memory_mb: int
    last_words: str

    def apply(self) -> None:
        """Limit this process.

        Its memory by RLIMIT_DATA, not RLIMIT_AS: threads reserve addresses they never use. Its CPU time from now on:
        the kernel counts that of the whole life of a child.
        """
        words = Path(self.last_words).open("w")  # noqa: SIM115 - it is open until the next job's takes its place
        faulthandler.register(signal.SIGXCPU, words, chain=True)
        _lower(resource.RLIMIT_DATA, self.memory_mb * 2**20)
        _lower(resource.RLIMIT_CPU, math.ceil(time.process_time()) + self.cpu_seconds)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def perform(job: str, caps: Caps, arguments: tuple[Any, ...]) -> Any:
    """Do one job, in the child. Raises DarkroomError alone: a vendor's error would load its library in the parent."""
    caps.apply()
    try:
        work = pkgutil.resolve_name(f"{PACKAGE}.{job}")
    except Exception as error:  # noqa: BLE001 - a library fails in any way where its own files or libraries are missing
        raise OutsideRefused(f"{job} cannot be loaded: {_shown(error)}; run `make install`") from None
    try:
        return work(*arguments)
    except DarkroomError:
        raise
    except Exception as error:  # noqa: BLE001 - the same picture would fail in the same way again
        raise _foreseen(error, caps) from None


def _foreseen(error: Exception, caps: Caps) -> DarkroomError:
    """Return one of our errors for any other: this machine's trouble (its disk, perhaps), or the picture's."""
    text = _shown(error)
    if isinstance(error, OSError) and error.errno:
        return OutsideUnavailable(text)
    if isinstance(error, MemoryError) or "alloc" in text or "memory" in text:
        return refusal("too_much_memory", megabytes=caps.memory_mb)
    return refusal("unforeseen", detail=text)


def _shown(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]


def _lower(limit: int, value: int) -> None:
    _, hard = resource.getrlimit(limit)
    resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
