"""A worker is frozen after an effect, for longer than its timeouts; another takes over, and then the first wakes up."""

import asyncio
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from tests.faults import books, crashes
from tests.faults.books import Books
from tests.faults.conftest import Place
from tests.faults.crashes import Case, books_of
from tests.faults.stories import Story, made_by_a_designer, made_by_a_model
from tests.integration.orders.conftest import RealShop

HEARTBEATS = 15  # seconds: of most activities, and a little
REPORTS = 35  # of a report
Ends = Mapping[Any, Books | BaseException]


@dataclass(frozen=True)
class Frost:
    """After which entry of a ledger the worker freezes, and for how many seconds."""

    ledger: str
    kind: str
    seconds: int
    story: Story = made_by_a_model

    def __str__(self) -> str:
        return f"{self.ledger} {self.kind}".strip()

    def is_begun(self, entry: Mapping[str, Any]) -> bool:
        """Whether an entry is the one."""
        return not self.kind or entry["kind"] == self.kind


FROSTS = [
    Frost("gemini", "analysis", HEARTBEATS),
    Frost("gemini", "image", HEARTBEATS),
    Frost("gemini", "score", HEARTBEATS),
    Frost("wecom", "", REPORTS),
    Frost("bot", "image", REPORTS),
    Frost("mailbox", "", HEARTBEATS),
    Frost("tuhui", "create", HEARTBEATS, made_by_a_designer),
    Frost("tuhui", "assign", HEARTBEATS, made_by_a_designer),
    Frost("tuhui", "complete", HEARTBEATS, made_by_a_designer),
]


async def freeze(shop: RealShop, frost: Frost) -> None:
    """Freeze the first worker at its moment; let another work, and the first again."""
    (worker,) = shop.workers
    since = len(await shop.ledger(frost.ledger))
    while not any(map(frost.is_begun, await shop.ledger(frost.ledger, since=str(since)))):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    family = [psutil.Process(worker.pid), *psutil.Process(worker.pid).children(recursive=True)]
    for process in family:
        process.send_signal(signal.SIGSTOP)
    shop.start_worker()
    await asyncio.sleep(frost.seconds)
    for process in family:
        process.send_signal(signal.SIGCONT)


async def play(place: Place, frost: Frost) -> Books:
    async with place() as shop:
        shop.start_worker()
        freezing = asyncio.create_task(freeze(shop, frost))
        order = await frost.story(shop)
        await freezing
        return await books.opened(shop, order)


@pytest.fixture(scope="module")
async def ends(place: Place, request: pytest.FixtureRequest) -> Ends:
    names = {item.name for item in request.session.items}
    chosen = [frost for frost in FROSTS if any(f"[{frost}]" in name for name in names)]
    usual = await crashes.play_all(place, [Case(crashes.NOWHERE, story) for story in {one.story for one in chosen}])
    ends: dict[Any, Books | BaseException] = dict(usual)
    for frost in chosen:  # one after the other, since the ledgers do not tell whose entry it is
        try:
            ends[frost] = await play(place, frost)
        except Exception as error:  # noqa: BLE001 - raised by its test
            ends[frost] = error
    return ends


@pytest.mark.timeout(900)
@pytest.mark.parametrize("frost", FROSTS, ids=str)
def test_an_order_ends_as_if_its_worker_had_not_frozen(ends: Ends, frost: Frost) -> None:
    usual, found = books_of(ends, Case(crashes.NOWHERE, frost.story)), books_of(ends, frost)
    books.assert_nothing_lost(usual, found)
