"""Places where orders are played side by side, each with a namespace and a worker of its own."""

import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from stack.servers.temporal import bootstrap
from tests.conftest import Servers
from tests.integration.orders.conftest import RealShop, furnished, opened

pytest.register_assert_rewrite("tests.faults.books", "tests.faults.crashes")

Place = Callable[[], AbstractAsyncContextManager[RealShop]]


@pytest.fixture(scope="module")
async def furniture(servers: Servers) -> Mapping[str, str]:
    """A schema and a bucket, which all shops of a module share."""
    return await furnished(servers)


@pytest.fixture(scope="module")
def place(furniture: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Place:
    """What opens a shop whose worker nobody else's orders meet."""

    @asynccontextmanager
    async def shop() -> AsyncIterator[RealShop]:
        namespace = f"test-{uuid.uuid4().hex[:8]}"
        await bootstrap(furniture["TEMPORAL_ADDRESS"], namespace)
        env = {**furniture, "TEMPORAL_NAMESPACE": namespace}
        async with opened(env, tmp_path_factory.mktemp("workers")) as shop:
            yield shop

    return shop
