"""Garbage collection of a long-lived process: nothing is lost for good, and nothing old is walked all the time."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from runtime import garbage


class Cycle:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def usual_collection() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def end_of(cycle: Cycle) -> asyncio.Event:
    """An event that is set when it is collected."""
    ended = asyncio.Event()
    weakref.finalize(cycle, ended.set)
    return ended


async def test_what_became_old_is_collected_in_the_next_round() -> None:
    garbage.take_over()
    cycle = Cycle()
    ended = end_of(cycle)
    gc.collect(1)
    gc.collect(1)  # now only a collection of the oldest generation finds it
    del cycle
    collecting = asyncio.create_task(garbage.collect_regularly(seconds=0.001))
    await asyncio.wait_for(ended.wait(), 60)
    collecting.cancel()


async def test_what_was_exempt_when_it_became_garbage_is_collected_by_the_whole_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cycle = Cycle()
    ended = end_of(cycle)
    garbage.take_over()
    del cycle
    gc.collect()
    assert not ended.is_set()  # it is exempt
    monkeypatch.setattr(garbage, "DAY", 3)
    collecting = asyncio.create_task(garbage.collect_regularly(seconds=0.001))
    await asyncio.wait_for(ended.wait(), 60)
    collecting.cancel()


def test_the_oldest_generation_is_never_collected_on_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "YOUNG", 10)
    monkeypatch.setattr(garbage, "MIDDLE", 2)
    garbage.take_over()
    young, middle, old = (generation["collections"] for generation in gc.get_stats())
    kept: list[list[None]] = [[] for _ in range(100_000)]
    after = [generation["collections"] for generation in gc.get_stats()]
    assert kept
    assert after[0] > young + 1000
    assert after[1] > middle + 1000
    assert after[2] == old
