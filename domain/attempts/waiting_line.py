"""A limit on what happens at the same time, with a waiting line in which the most urgent goes first."""

import asyncio
import heapq
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count


class WaitingLine:
    """Room for a number of things at once. Who finds no room waits: the lowest rank first, of equals the first come."""

    def __init__(self, room: float = math.inf) -> None:
        self.room = room
        self.used = 0.0
        self._waiting: list[tuple[float, int, float, asyncio.Future[None]]] = []
        self._numbers = count()

    @property
    def length(self) -> int:
        """How many wait."""
        return sum(not turn.done() for *_, turn in self._waiting)

    @asynccontextmanager
    async def place(self, rank: float = 0, *, size: float = 1, seconds: float | None = None) -> AsyncIterator[None]:
        """Hold a place of this size. Raises TimeoutError after waiting for so many seconds.

        What is larger than the room waits until nothing else is in it.
        """
        await self._enter(rank, size, seconds)
        try:
            yield
        finally:
            self._leave(size)

    def resize(self, room: float) -> None:
        """Change the room. Who is in stays."""
        self.room = room
        self._serve()

    async def _enter(self, rank: float, size: float, seconds: float | None) -> None:
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (rank, next(self._numbers), size, turn))
        self._serve()
        try:
            async with asyncio.timeout(None if turn.done() else seconds):
                await turn
        except BaseException:
            if turn.cancelled():
                self._serve()  # it may have held back smaller ones
            else:
                self._leave(size)  # its turn came at the same moment
            raise

    def _leave(self, size: float) -> None:
        self.used -= size
        self._serve()

    def _serve(self) -> None:
        """Give room to the first ones. A large one that does not fit yet is not overtaken, or it might wait forever."""
        while self._waiting:
            _, _, size, turn = self._waiting[0]
            if not turn.done() and self.used and self.used + size > self.room:
                return
            heapq.heappop(self._waiting)
            if not turn.done():
                self.used += size
                turn.set_result(None)
