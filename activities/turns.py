"""Turns of calls to models, so that no provider is asked more than it allows, and memory stays bounded."""

import math
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from activities.allowance import Allowance, in_line
from domain.attempts.waiting_line import WaitingLine
from domain.vocabulary.model_limits import ModelLimit

COPIES = 5  # of a picture while it is sent: itself, base64, JSON and the request, measured with google-genai
UNLIMITED: Mapping[str, ModelLimit] = {}


class Turns:
    """The limits of all models of this worker, by the name of a provider or of a model."""

    def __init__(
        self,
        limits: Mapping[str, ModelLimit] = UNLIMITED,
        memory: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits
        self._clock = clock
        self.memory = WaitingLine(memory)  # bytes
        self._allowances: dict[str, Allowance] = {}

    @asynccontextmanager
    async def turn(self, provider: str, model: str, size: int) -> AsyncIterator[timedelta]:
        """Wait for a turn to send so many bytes. Yields how long the provider still wants no calls. Raises NotYet."""
        async with AsyncExitStack() as held:
            if provider != model:  # else they have one limit
                await held.enter_async_context(self._of(provider, learns=False).turn())
            pause = await held.enter_async_context(self._of(model, learns=True).turn())
            await held.enter_async_context(in_line(self.memory, "memory", COPIES * size))
            yield pause

    def _of(self, name: str, *, learns: bool) -> Allowance:
        if name not in self._allowances:
            limit = self._limits.get(name, ModelLimit())
            self._allowances[name] = Allowance(name, limit, self._clock, learns=learns)
        return self._allowances[name]
