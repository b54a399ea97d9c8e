"""Limits the time of database calls: a driver may wait for minutes for a frozen server."""

import asyncio
import inspect
from functools import wraps
from typing import Any, TypeVar, cast

from domain.vocabulary.errors import OutsideUnavailable

PROMPT_SECONDS = 4.0

Port = TypeVar("Port")
_left: set[asyncio.Future[Any]] = set()  # the event loop holds only weak references


def with_time_limit(port: Port, seconds: float = PROMPT_SECONDS) -> Port:
    """Return the port with a time limit on each call, after which it raises OutsideUnavailable."""
    return cast("Port", _Prompt(port, seconds))


class _Prompt:
    def __init__(self, port: object, seconds: float) -> None:
        self._port, self._seconds = port, seconds

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        return self._limited(method) if inspect.iscoroutinefunction(method) else method

    def _limited(self, method: Any) -> Any:
        @wraps(method)
        async def limited(*args: Any, **kwargs: Any) -> Any:
            asking = asyncio.ensure_future(method(*args, **kwargs))
            try:
                await asyncio.wait([asking], timeout=self._seconds)
            finally:
                if not asking.done():
                    _leave(asking)
            if not asking.done():
                raise OutsideUnavailable(f"Postgres did not answer within {self._seconds:g} s")
            return asking.result()

        return limited


def _leave(asking: asyncio.Future[Any]) -> None:
    """Cancel a call without waiting; its connection is returned once the driver has finished."""
    asking.cancel()
    _left.add(asking)
    asking.add_done_callback(_forget)


def _forget(asking: asyncio.Future[Any]) -> None:
    _left.discard(asking)
    if not asking.cancelled():
        asking.exception()  # marks it as retrieved
