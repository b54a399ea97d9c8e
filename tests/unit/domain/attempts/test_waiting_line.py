"""The waiting line: who goes in, in which order, and what is left behind by who gives up."""

import asyncio
from collections.abc import Sequence

import pytest

from domain.attempts.waiting_line import WaitingLine


class Visit:
    """Somebody who comes to a line, and stays in until told to leave."""

    def __init__(self, line: WaitingLine, name: str, log: list[str], *, rank: float = 0, size: float = 1) -> None:
        self.leave = asyncio.Event()
        self.task = asyncio.create_task(self._stay(line, name, log, rank, size))

    async def _stay(self, line: WaitingLine, name: str, log: list[str], rank: float, size: float) -> None:
        async with line.place(rank, size=size):
            log.append(name)
            await self.leave.wait()

    async def ends(self) -> None:
        self.leave.set()
        await self.task
        await settle()


async def settle() -> None:
    """Let all tasks run as far as they can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def visits(line: WaitingLine, log: list[str], people: Sequence[tuple[str, float, float]]) -> dict[str, Visit]:
    come = {name: Visit(line, name, log, rank=rank, size=size) for name, rank, size in people}
    await settle()
    return come


async def test_as_many_are_in_as_there_is_room_and_the_lowest_rank_follows() -> None:
    line, log = WaitingLine(2), list[str]()
    come = await visits(line, log, [("a", 9, 1), ("b", 9, 1), ("late", 5, 1), ("soon", 1, 1), ("soon too", 1, 1)])
    assert (log, line.used, line.length) == (["a", "b"], 2, 3)
    for name in ("a", "b", "soon", "soon too", "late"):
        await come[name].ends()
    assert log == ["a", "b", "soon", "soon too", "late"]
    assert (line.used, line.length) == (0, 0)


async def test_without_a_limit_nobody_waits() -> None:
    line, log = WaitingLine(), list[str]()
    come = await visits(line, log, [(str(number), 0, 1) for number in range(100)])
    assert (len(log), line.length) == (100, 0)
    await asyncio.gather(*(visit.ends() for visit in come.values()))


async def test_a_large_one_is_not_overtaken_by_small_ones_and_one_too_large_is_alone() -> None:
    line, log = WaitingLine(10), list[str]()
    come = await visits(line, log, [("a", 0, 6), ("huge", 0, 50), ("b", 0, 1)])
    assert log == ["a"]
    await come["a"].ends()
    assert log == ["a", "huge"]
    await come["huge"].ends()
    assert log == ["a", "huge", "b"]
    await come["b"].ends()
    assert line.used == 0


async def test_who_gives_up_leaves_nothing_behind_and_lets_the_next_one_in() -> None:
    line, log = WaitingLine(10), list[str]()
    come = await visits(line, log, [("a", 0, 6), ("large", 0, 9), ("small", 0, 2)])
    come["large"].task.cancel()
    await settle()
    assert log == ["a", "small"]
    await come["a"].ends()
    await come["small"].ends()
    assert (line.used, line.length) == (0, 0)


async def test_who_gives_up_as_its_turn_comes_passes_it_on() -> None:
    line, log = WaitingLine(1), list[str]()
    come = await visits(line, log, [("a", 0, 1), ("b", 0, 1), ("c", 0, 1)])
    line.resize(2)
    come["b"].task.cancel()  # its turn has come, and it has not noticed
    await settle()
    assert log == ["a", "c"]
    await come["a"].ends()
    await come["c"].ends()
    assert line.used == 0


async def test_a_wait_that_is_too_long_ends() -> None:
    line, log = WaitingLine(1), list[str]()
    come = await visits(line, log, [("a", 0, 1)])
    with pytest.raises(TimeoutError):
        async with line.place(seconds=0.001):
            raise AssertionError("there is no room")
    await come["a"].ends()
    async with line.place(seconds=0):  # nobody waits who need not
        assert (line.used, line.length) == (1, 0)


async def test_more_room_lets_more_in_and_less_drives_nobody_out() -> None:
    line, log = WaitingLine(1), list[str]()
    come = await visits(line, log, [("a", 0, 1), ("b", 0, 1), ("c", 0, 1)])
    line.resize(2)
    await settle()
    assert log == ["a", "b"]
    line.resize(1)
    await come["a"].ends()
    assert log == ["a", "b"]
    await come["b"].ends()
    assert log == ["a", "b", "c"]
    await come["c"].ends()
