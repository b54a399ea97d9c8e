"""Turns of calls to models: the limits of the settings, what 429s teach, and memory."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from activities import allowance
from activities.allowance import FORGOTTEN, LONGEST_LINE
from activities.turns import COPIES, Turns
from domain.vocabulary.errors import ModelRefused, ModelUnavailable, NotYet
from domain.vocabulary.model_limits import ModelLimit
from domain.vocabulary.outcomes import Outcome

MODEL, OTHER = "image-model", "other-model"
HALF_A_MINUTE = timedelta(seconds=30)


class Provider:
    """A provider whose calls go on until the test ends them."""

    def __init__(self, limits: Mapping[str, ModelLimit] | None = None, memory: float = float("inf")) -> None:
        self.seconds = 0.0
        self.turns = Turns(limits or {}, memory, clock=lambda: self.seconds)
        self.at_once = 0
        self.pauses: list[timedelta] = []
        self.answers = asyncio.Queue[Exception | None]()

    async def call(self, model: str = MODEL, size: int = 1) -> None:
        async with self.turns.turn("provider", model, size) as pause:
            self.pauses.append(pause)
            self.at_once += 1
            try:
                if answer := await self.answers.get():
                    raise answer
            finally:
                self.at_once -= 1

    @asynccontextmanager
    async def under_way(self, *calls: tuple[str, int]) -> AsyncIterator[list[asyncio.Task[None]]]:
        """These calls, as far as they can come; then all are answered."""
        tasks = [asyncio.create_task(self.call(*call)) for call in calls]
        await settle()
        try:
            yield tasks
        finally:
            for task in tasks:
                if not task.done():
                    self.answers.put_nowait(None)
            await asyncio.gather(*tasks, return_exceptions=True)  # an exception that nobody reads would be logged

    async def answer(self, *answers: Exception | None) -> None:
        for one in answers:
            self.answers.put_nowait(one)
        await settle()

    async def most_at_once(self) -> int:
        """How many of many calls are made at once. They are answered, so this teaches nothing after a cut."""
        async with self.under_way(*[(MODEL, 1)] * (LONGEST_LINE + 1)):
            return self.at_once


async def settle() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


def busy(retry_after: timedelta | None = None) -> ModelUnavailable:
    return ModelUnavailable("429", Outcome.BUSY, retry_after=retry_after)


async def test_without_a_limit_dozens_of_calls_wait_at_once() -> None:
    provider = Provider()
    async with provider.under_way(*[(MODEL, 1_000_000)] * 60):
        assert provider.at_once == 60


@pytest.mark.parametrize(
    ("limited", "expected"), [(MODEL, 2 + 4), ("provider", 2), ("another", 4 + 4)], ids=["model", "provider", "neither"]
)
async def test_a_limit_is_of_a_model_or_of_all_models_of_a_provider(limited: str, expected: int) -> None:
    provider = Provider({limited: ModelLimit(at_once=2)})
    async with provider.under_way(*[(MODEL, 1), (OTHER, 1)] * 4):
        assert provider.at_once == expected
        await provider.answer(*[None] * 8)
    assert len(provider.pauses) == 8


async def test_a_model_named_like_its_provider_has_one_limit() -> None:
    provider = Provider({"provider": ModelLimit(at_once=1)})
    async with provider.under_way(("provider", 1)):
        assert provider.at_once == 1


async def test_a_long_line_gives_steps_back_at_once_and_a_long_wait_gives_them_back_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    provider = Provider({MODEL: ModelLimit(at_once=1)})
    async with provider.under_way(*[(MODEL, 1)] * (1 + LONGEST_LINE)):
        with pytest.raises(NotYet, match="many wait") as raised:
            await provider.call()
        assert (raised.value.permanent, raised.value.tries) == (False, None)
        assert raised.value.retry_after
    monkeypatch.setattr(allowance, "WAIT", 0.001)
    async with provider.under_way((MODEL, 1)):
        with pytest.raises(NotYet, match="no turn"):
            await provider.call()


async def test_a_full_minute_gives_steps_back_until_it_is_over() -> None:
    provider = Provider({MODEL: ModelLimit(per_minute=3)})
    async with provider.under_way(*[(MODEL, 1)] * 3):
        provider.seconds = 20
        with pytest.raises(NotYet, match="full") as raised:
            await provider.call()
        assert raised.value.retry_after == timedelta(seconds=40)
    provider.seconds = 60
    async with provider.under_way(*[(MODEL, 1)] * 3):
        assert provider.at_once == 3


async def test_a_429_halves_the_calls_at_once_only_once_for_all_under_way() -> None:
    provider = Provider()
    async with provider.under_way(*[(MODEL, 1)] * 8):
        await provider.answer(busy(), busy(), busy())
    assert await provider.most_at_once() == 4


async def test_answers_let_the_calls_grow_until_the_429_is_forgotten() -> None:
    provider = Provider()
    async with provider.under_way(*[(MODEL, 1)] * 4):
        await provider.answer(busy())
    provider.seconds = 1
    for _ in range(int(FORGOTTEN) ** 2):
        provider.answers.put_nowait(None)
        await provider.call()
    async with provider.under_way(*[(MODEL, 1)] * 100):
        assert provider.at_once == 100


async def test_a_429_never_allows_more_than_the_settings() -> None:
    provider = Provider({MODEL: ModelLimit(at_once=3)})
    async with provider.under_way(*[(MODEL, 1)] * 3):
        await provider.answer(busy())
    provider.seconds = 1
    assert await provider.most_at_once() == 1
    for _ in range(50):
        provider.answers.put_nowait(None)
        await provider.call()
    assert await provider.most_at_once() == 3


async def test_a_pause_that_a_provider_asks_for_is_known_to_the_next_calls_of_that_model_only() -> None:
    provider = Provider()
    async with provider.under_way((MODEL, 1)):
        await provider.answer(busy(HALF_A_MINUTE))
    async with provider.under_way((MODEL, 1), (OTHER, 1)):
        assert provider.pauses[1:] == [HALF_A_MINUTE, timedelta(0)]
    provider.seconds = 30
    async with provider.under_way((MODEL, 1)):
        assert provider.pauses[-1] == timedelta(0)


async def test_other_failures_teach_nothing() -> None:
    provider = Provider()
    async with provider.under_way(*[(MODEL, 1)] * 8):
        await provider.answer(ModelRefused("no"), ModelUnavailable("500", Outcome.BROKEN))
    assert await provider.most_at_once() == LONGEST_LINE + 1


async def test_calls_hold_no_more_memory_than_allowed_and_a_huge_one_goes_alone() -> None:
    provider = Provider(memory=COPIES * 10)
    async with provider.under_way((MODEL, 6), (OTHER, 4), (MODEL, 1), (MODEL, 50)):
        assert (provider.at_once, provider.turns.memory.used) == (2, COPIES * 10)
        await provider.answer(None, None)
        assert (provider.at_once, provider.turns.memory.used) == (1, COPIES * 1)
        await provider.answer(None)
        assert (provider.at_once, provider.turns.memory.used) == (1, COPIES * 50)
    assert provider.turns.memory.used == 0
