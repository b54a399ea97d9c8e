"""Keeping what a call has brought: while storage or database is away, its answer is not thrown away at once."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_exponential

from domain.vocabulary.errors import OutsideUnavailable

T = TypeVar("T")
FIRST_WAIT, LONGEST_WAIT = 0.25, 10.0  # seconds between two tries; each wait is twice the one before


async def kept(write: Callable[[], Awaitable[T]], patience: timedelta) -> T:
    """Return what an idempotent write returns, repeating it while the outside is unavailable.

    Raises the last OutsideUnavailable once `patience` has passed, and all other errors at once.
    """
    repeated = AsyncRetrying(
        retry=retry_if_exception_type(OutsideUnavailable),
        wait=wait_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT),
        stop=stop_after_delay(patience),
        reraise=True,
    )

    async def once() -> T:  # the library awaits only what is declared as async
        return await write()

    return await repeated(once)
