"""Notifies all gateways of changes, with Postgres's LISTEN and NOTIFY."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db.columns import storable
from adapters.db.engine import outages
from domain.vocabulary.errors import DarkroomError

CHANNEL = "darkroom_orders"
PAUSES = (0.2, 1.0, 5.0)  # seconds between attempts to listen

_NOTIFY = text("SELECT pg_notify(:channel, :order)")

log = structlog.get_logger("feed")


async def announce(connection: AsyncConnection, order_id: str) -> None:
    """Announce that the rows of an order have changed. Best effort: listeners also poll.

    This is a transaction of its own, after that of the rows: NOTIFY holds a server-wide lock until its transaction is
    on disk, which would serialise all writers.
    """
    try:
        with outages():
            autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await autocommit.execute(_NOTIFY, {"channel": CHANNEL, "order": storable(order_id)})
    except DarkroomError as error:
        log.warning("a change was not announced", order_id=order_id, error=str(error))


class ChangeFeed:
    """One listening connection per process, and the waiters for news of a channel, by what the news is about."""

    channel: ClassVar[str]

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self.is_stopping = False

    @contextmanager
    def watching(self, name: str) -> Iterator[asyncio.Event]:
        """Yield an event that is set whenever what has this name, such as an order, may have changed."""
        changed = asyncio.Event()
        self._waiting.setdefault(name, set()).add(changed)
        try:
            yield changed
        finally:
            self._waiting[name].discard(changed)
            if not self._waiting[name]:
                del self._waiting[name]

    @property
    def watched(self) -> int:
        """Number of waiters."""
        return sum(map(len, self._waiting.values()))

    def stop(self) -> None:
        """Wake all waiters to end, so that a stopping server need not wait for their connections."""
        self.is_stopping = True
        self._wake_all()

    async def listen(self) -> None:
        """Listen until cancelled, reconnecting after outages of Postgres."""
        failures = 0
        while True:
            try:
                with outages():
                    await self._listen_once()
                failures = 0
            except (DarkroomError, DBAPIError) as error:  # DBAPIError: refused until somebody fixes the set-up
                if not failures:
                    log.warning("news cannot be heard now", channel=self.channel, error=str(error))
                failures += 1
            await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])

    async def _listen_once(self) -> None:
        ended = asyncio.Event()
        async with self._engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            driver.add_termination_listener(lambda _: ended.set())
            await driver.add_listener(self.channel, self._hear)
            self._wake_all()  # for changes missed before
            try:
                await ended.wait()
            finally:
                with suppress(Exception):  # the connection may already be dead
                    await connection.invalidate()

    def _hear(self, _connection: Any, _process: int, _channel: str, name: str) -> None:
        for changed in self._waiting.get(name, ()):
            changed.set()

    def _wake_all(self) -> None:
        for waiting in self._waiting.values():
            for changed in waiting:
                changed.set()


class OrderFeed(ChangeFeed):
    """News of orders: `watching(order_id)`."""

    channel = CHANNEL
