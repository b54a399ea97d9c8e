"""A database engine for the duration of one command."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from runtime.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")


async def with_engine(work: "Callable[[AsyncEngine], Awaitable[T]]") -> T:
    """Run some work on a fresh engine, return its result, and dispose of the engine."""
    from runtime import wiring

    engine = wiring.engine(Settings())
    try:
        return await work(engine)
    finally:
        await engine.dispose()
