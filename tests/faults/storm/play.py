"""Plays a storm: orders come as long as it blows, go on when it is over, and everybody's books are compared."""

import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from tests.faults.storm import verdict as verdicts
from tests.faults.storm.parts import Parts, running_parts
from tests.faults.storm.people import Customer, Designers, Staff, caller, plan
from tests.faults.storm.verdict import How, Trouble, Verdict
from tests.faults.storm.weather import Met, Name, Weather

PATIENCE = 900.0  # seconds after the storm, for the last of the pauses between tries that have become long
LOOK_AGAIN = 2.0  # seconds
TELL_AFTER = 30.0  # seconds


@dataclass(frozen=True)
class Storm:
    """What is played: minutes with faults, orders at once, seconds between two faults."""

    seed: int = 1
    minutes: float = 10.0
    at_once: int = 20
    pause: float = 0.5


@dataclass(frozen=True)
class Ending:
    """What came of it."""

    verdict: Verdict
    orders: int
    resumed: Counter[str]  # by staff, by what was needed
    repeats: dict[Name, int]
    troubled: dict[Name, Counter[How]]
    settled_after: float  # seconds after the last fault

    @property
    def table(self) -> str:
        """The faults in Markdown, each with how often it was met and what became of the orders that were under way."""
        head = "| fault | length | repeats | lost | doubled | stuck |\n|---|---|---:|---:|---:|---:|"
        rows = [
            f"| {where}: {what} | {length} | {count} | "
            + " | ".join(str(self._count(name, how)) for how in HOWS)
            + " |"
            for name, count in sorted(self.repeats.items())
            for where, what, length in [name]
        ]
        every = Counter(how for _, how in {(trouble.order_id, trouble.how) for trouble in self.verdict.troubles})
        total = f"| all | | {sum(self.repeats.values())} | " + " | ".join(str(every[how]) for how in HOWS) + " |"
        return "\n".join([head, *rows, total])

    def _count(self, name: Name, how: How) -> int:
        return self.troubled.get(name, Counter[How]())[how]


HOWS: tuple[How, ...] = ("lost", "doubled", "stuck")


async def play(storm: Storm, folder: Path) -> Ending:
    """Play a storm in an empty folder."""
    async with running_parts(folder) as parts, caller(parts) as http:
        weather, staff = Weather(parts, storm.seed, storm.pause), Staff(parts, http)
        designers, queue = Designers(parts.simulators_url), Queue(storm, http)
        helpers = [asyncio.create_task(work()) for work in (staff.work, designers.work, partial(_tell, queue, weather))]
        coming = [asyncio.create_task(queue.come()) for _ in range(storm.at_once)]
        await weather.blow(storm.minutes * 60)
        calm = time.monotonic()
        left = await _settled(parts, coming)
        took = time.monotonic() - calm
        for task in (*helpers, *coming):
            task.cancel()
        await asyncio.wait([*helpers, *coming])
        verdict = await verdicts.judge(parts, queue.customers)
    verdict.troubles += [Trouble(verdicts.order_of(name), "stuck", name) for name in left]
    troubled = verdicts.by_fault(verdict, _under_way(queue.customers, weather.met))
    resumed = Counter(kind for _, kind in staff.resumed)
    return Ending(verdict, len(queue.customers), resumed, weather.counts, troubled, took)


class Queue:
    """The customers, each of whom comes when another one has gone, as long as the storm lasts."""

    def __init__(self, storm: Storm, http: httpx.AsyncClient) -> None:
        self.customers: list[Customer] = []
        self._http, self._seed, self._random = http, storm.seed, random.Random(f"customers {storm.seed}")
        self._until = time.monotonic() + storm.minutes * 60

    async def come(self) -> None:
        """Let one customer after the other come, and go through their plans."""
        while time.monotonic() < self._until:
            customer = Customer(f"c{self._seed}-{len(self.customers)}", plan(self._random), self._http)
            self.customers.append(customer)
            await customer.play()


async def _tell(queue: Queue, weather: Weather) -> None:
    """Say now and then how far it is, until this is cancelled."""
    while True:
        await asyncio.sleep(TELL_AFTER)
        ended = [customer for customer in queue.customers if customer.ended]
        told = f"{len(ended)} orders ended, {len(queue.customers) - len(ended)} under way, {len(weather.met)} faults"
        print(told, file=sys.stderr, flush=True)


async def _settled(parts: Parts, coming: Sequence[asyncio.Task[None]]) -> list[str]:
    """Wait until all customers have gone and nobody is at work; return what still is when patience is over."""
    until = time.monotonic() + PATIENCE
    await asyncio.wait(coming, timeout=PATIENCE)
    while (left := await verdicts.at_work(parts)) and time.monotonic() < until:  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(LOOK_AGAIN)
    return left


def _under_way(customers: Sequence[Customer], met: Sequence[Met]) -> dict[str, set[Name]]:
    """Return by order the faults that were met while it was under way."""
    return {
        customer.order_id or customer.name: {
            one.name for one in met if one.ended > customer.begun and (customer.ended or one.begun) >= one.begun
        }
        for customer in customers
    }
