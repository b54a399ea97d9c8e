"""Who calls: API keys, looked up in Postgres and remembered for a while."""

import time
from collections.abc import Awaitable, Callable
from enum import StrEnum

from adapters.db.keys import ApiKey, id_of
from domain.errors import KeyRefused, OutsideUnavailable

FRESH_SECONDS = 30.0  # how long a revoked key may still open something
STALE_SECONDS = 3600.0  # how long known keys are good while Postgres is away: events are taken all the same
MOST = 1000  # keys that are remembered

Find = Callable[[str], Awaitable[ApiKey | None]]


class Scope(StrEnum):
    """What a key is for."""

    BOT = "bot"  # the shop's chat bot: everything
    AGENT = "agent"  # another agent: orders and pictures, but neither money nor what staff decide


class Keyring:
    """Finds the caller that a key belongs to."""

    def __init__(self, find: Find, clock: Callable[[], float] = time.monotonic) -> None:
        self._find = find
        self._clock = clock
        self._known: dict[str, tuple[float, ApiKey]] = {}

    async def caller(self, key: str) -> ApiKey:
        """Return whose key this is. Raises KeyRefused, or OutsideUnavailable where that cannot be looked up."""
        key_id = id_of(key)
        found = await self._look_up(key_id) if key_id else None
        if found is None or not found.fits(key):
            what = "this API key opens nothing" if key else "there is no API key"
            raise KeyRefused(f"{what}; `darkroom key new NAME` makes one, and `Authorization: Bearer KEY` shows it")
        return found

    async def _look_up(self, key_id: str) -> ApiKey | None:
        looked_up, known = self._known.get(key_id, (float("-inf"), None))
        age = self._clock() - looked_up
        if age < FRESH_SECONDS:
            return known
        try:
            found = await self._find(key_id)
        except OutsideUnavailable:
            if age < STALE_SECONDS:
                return known
            raise
        self._remember(key_id, found)
        return found

    def _remember(self, key_id: str, found: ApiKey | None) -> None:
        self._known.pop(key_id, None)
        if found is not None:  # guesses would only push the real ones out
            self._known[key_id] = (self._clock(), found)
            for oldest in list(self._known)[:-MOST]:
                del self._known[oldest]
