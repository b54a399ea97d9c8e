"""What is seen of an event loop that is blocked."""

import asyncio
import time

from benchmarks.loop_watch import LoopWatch

BLOCK = 0.2


def work(seconds: float) -> None:
    """Use the CPU, so that waiting for a core on a busy machine does not count."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


async def test_the_longest_block_is_seen() -> None:
    watch = LoopWatch()
    watching = asyncio.create_task(watch.watch())
    await asyncio.sleep(0.01)
    work(BLOCK)
    await asyncio.sleep(0.01)  # the watch was due before
    assert watch.longest > BLOCK / 2
    watching.cancel()
