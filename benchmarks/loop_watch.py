"""Measures for how long an event loop is blocked, on any kind of loop."""

import asyncio
import threading
import time
from pathlib import Path

TICK_SECONDS = 0.002
NANOSECOND = 1e-9


class LoopWatch:
    """The longest time between two turns of the running loop.

    Time in which the thread was ready but the machine gave its core to somebody else is left out, as the kernel counts
    it. What remains is work of this thread, of others that hold the interpreter's lock, and waiting for the disk.
    """

    def __init__(self) -> None:
        self.longest = 0.0
        self._schedule = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")

    async def watch(self) -> None:
        """Measure until cancelled."""
        while True:
            began, kept_waiting = time.monotonic(), self._kept_waiting()
            await asyncio.sleep(TICK_SECONDS)
            late = time.monotonic() - began - TICK_SECONDS
            if late > self.longest:  # else there is no need to ask the kernel
                self.longest = max(self.longest, late - (self._kept_waiting() - kept_waiting))

    def _kept_waiting(self) -> float:
        """Return the seconds that this thread has waited for a core; 0 if the kernel does not count them."""
        if not self._schedule.exists():
            return 0.0
        return int(self._schedule.read_text().split()[1]) * NANOSECOND
