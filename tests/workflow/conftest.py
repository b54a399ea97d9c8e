from collections.abc import AsyncIterator

import pytest
from temporalio.testing import TimeSkipper

from tests.shop import FakeShop


@pytest.fixture
def closed_shop(temporal_env: TimeSkipper) -> FakeShop:
    """A shop on fakes that a test sets up before it opens."""
    return FakeShop(temporal_env)


@pytest.fixture
async def shop(temporal_env: TimeSkipper) -> AsyncIterator[FakeShop]:
    """A shop on fakes, open for orders."""
    async with FakeShop(temporal_env).open() as shop:
        yield shop
