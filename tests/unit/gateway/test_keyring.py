"""What the gateway remembers of API keys."""

import asyncio
from datetime import UTC, datetime

import pytest

from adapters.db.keys import ApiKey, hash_of, id_of, new_key
from domain.vocabulary.errors import KeyRefused, OutsideUnavailable
from gateway.keyring import FRESH_SECONDS, STALE_SECONDS, Keyring

KEY = new_key()
ROW = ApiKey(str(id_of(KEY)), "shop-bot", hash_of(KEY), frozenset({"bot"}), datetime.now(UTC), None)


class Table:
    """A table of one key, which may be away."""

    def __init__(self) -> None:
        self.row: ApiKey | None = ROW
        self.is_away = False
        self.looks = 0
        self.now = 1000.0

    async def find(self, key_id: str) -> ApiKey | None:
        self.looks += 1
        if self.is_away:
            raise OutsideUnavailable("away")
        return self.row if self.row and self.row.key_id == key_id else None

    def keyring(self) -> Keyring:
        return Keyring(self.find, lambda: self.now)


async def test_a_key_is_looked_up_once_in_a_while() -> None:
    table = Table()
    keyring = table.keyring()
    for _ in range(3):
        assert (await keyring.caller(KEY)).name == "shop-bot"
    table.now += FRESH_SECONDS + 1
    await keyring.caller(KEY)
    assert table.looks == 2


async def test_a_key_that_is_gone_opens_nothing_half_a_minute_later() -> None:
    table = Table()
    keyring = table.keyring()
    await keyring.caller(KEY)
    table.row = None
    table.now += FRESH_SECONDS + 1
    with pytest.raises(KeyRefused):
        await keyring.caller(KEY)


async def test_a_known_key_opens_for_an_hour_while_postgres_is_away() -> None:
    table = Table()
    keyring = table.keyring()
    await keyring.caller(KEY)
    table.is_away = True
    table.now += STALE_SECONDS - 1
    assert (await keyring.caller(KEY)).name == "shop-bot"
    table.now += 2
    with pytest.raises(OutsideUnavailable):
        await keyring.caller(KEY)


async def test_an_outage_is_met_once_in_a_while_not_by_every_call() -> None:
    table = Table()
    keyring = table.keyring()
    await keyring.caller(KEY)
    table.is_away, table.looks = True, 0
    table.now += FRESH_SECONDS + 1
    for _ in range(5):
        await keyring.caller(KEY)
    assert table.looks == 1


async def test_many_calls_at_once_are_one_look() -> None:
    table = Table()
    keyring = table.keyring()
    found = await asyncio.gather(*(keyring.caller(KEY) for _ in range(50)))
    assert ({key.name for key in found}, table.looks) == ({"shop-bot"}, 1)


async def test_an_unknown_key_cannot_be_judged_while_postgres_is_away() -> None:
    table = Table()
    table.is_away = True
    with pytest.raises(OutsideUnavailable):
        await table.keyring().caller(KEY)
