"""What holds for all unit tests."""

import gc
import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def nothing_fails_unread() -> Iterator[None]:
    """Let no test leave a task or future whose exception nobody reads: asyncio only logs it, when it is collected."""
    told: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("asyncio")
    logger.addHandler(handler)
    yield
    gc.collect()
    logger.removeHandler(handler)
    assert told == []
