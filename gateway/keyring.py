"""Who calls: API keys, looked up in Postgres and remembered for a while."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from adapters.db.keys import ApiKey, id_of
from domain.vocabulary.errors import KeyRefused, OutsideUnavailable

FRESH_SECONDS = 30.0  # how long a revoked key may still open something
STALE_SECONDS = 3600.0  # how long known keys are good while Postgres is away: events are taken all the same
MOST = 1000  # keys that are remembered

Find = Callable[[str], Coroutine[Any, Any, ApiKey | None]]


@dataclass
class _Known:
    key: ApiKey
    found_at: float
    look_again_at: float


class Scope(StrEnum):
    """What a key is for."""

    BOT = "bot"  # the shop's chat bot: everything
    AGENT = "agent"  # another agent: orders and pictures, but neither money nor what staff decide


class Keyring:
    """Finds the caller that a key belongs to."""

    def __init__(self, find: Find, clock: Callable[[], float] = time.monotonic) -> None:
        self._find = find
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._under_way: dict[str, asyncio.Task[ApiKey | None]] = {}

    async def caller(self, key: str) -> ApiKey:
        """Return whose key this is. Raises KeyRefused, or OutsideUnavailable where that cannot be looked up."""
        key_id = id_of(key)
        found = await self._look_up(key_id) if key_id else None
        if found is None or not found.fits(key):
            what = "this API key opens nothing" if key else "there is no API key"
            raise KeyRefused(f"{what}; `darkroom key new NAME` makes one, and `Authorization: Bearer KEY` shows it")
        return found

    async def _look_up(self, key_id: str) -> ApiKey | None:
        known, now = self._known.get(key_id), self._clock()
        if known and now < known.look_again_at:
            return known.key
        try:
            found = await self._find_once(key_id)
        except OutsideUnavailable:
            if known is None or now - known.found_at > STALE_SECONDS:
                raise
            # An outage must not slow down every call.
            known.look_again_at = min(now + FRESH_SECONDS, known.found_at + STALE_SECONDS)
            return known.key
        self._remember(key_id, found)
        return found

    async def _find_once(self, key_id: str) -> ApiKey | None:
        """Look a key up; many calls at the same moment are one look."""
        if key_id not in self._under_way:
            self._under_way[key_id] = task = asyncio.create_task(self._find(key_id))
            task.add_done_callback(lambda _: self._under_way.pop(key_id))
        return await asyncio.shield(self._under_way[key_id])  # whoever hangs up ends nobody else's look

    def _remember(self, key_id: str, found: ApiKey | None) -> None:
        self._known.pop(key_id, None)
        if found is not None:  # guesses would only push the real ones out
            now = self._clock()
            self._known[key_id] = _Known(found, now, now + FRESH_SECONDS)
            for oldest in list(self._known)[:-MOST]:
                del self._known[oldest]
