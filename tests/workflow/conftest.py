from collections.abc import AsyncIterator

import pytest
from temporalio.testing import TimeSkipper

from tests.shop import FakeShop
from tests.workflow.unforeseen import TRIES


@pytest.fixture
def closed_shop(temporal_env: TimeSkipper) -> FakeShop:
    """A shop on fakes that a test sets up before it opens."""
    return FakeShop(temporal_env)


@pytest.fixture
async def shop(temporal_env: TimeSkipper) -> AsyncIterator[FakeShop]:
    """A shop on fakes, open for orders."""
    async with FakeShop(temporal_env).open() as shop:
        yield shop


@pytest.fixture
def few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that ends with an unforeseen error is tried less often than in a shop."""
    monkeypatch.setattr("activities.failures.BUGS", TRIES)
