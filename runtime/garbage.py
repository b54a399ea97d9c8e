"""Keeps Python's garbage collection from stopping the event loop while it serves.

The collection of the oldest generation walks all objects of the process: with 2,000 orders in memory that takes
hundreds of milliseconds, at a moment that nobody chooses.
"""

import asyncio
import gc
import time
from itertools import count

import structlog

YOUNG, MIDDLE = 10_000, 20  # objects until the youngest generation is collected, and how often before the middle one
NEVER = 2**31 - 1
HOURLY = 3600.0  # seconds
DAY = 24  # rounds

log = structlog.get_logger("garbage")


def settle() -> None:
    """Exempt all that a started process holds from garbage collection: code and settings live as long as it does."""
    gc.collect()
    gc.freeze()


def take_over() -> None:
    """Settle, and leave the oldest generation to `collect_regularly`."""
    settle()
    gc.set_threshold(YOUNG, MIDDLE, NEVER)


async def collect_regularly(seconds: float = HOURLY) -> None:
    """Collect what has become old since the last round, until cancelled; every 24th time, all there is.

    A round is short because what it leaves is exempt from the next ones. What is exempt and becomes garbage meanwhile,
    e.g. what `ReleasingRunner` leaves of an order that was dropped from the cache (5 KB), is found by the 24th.
    """
    for number in count(1):
        await asyncio.sleep(seconds)
        is_whole = number % DAY == 0
        if is_whole:
            gc.unfreeze()
        began = time.perf_counter()
        found = gc.collect()
        gc.freeze()
        milliseconds = round((time.perf_counter() - began) * 1000)
        log.debug("garbage collected", objects=found, milliseconds=milliseconds, is_whole=is_whole)
