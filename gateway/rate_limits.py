"""Rate limits per API key, or per client address without one. Each gateway process counts separately."""

import time
from datetime import timedelta

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from domain.vocabulary.errors import TooManyRequests


class RateLimits:
    """Two limits per minute: one per API key, one per client address."""

    def __init__(self, per_key: int, per_address: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._per_key = RateLimitItemPerMinute(per_key)
        self._per_address = RateLimitItemPerMinute(per_address)

    async def count_key(self, key_id: str) -> None:
        """Count a request by API key. Raises TooManyRequests."""
        await self._count(self._per_key, "key", key_id)

    async def count_address(self, address: str) -> None:
        """Count a request by client address. Raises TooManyRequests."""
        await self._count(self._per_address, "address", address)

    async def _count(self, limit: RateLimitItemPerMinute, *who: str) -> None:
        if await self._limiter.hit(limit, *who):
            return
        window = await self._limiter.get_window_stats(limit, *who)
        wait = max(timedelta(seconds=window.reset_time - time.time()), timedelta(seconds=1))
        raise TooManyRequests(f"rate limit exceeded: {limit.amount} requests per minute", retry_after=wait)
