"""A shop of real parts: worker processes on real Temporal, Postgres, storage and SMTP, against the simulators."""

import asyncio
import io
import os
import signal
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from PIL import Image
from sqlalchemy import text
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from adapters.db import migrate
from domain.order.messages import OrderRequest, RequestedPicture
from domain.order.order import Order
from domain.vocabulary.pictures import Analysis
from domain.vocabulary.status import Status
from runtime import wiring
from runtime.paths import ROOT
from runtime.settings import Settings
from starter import orders
from starter.client import connect
from tests import skipping
from tests.conftest import Servers
from tests.forks import Forked
from tests.patience import pauses

TIMEOUT_SECONDS = 90.0  # seconds for one step on a busy machine

Found = TypeVar("Found")


@dataclass
class RealShop:
    """Settings of one module's shop, and the worker processes that were started for it."""

    env: Mapping[str, str]
    settings: Settings
    client: Client
    logs: Path
    workers: list[Forked] = field(default_factory=list)

    def start_worker(self, **env: str) -> Forked:
        log = self.logs / f"worker-{len(self.workers)}.log"
        worker = Forked("worker.py", env={**os.environ, **self.env, **env}, out=log, err=log)
        self.workers.append(worker)  # its picture processes are of its group and die with it
        return worker

    def have_a_worker(self) -> None:
        if not self.workers or self.workers[-1].poll() is not None:
            self.start_worker()

    def kill_worker(self) -> None:
        """SIGKILL, as by the kernel: nothing is finished, nothing is said."""
        os.killpg(self.workers[-1].pid, signal.SIGKILL)
        self.workers[-1].wait()

    def stop_worker(self) -> None:
        """Let it do nothing more, so that what it was at can be looked at before it is killed."""
        os.killpg(self.workers[-1].pid, signal.SIGSTOP)

    def have_no_worker(self) -> None:
        if self.workers and self.workers[-1].poll() is None:
            self.kill_worker()

    async def new_order(
        self,
        photo: bytes,
        *,
        note: str = "变清晰一点",
        customer_id: str = "",
        analysis: Analysis | None = None,
        owner: str | None = None,
    ) -> "RealOrder":
        order_id = orders.new_order_id(self.settings.shop_timezone)
        key = f"uploads/{order_id}/1.jpg"
        await wiring.files(self.settings).put(key, photo, "image/jpeg")
        request = OrderRequest(
            customer_id=customer_id or f"customer-{order_id[-6:]}",
            acc_id="shop-1",
            owner=owner,
            pictures=[RequestedPicture(image_key=key, note=note, analysis=analysis)],
        )
        await orders.start(self.client, order_id, request)
        return RealOrder(self, order_id, request.customer_id)

    async def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        engine = wiring.engine(self.settings)
        async with engine.connect() as connection:
            found = [dict(row) for row in (await connection.execute(text(statement), values)).mappings()]
        await engine.dispose()
        return found

    async def staff_told(self, order_id: str, words: str) -> list[str]:
        """Wait until staff are told something of an order; return all messages of theirs that say so."""
        return await eventually(partial(self.staff_read, order_id, words))

    async def staff_read(self, order_id: str, words: str = "") -> list[str]:
        """Return what staff have read of an order with these words by now."""
        core = order_id.removeprefix("ORDER_")  # of work for designers they are told the picture's id, which holds it
        messages = await self.ledger("wecom", order=core, errcode="0")
        return [message["content"] for message in messages if words in message["content"]]

    async def ask_for_fault(self, simulator: str, **fault: Any) -> None:
        """Let the next calls of a simulated provider go wrong."""
        async with httpx.AsyncClient() as http:
            answer = await http.post(f"{self.settings.simulators_url}/{simulator}/faults", json=fault)
        assert answer.is_success, answer.text

    async def tuhui_tasks(self, task_id: str) -> list[dict[str, Any]]:
        """The tasks that were created in the dispatch system for a picture, whether or not we heard of it."""
        return await self.ledger("tuhui", kind="create", order=task_id)

    async def designer_finishes(self, dispatch_task_id: str, picture: bytes) -> None:
        """Let whoever has a task accept it and hand this picture in."""
        async with httpx.AsyncClient() as http:
            for step, files in (("accept", {}), ("finish", {"picture": picture})):
                url = f"{self.settings.simulators_url}/tuhui/desk/{dispatch_task_id}/{step}"
                answer = await http.post(url, files=files)
                assert answer.is_success, answer.text

    async def ledger(self, simulator: str, **filters: str) -> list[dict[str, Any]]:
        async with httpx.AsyncClient() as http:
            answer = await http.get(f"{self.settings.simulators_url}/{simulator}/ledger", params=filters)
        found: list[dict[str, Any]] = answer.json()
        return found


