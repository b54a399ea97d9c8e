"""Postgres frozen: whoever asks is told within seconds to come back, instead of hanging."""

import asyncio
import time
from signal import SIGCONT, SIGSTOP

import pytest

from tests.conftest import Servers
from tests.integration.gateway.conftest import Gate

SECONDS = 25.0  # on a busy machine; without an end of its own the question would wait until the database thaws


@pytest.mark.parametrize("how_many", [1, 30])
async def test_readers_are_sent_away_while_postgres_is_frozen(gate: Gate, servers: Servers, how_many: int) -> None:
    path = "/api/orders/ORDER_20261122_7K3F9Q"
    assert (await gate.bot.get(path)).status_code == 404
    servers.send("postgres", SIGSTOP)
    try:
        began = time.monotonic()
        answers = await asyncio.gather(*(gate.bot.get(path) for _ in range(how_many)))
        took = time.monotonic() - began
    finally:
        servers.send("postgres", SIGCONT)
    assert {(answer.status_code, "retry-after" in answer.headers) for answer in answers} == {(503, True)}
    assert took < SECONDS
    async with asyncio.timeout(60):
        while (await gate.bot.get(path)).status_code != 404:  # noqa: ASYNC110 - Postgres says it to nobody
            await asyncio.sleep(0.2)
