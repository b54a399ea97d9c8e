"""Authenticates API keys, with a cache in front of Postgres."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from adapters.db.keys import ApiKey, id_of
from domain.vocabulary.errors import KeyRefused, OutsideUnavailable

FRESH_SECONDS = 30.0  # until a revoked key stops working
STALE_SECONDS = 3600.0  # known keys stay valid during an outage of Postgres, so that events are still accepted
MOST = 1000  # cached keys

Find = Callable[[str], Coroutine[Any, Any, ApiKey | None]]


@dataclass
class _Known:
    key: ApiKey
    found_at: float
    look_again_at: float


class Scope(StrEnum):
    """What a key may be used for."""

    BOT = "bot"  # the shop's chat bot: everything
    AGENT = "agent"  # another agent: orders and pictures, but neither money nor what staff decide


class Keyring:
    """Finds the caller for a key."""

    def __init__(self, find: Find, clock: Callable[[], float] = time.monotonic) -> None:
        self._find = find
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._under_way: dict[str, asyncio.Task[ApiKey | None]] = {}

    async def caller(self, key: str) -> ApiKey:
        """Return the caller. Raises KeyRefused, or OutsideUnavailable if the key cannot be looked up."""
        key_id = id_of(key)
        found = await self._look_up(key_id) if key_id else None
        if found is None or not found.fits(key):
            what = "invalid API key" if key else "missing API key"
            raise KeyRefused(
                f"{what}: create one with `darkroom key new NAME`, and send it as `Authorization: Bearer KEY`"
            )
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
            # An outage must not slow down every request.
            known.look_again_at = min(now + FRESH_SECONDS, known.found_at + STALE_SECONDS)
            return known.key
        self._remember(key_id, found)
        return found

    async def _find_once(self, key_id: str) -> ApiKey | None:
        """Look up a key; concurrent calls share one query."""
        if key_id not in self._under_way:
            self._under_way[key_id] = task = asyncio.create_task(self._find(key_id))
            task.add_done_callback(lambda _: self._under_way.pop(key_id))
        return await asyncio.shield(self._under_way[key_id])  # a cancelled request must not cancel the others' query

    def _remember(self, key_id: str, found: ApiKey | None) -> None:
        self._known.pop(key_id, None)
        if found is not None:  # guesses would evict real keys
            now = self._clock()
            self._known[key_id] = _Known(found, now, now + FRESH_SECONDS)
            for oldest in list(self._known)[:-MOST]:
                del self._known[oldest]