async def eventually(look: Callable[[], Awaitable[Found]], condition: Callable[[Found], Any] = bool) -> Found:
    """Look until what is found is as the condition says: other processes set no event of ours."""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        for pause in pauses():
            if condition(found := await look()):
                break
            await asyncio.sleep(pause)
    return found


@dataclass
class RealOrder:
    """One order of a real shop."""

    shop: RealShop
    order_id: str
    customer_id: str

    async def signal(self, name: str, **payload: Any) -> None:
        handle = self.shop.client.get_workflow_handle(f"order-{self.order_id}")
        await handle.signal(name, payload)

    async def until(self, condition: Callable[[Order], Any], *, told: bool = True) -> Order:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            for pause in pauses():
                with suppress(TimeoutError):  # no worker just now
                    order = await orders.snapshot(self.shop.client, self.order_id)
                    if condition(order) and not (told and (order.has_unreported or order.outbox)):
                        break
                await asyncio.sleep(pause)
        return order

    async def reaches(self, status: Status) -> Order:
        return await self.until(lambda order: order.status is status)

    async def is_quoted(self) -> Decimal:
        """Wait for the quote; return the least that it takes."""
        quote = (await self.until(lambda order: order.quote)).quote
        assert quote is not None
        return quote.minimum

    async def pay(self, amount: Decimal) -> None:
        await self.signal("payment_received", event_id="pay", payment_id="pay-1", amount=str(amount))

    async def is_shown(self) -> Order:
        """Pay what it costs, and wait until the preview lies before the customer."""
        await self.pay(await self.is_quoted())
        return await self.reaches(Status.AWAITING_CONFIRM)

    async def pass_time(self, duration: timedelta) -> None:
        skipper = TimeSkipper(self.shop.client, config=TimeSkippingConfig(enabled=False))
        await skipping.pass_time(skipper, self.shop.client.get_workflow_handle(f"order-{self.order_id}"), duration)

    async def calls(self, kind: str = "image") -> list[dict[str, Any]]:
        """The calls of a kind to a model that stand in the tables, in the order they were made."""
        statement = "SELECT * FROM image_generation_task WHERE order_id = :id AND kind = :kind ORDER BY id"
        return await self.shop.rows(statement, id=self.order_id, kind=kind)


@asynccontextmanager
async def opened(env: Mapping[str, str], logs: Path) -> AsyncIterator[RealShop]:
    """A shop at the place that these settings name; its workers end with it."""
    values: dict[str, Any] = {name.lower(): value for name, value in env.items()}
    settings = Settings(_env_file=None, **values)
    client = await connect(settings.temporal_address, settings.temporal_namespace)
    shop = RealShop(env, settings, client, logs)
    try:
        yield shop
    finally:
        for worker in shop.workers:
            if worker.poll() is None:
                os.killpg(worker.pid, signal.SIGKILL)
                worker.wait()


async def furnished(servers: Servers) -> dict[str, str]:
    """Return the settings of a schema and a bucket of their own; Gemini is simulated over the wire."""
    mark = uuid.uuid4().hex[:8]
    env = {**servers.start("postgres", "temporal", "storage", "simulators")}
    env |= {"DATABASE_SCHEMA": f"shop_{mark}", "S3_BUCKET_NAME": f"shop-{mark}"}
    env |= {"IMAGING_PROCESSES": "1"}  # each takes 2 s of CPU to start, with each worker
    values: dict[str, Any] = {name.lower(): value for name, value in env.items()}
    settings = Settings(_env_file=None, **values)
    await migrate.upgrade(settings.database_url, settings.database_schema)
    await wiring.files(settings).put("made.txt", b"", "text/plain")  # makes the bucket
    return env


@pytest.fixture(scope="module")
async def real_shop(
    servers: Servers, namespace: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RealShop]:
    """A shop in a namespace, schema and bucket of its own."""
    env = await furnished(servers) | {"TEMPORAL_NAMESPACE": namespace}
    async with opened(env, tmp_path_factory.mktemp("workers")) as shop:
        yield shop


@pytest.fixture
def photo() -> bytes:
    """A real photograph, its bytes like no other's, so that a ledger tells which order a call was for."""
    copy = io.BytesIO()
    with Image.open(ROOT / "demo" / "photos" / "coffee.jpg") as coffee:
        coffee.save(copy, "JPEG", quality=90, comment=uuid.uuid4().bytes)
    return copy.getvalue()
