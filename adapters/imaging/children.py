"""Runs work on pictures in child processes under a memory cap, so that no picture can hurt or stop the worker."""

import pkgutil
import resource
from typing import Any

import anyio
import anyio.to_process

from domain.errors import DarkroomError, PictureUnreadable

PACKAGE = "adapters.imaging"


class Children:
    """A few child processes, started when first needed and used again; cancelling a call kills its child.

    Only bytes and small dataclasses cross. Jobs are named, "module:function" below adapters.imaging, and looked up in
    the child: the parent never loads a picture library. A new child runs the parent's main file, as `__mp_main__`,
    unless that module has no `__file__`.
    """

    def __init__(self, processes: int = 2, memory_mb: int = 3000) -> None:
        self.memory_mb = memory_mb
        self._limiter = anyio.CapacityLimiter(processes)

    async def run(self, job: str, *arguments: Any) -> Any:
        """Return what the job returns. Raises what it raises, and PictureUnreadable when it kills its child.

        A child that dies may have been ended by something else, even while it was idle: a second one tells.
        """
        try:
            try:
                return await self._try(job, arguments)
            except anyio.BrokenWorkerProcess:
                return await self._try(job, arguments)
        except (anyio.BrokenWorkerProcess, MemoryError) as error:
            raise PictureUnreadable(
                f"The picture could not be processed within {self.memory_mb} MB. Please send a smaller one."
            ) from error

    async def _try(self, job: str, arguments: tuple[Any, ...]) -> Any:
        return await anyio.to_process.run_sync(
            perform, job, self.memory_mb, arguments, cancellable=True, limiter=self._limiter
        )


def perform(job: str, memory_mb: int, arguments: tuple[Any, ...]) -> Any:
    """Do one job, in the child. Raises DarkroomError, MemoryError, or RuntimeError for anything unforeseen."""
    _cap_memory(memory_mb)
    try:
        return pkgutil.resolve_name(f"{PACKAGE}.{job}")(*arguments)
    except (DarkroomError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - a vendor's error class would load the vendor's library in the parent
        text = f"{job}: {type(error).__name__}: {error}"
        raise (MemoryError if "alloc" in text or "memory" in text else RuntimeError)(text) from None


def _cap_memory(memory_mb: int) -> None:
    """Limit the child's own memory: RLIMIT_DATA, not RLIMIT_AS, since threads reserve addresses they never use."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    cap = memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (cap if hard == resource.RLIM_INFINITY else min(cap, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
