"""Whether everything that a process needs is there, asked for within a few seconds."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Mapping

PROBE_SECONDS = 3
LEAST_FREE = 200_000_000  # bytes where pictures lie while they are worked on
OK = "ok"

Probe = Callable[[], Awaitable[object]]
_looking: set[asyncio.Future[object]] = set()  # held here, since a loop holds its tasks weakly


async def check(probes: Mapping[str, Probe]) -> dict[str, str]:
    """Return the state of each dependency: ok, or the kind of its error (not its text, which is not for everyone)."""
    states = await asyncio.gather(*map(_state, probes.values()))
    return dict(zip(probes, states, strict=True))


def missing(checks: Mapping[str, str]) -> list[str]:
    """Return the names of what is not there."""
    return [name for name, state in checks.items() if state != OK]


class DiskFull(OSError):
    """There is hardly room left for temporary files."""


async def room_on_disk() -> None:
    """Look for room where temporary files lie; on one machine the servers' data lie there too. Raises DiskFull."""
    free = shutil.disk_usage(tempfile.gettempdir()).free
    if free < LEAST_FREE:
        raise DiskFull(f"{free:,} bytes are free in {tempfile.gettempdir()}")


async def _state(probe: Probe) -> str:
    looking = asyncio.ensure_future(probe())
    _looking.add(looking)
    looking.add_done_callback(_forget)
    await asyncio.wait([looking], timeout=PROBE_SECONDS)
    if not looking.done():
        looking.cancel()  # and nobody waits for that: a driver may talk to its frozen server for long before it ends
        return TimeoutError.__name__
    error = looking.exception()
    return type(error).__name__ if error else OK


def _forget(looking: asyncio.Future[object]) -> None:
    _looking.discard(looking)
    if not looking.cancelled():
        looking.exception()  # seen
