"""How much may be asked of a model now: by the settings, and by what its 429s taught."""

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from temporalio import activity

from activities.failures import LONGEST_DELAY
from activities.urgency import urgency
from domain.attempts.waiting_line import WaitingLine
from domain.texts.phrase import said
from domain.vocabulary.errors import ModelError, NotYet
from domain.vocabulary.model_limits import ModelLimit
from domain.vocabulary.outcomes import Outcome

WAIT = 10.0  # seconds for a turn; then the step is given back, with its slot and its pictures
LONGEST_LINE = 8  # calls that wait for one limit; the next ones are given back at once
LATER = timedelta(seconds=5)
MINUTE = 60.0
FORGOTTEN = 64.0  # calls at once at which what a 429 taught is forgotten


@asynccontextmanager
async def in_line(line: WaitingLine, what: str, size: float = 1) -> AsyncIterator[None]:
    """Hold a place in a line. Raises NotYet if it is long, so that the step is tried again later."""
    if line.length >= LONGEST_LINE:
        raise later(f"many wait for {what}", LATER)
    async with AsyncExitStack() as held:
        try:
            await held.enter_async_context(line.place(urgency(), size=size, seconds=WAIT))
        except TimeoutError:
            raise later(f"no turn for {what} within {WAIT:.0f} s", LATER) from None
        yield


def later(message: str, retry_after: timedelta) -> NotYet:
    """Return the error that gives a step back: no failure, and not counted as a try of the model."""
    return NotYet(message, retry_after=retry_after, why=said("outcome.busy", detail=message))


class Allowance:
    """The calls to one model, or to one provider: a limit at once, one per minute, and pauses the provider asks for.

    Only models learn from 429s, since providers count the calls of each model.
    """

    def __init__(
        self, name: str, limit: ModelLimit, clock: Callable[[], float] = time.monotonic, *, learns: bool = True
    ) -> None:
        self._name = name
        self._learns = learns
        self._clock = clock
        self._most = limit.at_once or math.inf
        self.line = WaitingLine(self._most)
        self._per_minute = limit.per_minute or math.inf
        self._begun: deque[float] = deque()  # in the last minute
        self._open_at = self._cut_at = -math.inf

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[timedelta]:
        """Wait for a turn, and learn from how the call ends. Yields how long the provider still wants no calls.

        Raises NotYet.
        """
        async with in_line(self.line, self._name):
            await self._wait_for_minute()
            if 0 < (rest := self._open_at - self._clock()) <= WAIT:
                await asyncio.sleep(rest)
            begun = self._clock()
            pause = timedelta(seconds=max(0.0, self._open_at - begun))
            try:
                yield pause
            except ModelError as error:
                if self._learns and error.outcome is Outcome.BUSY and not pause:
                    self._slow_down(error.retry_after, is_news=begun > self._cut_at)
                raise
            if begun > self._cut_at:
                self._speed_up()

    async def _wait_for_minute(self) -> None:
        while True:
            now = self._clock()
            while self._begun and now - self._begun[0] >= MINUTE:
                self._begun.popleft()
            if len(self._begun) < self._per_minute:
                break
            if (rest := self._begun[0] + MINUTE - now) > WAIT:
                raise later(f"the minute of {self._name} is full", timedelta(seconds=rest))
            await asyncio.sleep(rest)
        if self._per_minute < math.inf:
            self._begun.append(now)

    def _slow_down(self, retry_after: timedelta | None, *, is_news: bool) -> None:
        """Halve the calls at once, but only once for all that were under way together, and pause as long as asked."""
        now = self._clock()
        if is_news:
            self.line.resize(max(1.0, self.line.used // 2))
            self._cut_at = now
            activity.logger.info("%s answers 429: at most %d calls at once now", self._name, self.line.room)
        if retry_after:
            self._open_at = max(self._open_at, now + min(retry_after, LONGEST_DELAY).total_seconds())

    def _speed_up(self) -> None:
        """Allow one more at once after as many answers as are allowed at once."""
        if self.line.room < self._most:
            more = self.line.room + 1 / self.line.room
            self.line.resize(self._most if more >= min(self._most, FORGOTTEN) else more)
