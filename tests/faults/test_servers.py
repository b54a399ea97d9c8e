"""Servers are killed and started again while orders are under way: all of them end as if nothing had been."""

import asyncio
import os
import random
from collections.abc import Sequence

import pytest

from tests.conftest import Servers
from tests.faults import books
from tests.faults.books import Books
from tests.faults.conftest import Place
from tests.faults.stories import Story, called_off, made_by_a_designer, made_by_a_model
from tests.integration.orders.conftest import RealShop

SEED = os.environ.get("SEED", "1")
STORIES = (made_by_a_model, made_by_a_designer, called_off)
EACH = 3  # orders of a story, side by side
KILLS = 4
LONGEST_PAUSE = 6.0  # seconds between kills


async def play(shop: RealShop, story: Story) -> Books:
    return await books.opened(shop, await story(shop))


async def kill_now_and_then(servers: Servers, name: str, chance: random.Random) -> None:
    """Kill a server at random moments. Nothing of the test runs while it is away: only the worker sees it."""
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(1, LONGEST_PAUSE))
        servers.kill(name)
        servers.restart(name)


@pytest.fixture(scope="module")
async def usual(place: Place) -> Sequence[Books]:
    async with place() as shop:
        shop.start_worker()
        return [await play(shop, story) for story in STORIES]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("server", ["postgres", "storage", "temporal"])
async def test_orders_end_as_if_the_server_had_not_died(
    place: Place, usual: Sequence[Books], servers: Servers, server: str
) -> None:
    async with place() as shop:
        shop.start_worker()
        killing = asyncio.create_task(kill_now_and_then(servers, server, random.Random(f"{SEED} {server}")))
        played = await asyncio.gather(*(play(shop, story) for _ in range(EACH) for story in STORIES))
        await killing
    for number, found in enumerate(played):
        books.assert_nothing_lost(usual[number % len(STORIES)], found)
