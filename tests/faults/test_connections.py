"""Connections of the worker are cut, reset and stalled while an order goes its way: it ends as if they had not been."""

import asyncio
import os
import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from tests.faults import books, crashes
from tests.faults.books import Books
from tests.faults.conftest import Place
from tests.faults.crashes import Case, books_of
from tests.faults.links import between
from tests.faults.proxy import Proxy
from tests.faults.stories import Story, made_by_a_designer, made_by_a_model
from tests.integration.orders.conftest import RealShop

Ends = Mapping[Any, Books | BaseException]

SEED = os.environ.get("SEED", "1")
AT_ONCE = 6
SERVERS = ("temporal", "postgres", "storage", "mail", "bot", "designers")
TIMES = {"reset": 4, "answer reset": 4, "cut": 3, "stall": 2}  # that a fault happens
SECONDS = {"cut": 3, "stall": 20}  # that it lasts; a stall longer than heartbeats and statements may take


@dataclass(frozen=True)
class Torment:
    """What happens to the connections to a server."""

    server: str
    fault: str

    @property
    def story(self) -> Story:
        return made_by_a_designer if self.server == "designers" else made_by_a_model

    def __str__(self) -> str:
        return f"{self.server} {self.fault}"


TORMENTS = [Torment(server, fault) for server in SERVERS for fault in TIMES]


async def torment(proxy: Proxy, fault: str, chance: random.Random) -> None:
    """Let a fault meet a connection some times, at random moments."""
    for _ in range(TIMES[fault]):
        await asyncio.sleep(chance.uniform(0.2, 3))
        met = proxy.faults
        if fault == "reset":
            proxy.reset_a_request()
        elif fault == "answer reset":
            proxy.reset_an_answer(after=chance.randrange(300))
        elif fault == "cut":
            proxy.cut()
        else:
            proxy.stall()
        while proxy.faults == met:  # noqa: ASYNC110 - the worker sets no event
            await asyncio.sleep(0.05)
        await asyncio.sleep(SECONDS.get(fault, 0))
        proxy.mend()


async def is_started(shop: RealShop) -> None:
    """Wait until the worker polls its queues."""
    log = shop.logs / "worker-0.log"
    while "worker started" not in (log.read_text() if log.exists() else ""):  # noqa: ASYNC110 - it sets no event
        await asyncio.sleep(0.1)


async def play(place: Place, case: Torment) -> Books:
    chance = random.Random(f"{SEED} {case}")
    async with place() as shop, between(shop.env, case.server) as (proxy, settings):
        hosts = f"{shop.env['PRIVATE_PICTURE_HOSTS']},{proxy.address}"  # of designers' pictures
        shop.start_worker(**settings, PRIVATE_PICTURE_HOSTS=hosts)
        await is_started(shop)  # without Temporal it would end at once, and be started again by what watches over it
        tormenting = asyncio.create_task(torment(proxy, case.fault, chance))
        order = await case.story(shop)
        tormenting.cancel()
        with suppress(asyncio.CancelledError):
            await tormenting
        proxy.mend()
        assert proxy.faults, "a connection was met"
        return await books.opened(shop, order)


@pytest.fixture(scope="module")
async def ends(place: Place, request: pytest.FixtureRequest) -> Ends:
    names = {item.name for item in request.session.items}
    chosen = [case for case in TORMENTS if any(f"[{case}]" in name for name in names)]
    places = asyncio.Semaphore(AT_ONCE)

    async def play_one(case: Torment) -> Books:
        async with places:
            return await play(place, case)

    usual = await crashes.play_all(place, [Case(crashes.NOWHERE, story) for story in {case.story for case in chosen}])
    played = await asyncio.gather(*map(play_one, chosen), return_exceptions=True)
    return {**usual, **dict(zip(chosen, played, strict=True))}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("case", TORMENTS, ids=str)
def test_an_order_ends_as_if_its_connections_had_held(ends: Ends, case: Torment) -> None:
    usual, found = books_of(ends, Case(crashes.NOWHERE, case.story)), books_of(ends, case)
    books.assert_nothing_lost(usual, found)
