"""What tests of unforeseen errors share: a port that breaks, and what staff hear of it."""

import asyncio
from collections.abc import Callable

import pytest

from tests.shop import TIMEOUT_SECONDS, FakeShop

TRIES = 2  # here; what they are in a shop a test of the interceptor says
BUG = "a bug of ours"
BROKEN = "程序出错"  # as staff read it

Breaks = Callable[[FakeShop, pytest.MonkeyPatch], None]


def breaks(port: str, method: str) -> Breaks:
    """Let a method of a port raise what nobody foresaw."""

    async def broken(*_: object, **__: object) -> None:
        raise ValueError(BUG)

    return lambda shop, patch: patch.setattr(getattr(shop, port), method, broken)


async def told_of(shop: FakeShop) -> list[str]:
    return [told for told in shop.staff.told if BROKEN in told]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while not condition():  # noqa: ASYNC110 - it is another process that makes it true
            await asyncio.sleep(0.1)
