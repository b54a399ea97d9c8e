"""Health that means something: what is broken is named within seconds, and the process lives on."""

import asyncio
import os
import signal
import uuid
from collections.abc import AsyncIterator, Iterator
from signal import SIGCONT, SIGSTOP

import pytest
from temporalio.api.operatorservice.v1 import DeleteNamespaceRequest

from gateway.app import create_app
from runtime.readiness import missing
from stack.servers.temporal import bootstrap
from starter.client import connect
from tests.conftest import Servers
from tests.integration.gateway.serving import served
from tests.integration.orders.conftest import RealShop, eventually
from tests.integration.orders.pages import SECONDS, Page, worker


@pytest.fixture(autouse=True)
def no_worker_is_left(real_shop: RealShop) -> Iterator[None]:
    yield
    for left in real_shop.workers:
        if left.poll() is None:
            os.killpg(left.pid, signal.SIGKILL)
            left.wait()


@pytest.fixture
async def gateway(real_shop: RealShop) -> AsyncIterator[Page]:
    with served(create_app(real_shop.settings)) as url:
        page = Page(url)
        await page.is_ready()
        yield page


async def test_a_worker_that_polls_says_so_for_each_of_its_queues(real_shop: RealShop) -> None:
    page = worker(real_shop)
    queues = {f"queue {name}": "ok" for name in ("orders", "images", "pixels", "staff")}
    assert await page.is_ready() == {"temporal": "ok", "postgres": "ok", "storage": "ok", "disk": "ok", **queues}
    assert await page.lives()


async def test_a_frozen_temporal_is_named_by_worker_and_gateway_until_it_goes_on(
    real_shop: RealShop, servers: Servers, gateway: Page
) -> None:
    page = worker(real_shop)
    await page.is_ready()
    servers.send("temporal", SIGSTOP)
    try:
        async with asyncio.timeout(SECONDS):
            of_worker = page.lacks("temporal", "queue orders", "queue images", "queue pixels", "queue staff")
            await asyncio.gather(of_worker, gateway.lacks("temporal"))
    finally:
        servers.send("temporal", SIGCONT)
    await page.is_ready()
    await gateway.is_ready()


@pytest.mark.parametrize("name", ["postgres", "storage"])
async def test_a_frozen_store_is_named_by_worker_and_gateway_until_it_goes_on(
    real_shop: RealShop, servers: Servers, gateway: Page, name: str
) -> None:
    page = worker(real_shop)
    await page.is_ready()
    servers.send(name, SIGSTOP)
    try:
        async with asyncio.timeout(SECONDS):
            await asyncio.gather(page.lacks(name), gateway.lacks(name))
    finally:
        servers.send(name, SIGCONT)
    await page.is_ready()
    await gateway.is_ready()


async def test_a_wrong_password_of_the_records_is_named(real_shop: RealShop) -> None:
    password = real_shop.env["DATABASE_URL"].split(":")[2].split("@")[0]
    page = worker(real_shop, DATABASE_URL=real_shop.env["DATABASE_URL"].replace(password, "wrong"))
    await eventually(page.readiness, lambda answer: missing(answer[1]) == ["postgres"])
    await page.lacks("postgres")


async def test_a_namespace_that_goes_away_is_said_and_ends_the_worker_or_its_readiness(real_shop: RealShop) -> None:
    namespace = f"gone-{uuid.uuid4().hex[:8]}"
    await bootstrap(real_shop.settings.temporal_address, namespace)
    client = await connect(real_shop.settings.temporal_address, namespace)
    page = worker(real_shop, TEMPORAL_NAMESPACE=namespace)
    await page.is_ready()
    await client.operator_service.delete_namespace(DeleteNamespaceRequest(namespace=namespace))
    process = real_shop.workers[-1]

    async def is_told() -> bool:
        return process.poll() == 1 or (await page.readiness())[0] == 503

    await eventually(is_told)


async def test_a_worker_of_a_namespace_that_is_not_there_ends_with_a_sentence(real_shop: RealShop) -> None:
    process = real_shop.start_worker(TEMPORAL_NAMESPACE="nobody-has-made-it")
    assert await asyncio.to_thread(process.wait, 60) == 1
    log = (real_shop.logs / f"worker-{len(real_shop.workers) - 1}.log").read_text()
    assert "worker failed" in log
    assert "nobody-has-made-it" in log


async def test_a_worker_without_a_temporal_server_ends_with_a_sentence(real_shop: RealShop, servers: Servers) -> None:
    servers.send("temporal", SIGSTOP)
    try:
        process = real_shop.start_worker()
        assert await asyncio.to_thread(process.wait, 60) == 1
    finally:
        servers.send("temporal", SIGCONT)
