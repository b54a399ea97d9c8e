"""Runs image processing in child processes with CPU, time and memory limits, so that no picture can harm the worker.

The kernel kills a child that reaches its CPU limit, even inside a library; the parent kills it at its deadline.
"""

import ctypes
import faulthandler
import gc
import math
import os
import pkgutil
import resource
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import anyio
import anyio.to_process

from adapters.imaging.rejections import refusal
from domain.attempts.waiting_line import WaitingLine
from domain.vocabulary.errors import DarkroomError, OutsideRefused, OutsideUnavailable, away

PACKAGE = "adapters.imaging"
# Shares of the CPU limit of a step: a client waits for these during an upload, so they are refused within seconds.
# Those of an activity together must end within its timeout, so that a slow picture is refused instead of tried again.
SHARES = {
    "decode:inspect": 1 / 6,
    "decode:inspect_file": 1 / 6,
    "keep:keep_file": 1 / 2,
    "preview:previews": 1 / 3,
    "analyse:analyse": 1 / 3,
    "handed_in.accepting:accept": 5 / 6,
}
SLOWER = 2  # wall-clock time allowed per CPU second, since other processes compete
STARTING = 20  # seconds in which a child loads its libraries
LONGEST_WAIT = 60.0  # seconds for a free child; then the step is given back, as its own timeout runs meanwhile
TRY_AGAIN = timedelta(seconds=10)
HEAD_START = 10.0  # seconds by which one level of urgency goes ahead: nobody is overtaken forever
SLOW = {"make:make"}  # takes seconds: one level behind what finishes a picture


class Children:
    """A pool of child processes, started when first needed and reused. Cancelling a call kills its child.

    Only bytes and small dataclasses are passed. A job is named "module:function", relative to adapters.imaging,
    and looked up in the child, so the parent never loads an image library.
    A new child runs the parent's main file, as `__mp_main__`, unless that module has no `__file__`.
    `urgency` tells how urgent the running step is; the lowest number goes first.
    """

    def __init__(
        self,
        processes: int = 2,
        memory_mb: int = 3000,
        cpu_seconds: int = 120,
        urgency: Callable[[], int] = lambda: 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.memory_mb = memory_mb
        self.cpu_seconds = cpu_seconds
        self._urgency = urgency
        self._clock = clock
        self._line = WaitingLine(processes)

    async def run(self, job: str, *arguments: Any) -> Any:
        """Return the result of a job. Raises the job's own DarkroomError, or PictureUnreadable if it exceeds a limit.

        Raises OutsideUnavailable if all children stay busy.
        """
        try:
            async with self._line.place(self._rank(job), seconds=LONGEST_WAIT):
                return await self._do(job, arguments)
        except TimeoutError:
            raise OutsideUnavailable("no imaging process is free", retry_after=TRY_AGAIN, why=away("imaging")) from None

    def _rank(self, job: str) -> float:
        return self._clock() + HEAD_START * (self._urgency() + (job in SLOW))

    def deadline(self, job: str) -> int:
        """Return after how many seconds a job is ended."""
        return SLOWER * self._seconds(job) + STARTING

    def _seconds(self, job: str) -> int:
        return max(1, round(self.cpu_seconds * SHARES.get(job, 1)))

    async def _do(self, job: str, arguments: tuple[Any, ...]) -> Any:
        """If a child dies, try once more in another: something else may have killed the first."""
        try:
            try:
                return await self._try(job, arguments)
            except anyio.BrokenWorkerProcess:
                return await self._try(job, arguments)
        except anyio.BrokenWorkerProcess as error:
            raise refusal("too_much_memory", megabytes=self.memory_mb) from error

    async def _try(self, job: str, arguments: tuple[Any, ...]) -> Any:
        seconds = self._seconds(job)
        unlimited = anyio.CapacityLimiter(math.inf)  # a slot is already held, so that no deadline includes waiting
        with NamedTemporaryFile(prefix="darkroom-step-") as last_words:
            caps = Caps(seconds, self.memory_mb, last_words.name)
            try:
                with anyio.fail_after(self.deadline(job)):
                    return await anyio.to_process.run_sync(
                        perform, job, caps, arguments, cancellable=True, limiter=unlimited
                    )
            except TimeoutError as error:
                raise refusal("too_much_work", seconds=seconds) from error
            except ProcessLookupError as error:  # it died while it was being started
                raise anyio.BrokenWorkerProcess from error
            except anyio.BrokenWorkerProcess as error:
                if not last_words.read(1):
                    raise
                raise refusal("too_much_work", seconds=seconds) from error


@dataclass(frozen=True)
class Caps:
    """The limits of a child for one job. A child that has used up its CPU time writes to the file `last_words`."""

    cpu_seconds: int
    memory_mb: int
    last_words: str

    def apply(self) -> None:
        """Limit this process.

        Memory is limited by RLIMIT_DATA, not RLIMIT_AS, because threads reserve addresses they never use. The CPU limit
        is added to the time already used, because the kernel counts the whole life of a child.
        """
        words = Path(self.last_words).open("w")  # noqa: SIM115 - stays open until the next job's file replaces it
        faulthandler.register(signal.SIGXCPU, words, chain=True)
        _lower(resource.RLIMIT_DATA, self.memory_mb * 2**20)
        _lower(resource.RLIMIT_CPU, math.ceil(time.process_time()) + self.cpu_seconds)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def perform(job: str, caps: Caps, arguments: tuple[Any, ...]) -> Any:
    """Do one job, in the child. Raises only DarkroomError: a vendor's error would load its library in the parent."""
    caps.apply()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's threads spin while other children need the cores
    try:
        work = pkgutil.resolve_name(f"{PACKAGE}.{job}")
    except Exception as error:  # noqa: BLE001 - a library with missing files may raise anything
        raise OutsideRefused(f"{job} cannot be loaded: {_shown(error)}; run `make install`") from None
    try:
        return work(*arguments)
    except DarkroomError:
        raise
    except Exception as error:  # noqa: BLE001 - a retry would fail in the same way
        raise _foreseen(error, caps) from None
    finally:
        _give_back()


def _give_back() -> None:
    """Return free memory to the system: an idle child would keep what its largest picture needed.

    What is left is kept for good: libraries and networks. Frozen, no later collection walks through it for 0.1 s.
    """
    gc.collect()
    gc.freeze()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of the GNU C library
    if trim:
        trim(0)


def _foreseen(error: Exception, caps: Caps) -> DarkroomError:
    """Convert any other error to a DarkroomError: a problem of this machine (e.g. its disk), or of the picture."""
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
