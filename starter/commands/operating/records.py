"""The records in Postgres, for as long as a command needs them."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from runtime.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")


async def with_engine(work: "Callable[[AsyncEngine], Awaitable[T]]") -> T:
    """Do something with the records, and return what came of it."""
    from runtime import wiring

    engine = wiring.engine(Settings())
    try:
        return await work(engine)
    finally:
        await engine.dispose()
