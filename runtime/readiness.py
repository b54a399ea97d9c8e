"""Checks within a few seconds whether everything that a process needs is available."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Mapping

PROBE_SECONDS = 3
LEAST_FREE = 200_000_000  # bytes in the folder for temporary files
OK = "ok"

Probe = Callable[[], Awaitable[object]]
_looking: set[asyncio.Future[object]] = set()  # the event loop holds only weak references


async def check(probes: Mapping[str, Probe]) -> dict[str, str]:
    """Return the state of each dependency: ok, or the type of its error (the text may be confidential)."""
    states = await asyncio.gather(*map(_state, probes.values()))
    return dict(zip(probes, states, strict=True))


def missing(checks: Mapping[str, str]) -> list[str]:
    """Return the names of the failed checks."""
    return [name for name, state in checks.items() if state != OK]


class DiskFull(OSError):
    """There is too little space for temporary files."""


async def room_on_disk() -> None:
    """Check the free disk space for temporary files. Raises DiskFull."""
    free = shutil.disk_usage(tempfile.gettempdir()).free
    if free < LEAST_FREE:
        raise DiskFull(f"only {free:,} bytes free in {tempfile.gettempdir()}")


async def _state(probe: Probe) -> str:
    looking = asyncio.ensure_future(probe())
    _looking.add(looking)
    looking.add_done_callback(_forget)
    await asyncio.wait([looking], timeout=PROBE_SECONDS)
    if not looking.done():
        looking.cancel()  # not awaited: a driver may wait long for a frozen server
        return TimeoutError.__name__
    error = looking.exception()
    return type(error).__name__ if error else OK


def _forget(looking: asyncio.Future[object]) -> None:
    _looking.discard(looking)
    if not looking.cancelled():
        looking.exception()  # marks it as retrieved
