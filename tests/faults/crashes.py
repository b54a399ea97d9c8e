"""Orders during which the worker ends at a fail point, and what its books must say then."""

import asyncio
import os
import signal
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from domain.vocabulary.outcomes import Outcome
from runtime.fail_points import STATUS
from tests.faults import books
from tests.faults.books import Books
from tests.faults.conftest import Place
from tests.faults.stories import Story
from tests.integration.orders.conftest import RealShop

AT_ONCE = 6
PATIENCE = 60  # seconds after the end of a story, for what happens last in it
NOWHERE = ""


@dataclass(frozen=True)
class Case:
    """Where the worker ends in which story, and what happens twice then, since nobody can know that it happened."""

    at: str
    story: Story
    billed: int = 0  # a picture once more
    possibly: int = 0  # on record as possibly billed
    letters: int = 0  # once more, with the same Message-ID

    def __str__(self) -> str:
        return f"{self.story.__name__} {self.at}"


Ends = Mapping[Case, Books | BaseException]


async def play_all(place: Place, cases: Iterable[Case]) -> Ends:
    """Play these side by side, since most of the time is spent waiting, and each story once undisturbed."""
    places = asyncio.Semaphore(AT_ONCE)

    async def play_one(case: Case) -> Books:
        async with places:
            return await play(place, case)

    chosen = list(cases)
    all_cases = [*(Case(NOWHERE, story) for story in dict.fromkeys(case.story for case in chosen)), *chosen]
    played = await asyncio.gather(*map(play_one, all_cases), return_exceptions=True)
    return dict(zip(all_cases, played, strict=True))


async def play(place: Place, case: Case) -> Books:
    """Play a story in which the worker ends at a place, and another takes over; return the order's books."""
    async with place() as shop:
        shop.start_worker(DARKROOM_FAIL_AT=case.at)
        reviving = asyncio.create_task(_revive(shop))
        order = await case.story(shop)
        if case.at:
            async with asyncio.timeout(PATIENCE):
                await reviving
            assert shop.workers[0].poll() == STATUS
        reviving.cancel()
        return await books.opened(shop, order)


async def _revive(shop: RealShop) -> None:
    """Start another worker when the first has ended."""
    (worker,) = shop.workers
    while worker.poll() is None:  # noqa: ASYNC110 - a process sets no event
        await asyncio.sleep(0.1)
    with suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)  # its picture processes
    shop.start_worker()


def books_of(ends: Mapping[Any, Books | BaseException], case: object) -> Books:
    """Return the books of a case, or raise what it ended with."""
    end = ends[case]
    if isinstance(end, BaseException):
        raise end
    return end


def assert_ended_well(ends: Ends, case: Case) -> None:
    """Compare a case with its story undisturbed: nothing is lost, and nothing doubled that could be known of."""
    usual, found = books_of(ends, Case(NOWHERE, case.story)), books_of(ends, case)
    assert found.status == usual.status
    assert found.paid == usual.paid
    assert found.shown == usual.shown
    assert found.files == usual.files
    assert found.designers == usual.designers
    assert found.billed == usual.billed + case.billed
    assert found.calls == [(Outcome.INTERRUPTED, True)] * case.possibly + usual.calls
    assert len({letter["message_id"] for letter in found.letters}) == len(usual.letters)
    assert len(found.letters) <= len(usual.letters) + case.letters
    assert set(found.staff) == set(usual.staff)
    assert max(found.staff.values(), default=0) <= 2, "a message may be out before that is noted"
